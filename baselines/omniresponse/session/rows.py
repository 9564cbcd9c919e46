"""What the dialogues of a group have side by side, a row each: arrays written anew each frame, caches and streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.segment import Speech
from baselines.omniresponse.session.dialogue import DialogueSide, silence_of
from baselines.omniresponse.session.lockstep.codec import open_streams
from baselines.omniresponse.session.lockstep.network import NetworkRows, RowInputs
from baselines.omniresponse.session.lockstep.voice import RowCodes
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.text.wordform import LETTER_SLOTS
from omnibench.media.face import FACE_DIM
from omnibench.types import DialogueContext, SpeakerFrame

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


class Rows:
    """The dialogues of a group; arguments and errors as of ``StreamingGroup``.

    ``sides`` are the dialogues one by one, ``network`` is the network over all of them. Methods take ``where``, the
    rows that a call is about.
    """

    def __init__(
        self,
        model: OmniResponse,
        tokenizer: ChronoTokenizer,
        codec: Codec,
        contexts: Sequence[DialogueContext],
        voiceprints: Sequence[Tensor],
    ) -> None:
        silence, self._window = silence_of(codec), model.settings.window
        self.sides = [
            DialogueSide(model, tokenizer, codec, context, voiceprint, silence)
            for context, voiceprint in zip(contexts, voiceprints, strict=True)
        ]
        rows = len(self.sides)
        self._fps = np.array([float(context.fps) for context in contexts])
        self._token_rate, self._pacing = codec.token_rate, average_pacing(rows, contexts[0].fps)
        self._pacing.late[:] = 0.5 / self._fps
        self._faces = np.zeros((4, rows, FACE_DIM), dtype=np.float32)  # listener, delayed, speaker, at rest
        self._tokens = np.zeros((2, rows), dtype=np.int64)  # own, heard
        self._codes = np.full(rows, silence)
        self._letters = np.zeros((rows, LETTER_SLOTS), dtype=np.int64)
        self._forms = np.zeros((3, rows), dtype=np.int64)  # token, head, age

        self.network = NetworkRows(model, rows, max(side.longest_prefix for side in self.sides))
        self._streams = open_streams(codec, torch.stack([voiceprint.cpu() for voiceprint in voiceprints]))
        with torch.inference_mode():
            for row, side in enumerate(self.sides):
                self._faces[3, row] = side.past.rest
                self.network.refill(row, side.segment(0))
            self._play_silence()

    def _play_silence(self) -> None:
        """Frame 0 is silent."""
        counts = np.array([side.schedule.tokens_before(1) for side in self.sides])
        self._decode([self._codes.copy() for _ in range(counts.max())], counts, range(len(self.sides)))
        for side in self.sides:
            side.take_sound(0)

    def hear(self, row: int, frame: SpeakerFrame, place: int, hop: bool) -> None:
        """Take a dialogue's newest frame, the ``place``-th of its segment; with ``hop`` its caches are filled anew."""
        side, past = self.sides[row], self.sides[row].past
        heard = side.hear(frame)
        if hop:
            self.network.refill(row, side.segment(frame.index))
        past.speaker.append(np.asarray(frame.face, dtype=np.float32))
        past.heard.append(heard)
        faces, late = self._faces, max(place - side.delay, 0)
        faces[0, row], faces[1, row], faces[2, row] = past.listener[-1], past.listener[late], past.speaker[-1]
        self._tokens[:, row] = past.forms[-1][0], heard

    def inputs(self, place: int, where: slice) -> RowInputs:
        """What was taken, for the ``place``-th frame of the segment."""
        listener, delayed, speaker, rest = self._tensor(self._faces[:, where])
        own, heard = self._tensor(self._tokens[:, where])
        known = np.array([place >= side.delay for side in self.sides[where]])
        positions = np.array([place * (self._window.position_rate / fps) for fps in self._fps[where]])
        return RowInputs(
            listener=listener,
            delayed=delayed,
            known=self._tensor(known),
            speaker=speaker,
            rest=rest,
            own=own,
            heard=heard,
            positions=self._tensor(positions.astype(np.float32)),
        )

    def take_form(self, row: int) -> None:
        """Take the newest text token of a dialogue."""
        token, head, spelled, age = self.sides[row].past.forms[-1]
        self._forms[:, row] = token, head, age
        self._letters[row] = 0
        self._letters[row, : len(spelled)] = spelled

    def speech(self, start: int, then: int, where: slice) -> Speech:
        """What is said on frame ``then`` of segments that start at frame ``start``."""
        tokens, heads, ages = self._forms[:, where]
        times = [side.schedule.start(then) - side.schedule.start(start) for side in self.sides[where]]
        seconds = (ages / self._fps[where]).astype(np.float32)
        return Speech(
            tokens=self._tensor(tokens),
            heads=self._tensor(heads),
            letters=self._tensor(self._letters[where]),
            ages=self._tensor(seconds),
            positions=self._tensor(self._pacing[where].positions(seconds)),
            times=self._tensor(np.array(times, dtype=np.float32)),
        )

    def speak(
        self, ages: NDArray[np.float32], start: int, then: int, where: slice, live: Sequence[int]
    ) -> dict[int, Tensor]:
        """Draw and decode the audio tokens of frame ``then``; the dialogues in the rows ``live`` hear them.

        Args:
            ages: ``(rows,)`` seconds since each word began.
            start: first frame of the segment.
            then: the frame.
            where: the rows.
            live: those of them that go on.

        Returns:
            by row, the logits ``(k, codes)``.
        """
        sides = self.sides[where]
        first = np.array([side.schedule.tokens_before(then) for side in sides])
        counts = np.array([side.schedule.tokens_before(then + 1) for side in sides]) - first
        segment = np.array([side.schedule.tokens_before(start + 1) for side in sides])
        begins = np.array([side.schedule.start(then) for side in sides])
        origins = np.array([side.schedule.start(start) for side in sides])
        drawn: dict[int, list[Tensor]] = {row: [] for row in live}
        spoken = []
        for number in range(counts.max()):
            codes = first + number
            now = (ages + (codes - begins) / self._token_rate).astype(np.float32)
            logits = self.network.sound(
                RowCodes(
                    previous=self._tensor(self._codes[where]),
                    order=codes - segment,
                    times=self._tensor((codes - origins).astype(np.float32)),
                    ages=self._tensor(now),
                    positions=self._tensor(self._pacing[where].positions(now)),
                ),
                where,
            ).cpu()
            for row in live:
                if counts[row - where.start] > number:
                    mine = logits[row - where.start]
                    self._codes[row] = self.sides[row].choose_code(mine.numpy())
                    drawn[row].append(mine)
            spoken.append(self._codes.copy())
        brought = np.zeros(len(self.sides), dtype=np.int64)
        brought[where] = counts
        self._decode(spoken, brought, live)
        return {row: torch.stack(found) for row, found in drawn.items()}

    def _decode(self, codes: Sequence[NDArray[np.int64]], counts: NDArray[np.int64], rows: Sequence[int]) -> None:
        """Decode the first ``counts`` ``(rows,)`` of the audio tokens ``codes``, each ``(rows,)``; ``rows`` hear them.

        In one call where all have as many. Which they have depends on their frame rates alone.
        """
        if (counts == counts[0]).all():
            parts = [(np.stack(codes, axis=1), counts > 0)]
        else:
            parts = [(tokens[:, None], counts > number) for number, tokens in enumerate(codes)]
        for tokens, active in parts:
            sound = self._streams.push(torch.from_numpy(tokens), active).numpy()
            for row in rows:
                if active[row]:
                    self.sides[row].hear_itself(sound[row])

    def _tensor(self, values: NDArray[np.generic]) -> Tensor:
        # A copy: the buffers are written again while a device may still read them.
        return torch.from_numpy(values.copy()).to(self.network.device)
