"""Dialogues answered frame by frame, one alone or many in lock-step; both are the same code.

An ordinary step appends three tokens and recomputes nothing. Every ``window.hop`` frames, once the window is full,
the oldest frames leave: their words enter the static history, and the caches are filled anew from what the session
itself saw and said. Which steps hop depends on the frame index alone, so all dialogues of a group hop together; their
frame rates, and so their audio tokens a frame, may differ, and any of them may end early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, overload

import torch
from torch import Tensor

from baselines.omniresponse.network.model import OmniResponse, Outputs
from baselines.omniresponse.session.dialogue import DialogueSide
from baselines.omniresponse.session.rows import Rows
from baselines.omniresponse.text.layout import is_hop, segment_start
from baselines.omniresponse.text.tokens import ChronoTokenizer
from omnibench.types import Audio, DialogueContext, ListenerFrame, SpeakerFrame

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


class StreamingSession:
    """One dialogue of a group; a ``Session`` of the online-step interface.

    ``hop_steps`` counts steps that refilled the caches; ``observe`` gets each step's raw logits and scores; ``side``
    is what it heard and said.
    """

    def __init__(self, group: StreamingGroup, row: int, side: DialogueSide) -> None:
        self._group, self._row, self.side = group, row, side
        self.observe: Callable[[Outputs], None] | None = None
        self.hop_steps = 0

    @property
    def model(self) -> OmniResponse:
        """The network."""
        return self._group.model

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
        self.model = model
        self._rows = Rows(model, tokenizer, codec, contexts, voiceprints)
        self._sessions = [StreamingSession(self, row, side) for row, side in enumerate(self._rows.sides)]

    def __len__(self) -> int:
        return len(self._sessions)

    @overload
    def __getitem__(self, place: int) -> StreamingSession: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[StreamingSession]: ...

    def __getitem__(self, place: int | slice) -> StreamingSession | Sequence[StreamingSession]:
        return self._sessions[place]

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
            answers = self._answers(live, indices.pop(), where)
        return [answers.get(row) for row in range(where.start, where.stop)]

    def _answers(self, live: dict[int, SpeakerFrame], index: int, where: slice) -> dict[int, ListenerFrame]:
        """The answers to frame ``index``, by row, of the dialogues in the rows ``where``; those in ``live`` go on."""
        window, rows, network = self.model.settings.window, self._rows, self._rows.network
        start, hop = segment_start(index, window.frames, window.hop), is_hop(index, window.frames, window.hop)
        place = index - start
        for row, frame in live.items():
            rows.hear(row, frame, place, hop)
            self._sessions[row].hop_steps += hop
        inputs = rows.inputs(place, where)
        hidden, logits = network.listen(inputs, place, where)
        table = logits.cpu().numpy()
        words = {row: rows.sides[row].choose_text(table[row - where.start], index) for row in live}
        for row in live:
            rows.take_form(row)
        speech = rows.speech(start, index + 1, where)
        said = network.articulate(speech, where)
        scores = network.face(hidden, said, inputs, place, where)
        faces = self.model.scale.restore(scores).cpu()
        network.remember(hidden, said, speech, place, where)
        drawn = rows.speak(speech.ages.cpu().numpy(), start, index + 1, where, list(live))
        answers = {}
        for row in live:
            side, mine, session = rows.sides[row], row - where.start, self._sessions[row]
            audio: Audio = side.take_sound(index + 1)
            answers[row] = ListenerFrame(face=side.show(faces[mine]), audio=audio, words=words[row])
            if session.observe is not None:
                here = slice(mine, mine + 1)
                session.observe(Outputs(logits[here], scores[here], drawn[row]))
        return answers
