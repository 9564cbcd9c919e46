"""Dialogues answered frame by frame, one alone or many in lock-step; both are the same code.

An ordinary step appends three tokens and recomputes nothing. Every ``window.hop`` frames, once the window is full,
the oldest frames leave: their words enter the static history, and the caches are filled anew from what the session
itself saw and said. Which steps hop depends on the frame index alone, so all dialogues of a group hop together; their
frame rates, and so their audio tokens a frame, may differ, and any of them may end early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.network.model import OmniResponse, Outputs
from baselines.omniresponse.network.segment import Speech
from baselines.omniresponse.session.dialogue import DialogueSide, silence_of
from baselines.omniresponse.session.lockstep.codec import open_streams
from baselines.omniresponse.session.lockstep.network import NetworkRows, RowInputs
from baselines.omniresponse.session.lockstep.voice import RowCodes
from baselines.omniresponse.session.past import Past
from baselines.omniresponse.text.layout import is_hop, segment_start
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.text.wordform import LETTER_SLOTS
from omnibench.media.face import FACE_DIM
from omnibench.types import Audio, DialogueContext, ListenerFrame, SpeakerFrame, Word

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


class StreamingSession:
    """One dialogue of a group; a ``Session`` of the online-step interface.

    ``hop_steps`` counts steps that refilled the caches; ``observe`` gets each step's raw logits and scores; ``past``
    may be read.
    """

    def __init__(self, group: StreamingGroup, row: int, side: DialogueSide) -> None:
        self._group, self._row, self._side = group, row, side
        self.observe: Callable[[Outputs], None] | None = None
        self.hop_steps = 0

    @property
    def model(self) -> OmniResponse:
        """The network."""
        return self._group.model

    @property
    def context(self) -> DialogueContext:
        """What the dialogue was opened with."""
        return self._side.context

    @property
    def voiceprint(self) -> Tensor:
        """The voice it answers in."""
        return self._side.voiceprint

    @property
    def past(self) -> Past:
        """What it remembers."""
        return self._side.past

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Answer frame ``i`` with face, sound and words for frame ``i + 1``."""
        return self._group.step_row(self._row, frame)

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""


class StreamingGroup(Sequence[StreamingSession]):
    """Dialogues in lock-step: a ``LockStep`` of the online-step interface.

    Args:
        model: the network.
        tokenizer: of the network.
        codec: of the network.
        contexts: one a dialogue.
        voiceprints: ``(d,)``, one a dialogue.

    Raises:
        InputError: a frame rate or audio rate that the codec cannot serve.
    """

    def __init__(
        self,
        model: OmniResponse,
        tokenizer: ChronoTokenizer,
        codec: Codec,
        contexts: Sequence[DialogueContext],
        voiceprints: Sequence[Tensor],
    ) -> None:
        self.model, silence = model, silence_of(codec)
        self._sides = [
            DialogueSide(model, tokenizer, codec, context, voiceprint, silence)
            for context, voiceprint in zip(contexts, voiceprints, strict=True)
        ]
        self._sessions = [StreamingSession(self, row, side) for row, side in enumerate(self._sides)]
        rows = len(self._sides)
        self._fps = np.array([float(context.fps) for context in contexts])
        self._token_rate, self._pacing = codec.token_rate, average_pacing(rows, contexts[0].fps)
        self._pacing.late[:] = 0.5 / self._fps
        self._faces = np.zeros((4, rows, FACE_DIM), dtype=np.float32)  # listener, delayed, speaker, at rest
        self._tokens = np.zeros((2, rows), dtype=np.int64)  # own, heard
        self._codes = np.full(rows, silence)
        self._letters = np.zeros((rows, LETTER_SLOTS), dtype=np.int64)
        self._forms = np.zeros((3, rows), dtype=np.int64)  # token, head, age

        self._network = NetworkRows(model, rows, max(side.longest_prefix for side in self._sides))
        self._streams = open_streams(codec, torch.stack([voiceprint.cpu() for voiceprint in voiceprints]))
        self._samples = codec.sample_rate // codec.token_rate
        with torch.inference_mode():
            for row, side in enumerate(self._sides):
                self._faces[3, row] = side.past.rest
                self._network.refill(row, side.segment(0))
            self._play_silence()

    def __len__(self) -> int:
        return len(self._sessions)

    @overload
    def __getitem__(self, place: int) -> StreamingSession: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[StreamingSession]: ...

    def __getitem__(self, place: int | slice) -> StreamingSession | Sequence[StreamingSession]:
        return self._sessions[place]

    def _play_silence(self) -> None:
        """Frame 0 is silent."""
        counts = np.array([side.schedule.tokens_before(1) for side in self._sides])
        self._decode([self._codes.copy() for _ in range(counts.max())], counts, range(len(self)))
        for side in self._sides:
            side.take_sound(0)

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> list[ListenerFrame | None]:
        """Answer frame ``i`` of all dialogues; None for one that is over.

        Raises:
            ValueError: frames of different index, or not one for each dialogue.
        """
        if len(frames) != len(self):
            raise ValueError(f"{len(frames)} frames for {len(self)} dialogues")
        return self._step(frames, slice(0, len(self)))

    def step_row(self, row: int, frame: SpeakerFrame) -> ListenerFrame:
        """Answer a frame of one dialogue while the others stay where they are."""
        (answer,) = self._step([frame], slice(row, row + 1))
        if answer is None:
            raise ValueError("a frame without an answer")
        return answer

    def _step(self, frames: Sequence[SpeakerFrame | None], where: slice) -> list[ListenerFrame | None]:
        live = {where.start + place: frame for place, frame in enumerate(frames) if frame is not None}
        indices = {frame.index for frame in live.values()}
        if not indices:
            return [None] * len(frames)
        if len(indices) > 1:
            raise ValueError(f"dialogues in lock-step at the frames {sorted(indices)}")
        with torch.inference_mode():
            answers = _FrameStep(self, live, indices.pop(), where).answers()
        return [answers.get(row) for row in range(where.start, where.stop)]

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
                    self._sides[row].hear_itself(sound[row])


class _FrameStep:
    """Frame ``index`` of the dialogues in the rows ``where``, of which those in ``live`` go on."""

    def __init__(self, group: StreamingGroup, live: dict[int, SpeakerFrame], index: int, where: slice) -> None:
        self._group, self._live, self._index, self._where = group, live, index, where
        self._window = group.model.settings.window
        self._start = segment_start(index, self._window.frames, self._window.hop)
        self._frame = index - self._start
        self._sides, self._network = group._sides[where], group._network

    def answers(self) -> dict[int, ListenerFrame]:
        """By row."""
        inputs = self._hear()
        hidden, logits = self._network.listen(inputs, self._frame, self._where)
        words = self._choose_text(logits)
        speech = self._speech()
        said = self._network.articulate(speech, self._where)
        scores = self._network.face(hidden, said, inputs, self._frame, self._where)
        faces = self._group.model.scale.restore(scores).cpu()
        self._network.remember(hidden, said, speech, self._frame, self._where)
        drawn = self._speak(speech.ages.cpu().numpy())
        answers = {}
        for row in self._live:
            side, place, session = self._group._sides[row], row - self._where.start, self._group[row]
            audio: Audio = side.take_sound(self._index + 1)
            answers[row] = ListenerFrame(face=side.show(faces[place]), audio=audio, words=words[row])
            if session.observe is not None:
                here = slice(place, place + 1)
                session.observe(Outputs(logits[here], scores[here], drawn[row]))
        return answers

    def _tensor(self, values: NDArray[np.generic]) -> Tensor:
        # A copy: the buffers are written again while a device may still read them.
        return torch.from_numpy(values.copy()).to(self._network.device)

    def _hear(self) -> RowInputs:
        group, index, where = self._group, self._index, self._where
        hop = is_hop(index, self._window.frames, self._window.hop)
        for row, frame in self._live.items():
            side, past = group._sides[row], group._sides[row].past
            heard = side.hear(frame)
            if hop:
                self._network.refill(row, side.segment(index))
                group[row].hop_steps += 1
            past.speaker.append(np.asarray(frame.face, dtype=np.float32))
            past.heard.append(heard)
            faces, late = group._faces, max(self._frame - side.delay, 0)
            faces[0, row], faces[1, row], faces[2, row] = past.listener[-1], past.listener[late], past.speaker[-1]
            group._tokens[:, row] = past.forms[-1][0], heard
        listener, delayed, speaker, rest = self._tensor(group._faces[:, where])
        own, heard_tokens = self._tensor(group._tokens[:, where])
        known = np.array([self._frame >= side.delay for side in self._sides])
        positions = np.array([self._frame * (self._window.position_rate / fps) for fps in group._fps[where]])
        return RowInputs(
            listener=listener,
            delayed=delayed,
            known=self._tensor(known),
            speaker=speaker,
            rest=rest,
            own=own,
            heard=heard_tokens,
            positions=self._tensor(positions.astype(np.float32)),
        )

    def _choose_text(self, logits: Tensor) -> dict[int, tuple[Word, ...]]:
        group, table = self._group, logits.cpu().numpy()
        words = {}
        for row in self._live:
            side = group._sides[row]
            words[row] = side.choose_text(table[row - self._where.start], self._index)
            token, head, spelled, age = side.past.forms[-1]
            group._forms[:, row] = token, head, age
            group._letters[row] = 0
            group._letters[row, : len(spelled)] = spelled
        return words

    def _speech(self) -> Speech:
        group, where = self._group, self._where
        tokens, heads, ages = group._forms[:, where]
        times = [side.schedule.start(self._index + 1) - side.schedule.start(self._start) for side in self._sides]
        seconds = (ages / group._fps[where]).astype(np.float32)
        return Speech(
            tokens=self._tensor(tokens),
            heads=self._tensor(heads),
            letters=self._tensor(group._letters[where]),
            ages=self._tensor(seconds),
            positions=self._tensor(group._pacing[where].positions(seconds)),
            times=self._tensor(np.array(times, dtype=np.float32)),
        )

    def _speak(self, ages: NDArray[np.float32]) -> dict[int, Tensor]:
        """Draw and decode the audio tokens of frame ``index + 1``; returns their logits ``(k, codes)`` by row."""
        group, where, after = self._group, self._where, self._index + 1
        first = np.array([side.schedule.tokens_before(after) for side in self._sides])
        counts = np.array([side.schedule.tokens_before(after + 1) for side in self._sides]) - first
        segment = np.array([side.schedule.tokens_before(self._start + 1) for side in self._sides])
        begins = np.array([side.schedule.start(after) for side in self._sides])
        origins = np.array([side.schedule.start(self._start) for side in self._sides])
        drawn: dict[int, list[Tensor]] = {row: [] for row in self._live}
        spoken = []
        for number in range(counts.max()):
            codes = first + number
            now = (ages + (codes - begins) / group._token_rate).astype(np.float32)
            logits = self._network.sound(
                RowCodes(
                    previous=self._tensor(group._codes[where]),
                    order=codes - segment,
                    times=self._tensor((codes - origins).astype(np.float32)),
                    ages=self._tensor(now),
                    positions=self._tensor(group._pacing[where].positions(now)),
                ),
                where,
            ).cpu()
            for row in self._live:
                if counts[row - where.start] > number:
                    mine = logits[row - where.start]
                    group._codes[row] = group._sides[row].choose_code(mine.numpy())
                    drawn[row].append(mine)
            spoken.append(group._codes.copy())
        brought = np.zeros(len(group), dtype=np.int64)
        brought[where] = counts
        group._decode(spoken, brought, list(self._live))
        return {row: torch.stack(found) for row, found in drawn.items()}
