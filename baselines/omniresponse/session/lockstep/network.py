"""The whole network's steps: one frame of each dialogue through projection, language model, vision decoder and voice.

In lock-step, one call a layer for all dialogues: projection, language model, vision decoder, TempoVoice (an audio token
each at a time; a dialogue whose frame brings fewer sits out) and, for the embedded codec, its decoder. One by one: the
drawing of tokens, and a hop, which fills a dialogue's row anew with a teacher-forced forward over what stays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import torch
from torch import Tensor

from baselines.omniresponse.network.articulation import Spelling
from baselines.omniresponse.network.model import Hidden, OmniResponse, SegmentState
from baselines.omniresponse.network.moving import moved
from baselines.omniresponse.network.segment import Codes, FrameInputs, Segment, Speech
from baselines.omniresponse.session.lockstep.llm import LLMRows
from baselines.omniresponse.session.lockstep.vision import VisionRows
from baselines.omniresponse.session.lockstep.voice import RowCodes, voice_rows
from baselines.omniresponse.text.layout import TOKENS_PER_FRAME

Parts = TypeVar("Parts", FrameInputs, Speech, Codes)


@dataclass(frozen=True, slots=True)
class RowInputs:
    """One frame of each dialogue: ``(rows, 64)`` raw coefficients, ``(rows,)`` tokens.

    ``delayed`` and ``known`` ``(rows,)``: the listener's own face as the LLM sees it, and whether it does already;
    ``positions`` ``(rows,)`` rotary positions.
    """

    listener: Tensor
    delayed: Tensor
    known: Tensor
    speaker: Tensor
    rest: Tensor
    own: Tensor
    heard: Tensor
    positions: Tensor


class NetworkRows:
    """A network and the caches of ``rows`` dialogues.

    Args:
        model: the weights.
        rows: dialogues.
        prefix: tokens of the longest static prefix.
    """

    def __init__(self, model: OmniResponse, rows: int, prefix: int) -> None:
        self.model, self.device = model, model.device
        self._llm = LLMRows(model.llm, rows, prefix, model.settings.window.frames)
        self._vision = VisionRows(model.vision, rows)
        self._voice = voice_rows(model.voice, rows)
        self._topics = torch.zeros(rows, model.llm.subjects.shape[1], device=self.device)
        self._spelled: tuple[slice, Tensor, Spelling] | None = None

    def refill(self, row: int, segment: Segment) -> None:
        """Fill a dialogue's row from a segment; decoders run over the frames that their bands reach only."""
        model, voiceprint = self.model, segment.voiceprint.to(self.device)
        segment = moved(segment, self.device)
        state = SegmentState(
            llm=self._llm.restart(row, len(segment.prefix)),
            vision=model.vision.new_cache(),
            voice=model.voice.new_state(voiceprint),
            topic=torch.zeros_like(self._topics[0]),
        )
        hidden = model.listen(segment.inputs, segment.fps, segment.prefix, state)
        self._topics[row] = state.topic
        frames = len(segment.inputs.own)
        if frames:
            self._decode(segment, hidden, frames, state)
        self._vision.load(row, state.vision)
        self._voice.load(row, state.voice)

    def _decode(self, segment: Segment, hidden: Hidden, frames: int, state: SegmentState) -> None:
        codes = _from(segment.codes, max(len(segment.codes.frames) - self._voice.reach_codes, 0))
        spoken = int(codes.frames[0]) if len(codes.frames) else frames
        first = max(min(frames - self._vision.reach, spoken - self._voice.reach_frames), 0)
        newest = Hidden(hidden.visual[first:], hidden.text[first:], hidden.topic[first:])
        speech = _from(segment.speech, first)
        said, spelling = self.model.articulate(speech)
        inputs = replace(segment.inputs, first=first, listener=segment.inputs.listener[first:])
        self.model.face(newest, said, inputs, state.vision)
        self.model.remember(newest, said, speech, first, state.voice)
        self.model.sound(codes, spelling, first, state.voice)

    def listen(self, inputs: RowInputs, frame: int, where: slice) -> tuple[Hidden, Tensor]:
        """Hidden states ``(rows, hidden)`` of frame ``frame`` of the segment, and the text logits."""
        model = self.model
        delayed = model.scale.standardise(inputs.delayed) * inputs.known[:, None]
        embeddings = model.frame_tokens(delayed, inputs.speaker, inputs.heard, inputs.own)
        positions = inputs.positions[:, None].expand(-1, TOKENS_PER_FRAME)
        dynamic = self._llm.step(embeddings, positions, frame, where)
        topics = self._topics[where]
        topics += model.llm.subjects[inputs.heard]
        hidden = Hidden(visual=dynamic[:, 0], text=dynamic[:, 2], topic=topics)
        return hidden, model.text_logits(hidden)

    def articulate(self, speech: Speech, where: slice) -> Tensor:
        """Embeddings ``(rows, width)`` of what is said on the next frames; words that go on are spelled once."""
        model = self.model
        if self._spelled is None or self._spelled[0] != where or not torch.equal(self._spelled[1], speech.letters):
            spelling = model.articulation.spell(speech.letters)
            self._spelled = where, speech.letters, spelling
            self._voice.spell(spelling)
        embed = model.llm.embed
        said: Tensor = model.articulation(embed(speech.tokens), embed(speech.heads), self._spelled[2], speech)
        return said

    def face(self, hidden: Hidden, said: Tensor, inputs: RowInputs, frame: int, where: slice) -> Tensor:
        """The next faces ``(rows, 64)``, standardised."""
        scale = self.model.scale
        listener, rest = scale.standardise(inputs.listener), scale.standardise(inputs.rest)
        return self._vision.step(hidden.visual, said, listener, rest, frame, where)

    def remember(self, hidden: Hidden, said: Tensor, speech: Speech, frame: int, where: slice) -> None:
        """Give the voice the memory entries of frame ``frame``."""
        heard = self.model.heard_by_voice(hidden.text, speech)
        self._voice.remember(heard, said, speech.times, frame, where)

    def sound(self, codes: RowCodes, where: slice) -> Tensor:
        """Logits ``(rows, codes)`` of one more audio token each."""
        return self._voice.step(codes, where)


def _from(parts: Parts, first: int) -> Parts:
    return type(parts)(*(getattr(parts, field.name)[first:] for field in fields(parts)))
