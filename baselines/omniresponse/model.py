"""OmniResponse: projection, language model, vision decoder and TempoVoice, over one segment (paper section 3, Figure
2).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, nn

from baselines.omniresponse.articulation import Articulation, Spelling
from baselines.omniresponse.attention import LayerCache
from baselines.omniresponse.config import Settings
from baselines.omniresponse.layout import TOKENS_PER_FRAME, block_mask, positions
from baselines.omniresponse.llm import Backbone, WindowCache
from baselines.omniresponse.segment import Codes, FrameInputs, Segment, Speech, own_delay
from baselines.omniresponse.tempovoice import TempoVoice, VoiceState
from baselines.omniresponse.vision import FaceScale, VisionDecoder, VisionProjection


@dataclass(slots=True)
class SegmentState:
    """The caches of a running segment."""

    llm: WindowCache
    vision: list[LayerCache]
    voice: VoiceState
    topic: Tensor


@dataclass(frozen=True, slots=True)
class Hidden:
    """LLM hidden states ``(n, hidden)`` at the visual and at the listener-text positions."""

    visual: Tensor
    text: Tensor


@dataclass(frozen=True, slots=True)
class Outputs:
    """``text`` ``(n, vocabulary)`` and ``audio`` ``(m, codes)`` logits, ``faces`` ``(n, 64)`` standardised."""

    text: Tensor
    faces: Tensor
    audio: Tensor


class OmniResponse(nn.Module):
    """The network. It knows segments; windows, sampling and sound are the session's.

    Args:
        settings: the configuration.
        vocabulary: text tokens.
        code_levels: ``(codes, d)``, of the codec's tokens.
        voiceprint: width of the codec's voiceprint.
    """

    def __init__(self, settings: Settings, vocabulary: int, code_levels: Tensor, voiceprint: int) -> None:
        super().__init__()
        self.settings = settings
        hidden, dropout = settings.llm.hidden, settings.llm.dropout
        self.scale = FaceScale()
        self.llm = Backbone(settings.llm, vocabulary)
        self.projection = VisionProjection(settings.vision, hidden)
        self.articulation = Articulation(hidden, settings.voice.spelling, settings.voice.width)
        self.vision = VisionDecoder(settings.vision, hidden, settings.voice.width, dropout)
        self.voice = TempoVoice(settings.voice, hidden, code_levels, voiceprint, dropout)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.voice.voice_mean.device

    def new_state(self, voiceprint: Tensor, longest_prefix: int) -> SegmentState:
        """Empty caches with room for a prefix of ``longest_prefix`` tokens and a full window."""
        capacity = longest_prefix + TOKENS_PER_FRAME * self.settings.window.frames
        return SegmentState(
            llm=self.llm.new_cache(capacity, self.device),
            vision=self.vision.new_cache(),
            voice=self.voice.new_state(voiceprint),
            topic=torch.zeros(self.settings.llm.hidden, device=self.device),
        )

    def restart(self, state: SegmentState, voiceprint: Tensor) -> None:
        """Empty the caches for the next segment; the LLM's buffers are used again."""
        state.llm.clear()
        state.topic = torch.zeros_like(state.topic)
        state.vision, state.voice = self.vision.new_cache(), self.voice.new_state(voiceprint)

    def listen(self, inputs: FrameInputs, fps: Fraction, prefix: Tensor | None, state: SegmentState | None) -> Hidden:
        """Run the LLM over appended frames.

        Args:
            inputs: ``n`` frames.
            fps: frames a second.
            prefix: ``(P,)`` static ids at a segment's start, None afterwards.
            state: the segment so far; None runs a whole segment without caches (training).
        """
        frames, hidden = len(inputs.own), self.settings.llm.hidden
        known = torch.arange(inputs.first, inputs.first + frames, device=self.device)
        known = known >= own_delay(self.settings.vision.own_delay, fps)
        delayed = self.scale.standardise(inputs.delayed) * known[:, None]
        visual = self.projection(delayed, self.scale.standardise(inputs.speaker))
        dynamic = torch.stack([visual, self.llm.embed(inputs.heard), self.llm.embed(inputs.own)], dim=1)
        embeddings = dynamic.reshape(frames * TOKENS_PER_FRAME, hidden)
        count = 0 if prefix is None else len(prefix)
        if prefix is None:
            if state is None or frames != 1:
                raise ValueError("frames without a prefix are appended to a running segment one at a time")
            keys = state.llm.get_seq_length() + TOKENS_PER_FRAME
            mask = torch.zeros(1, 1, TOKENS_PER_FRAME, keys, device=self.device)
        else:
            embeddings = torch.cat([self.llm.embed(prefix), embeddings])
            mask = block_mask(count, frames, self.device)
        place = positions(count, inputs.first, frames, fps, self.settings.window.position_rate, self.device)
        states = self.llm(embeddings, mask, place, None if state is None else state.llm)
        dynamic = states[count:].reshape(frames, TOKENS_PER_FRAME, hidden)
        before = torch.zeros(hidden, device=self.device) if state is None else state.topic
        if prefix is not None:
            before = before + self.llm.meaning(prefix).sum(0)
        topic = before + self.llm.meaning(inputs.heard).cumsum(0)  # what was heard so far, by subject
        if state is not None:
            state.topic = topic[-1] if frames else before
        text = dynamic[:, 2] + self.llm.attraction * nn.functional.normalize(topic, dim=-1, eps=1e-2)
        return Hidden(visual=dynamic[:, 0], text=text)

    def articulate(self, speech: Speech) -> tuple[Tensor, Spelling]:
        """Embeddings ``(n, width)`` of what is said on the next frames, and the spelling of its words."""
        spelling = self.articulation.spell(speech.letters)
        said = self.articulation(self.llm.embed(speech.tokens), self.llm.embed(speech.heads), spelling, speech)
        return said, spelling

    def face(self, hidden: Hidden, said: Tensor, inputs: FrameInputs, cache: list[LayerCache]) -> Tensor:
        """The next faces ``(n, 64)``, standardised."""
        listener = self.scale.standardise(inputs.listener)
        rest = self.scale.standardise(inputs.rest)
        faces: Tensor = self.vision(hidden.visual, said, listener, rest, inputs.first, cache)
        return faces

    def remember(self, hidden: Hidden, said: Tensor, speech: Speech, first: int, state: VoiceState) -> None:
        """Give TempoVoice the memory entries of frames ``first ...``."""
        self.voice.remember(hidden.text, said, speech.times, first, state)

    def sound(self, codes: Codes, spelling: Spelling, first: int, state: VoiceState) -> Tensor:
        """Audio-token logits ``(m, codes)``; ``spelling`` holds the words of frames ``first ...``."""
        logits: Tensor = self.voice(codes, spelling, first, state)
        return logits

    def forward(self, segment: Segment, state: SegmentState | None = None) -> Outputs:
        """A whole segment, teacher-forced; with ``state`` (a fresh one) it also fills the caches for going on from
        there.
        """
        hidden = self.listen(segment.inputs, segment.fps, segment.prefix, state)
        said, spelling = self.articulate(segment.speech)
        vision = self.vision.new_cache() if state is None else state.vision
        voice = self.voice.new_state(segment.voiceprint) if state is None else state.voice
        faces = self.face(hidden, said, segment.inputs, vision)
        self.remember(hidden, said, segment.speech, 0, voice)
        audio = self.sound(segment.codes, spelling, 0, voice)
        return Outputs(self.llm.logits(hidden.text), faces, audio)
