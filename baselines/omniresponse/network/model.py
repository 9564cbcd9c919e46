"""OmniResponse: projection, language model, vision decoder and TempoVoice, over one segment (paper section 3, Figure
2).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, nn

from baselines.omniresponse.config import Settings
from baselines.omniresponse.network.articulation import Articulation, Spelling
from baselines.omniresponse.network.attention import LayerCache
from baselines.omniresponse.network.hidden_voice import HiddenVoice
from baselines.omniresponse.network.llm import Backbone, WindowCache
from baselines.omniresponse.network.segment import Codes, FrameInputs, Segment, Speech, own_delay
from baselines.omniresponse.network.tempovoice import TempoVoice, VoiceState
from baselines.omniresponse.network.vision import VisionDecoder, VisionProjection
from baselines.omniresponse.text.layout import TOKENS_PER_FRAME, block_mask, positions
from baselines.omniresponse.text.timestamps import Timestamps, time_bins
from baselines.shared.faces import FaceScale


@dataclass(slots=True)
class SegmentState:
    """The caches of a running segment."""

    llm: WindowCache
    vision: list[LayerCache]
    voice: VoiceState
    topic: Tensor


@dataclass(frozen=True, slots=True)
class Hidden:
    """LLM hidden states ``(n, hidden)`` at the visual and at the listener-text positions, and ``(n, subject)`` what was
    heard so far is about.
    """

    visual: Tensor
    text: Tensor
    topic: Tensor


@dataclass(frozen=True, slots=True)
class Outputs:
    """``text`` ``(n, vocabulary)`` and ``audio`` ``(m, codes)`` logits, ``faces`` ``(n, 64)`` standardised.

    Without Chrono-Text Markup ``text`` is ``(n, vocabulary + bins)``: words, then their times (timestamps.py).
    """

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
        markers: ids of [PAUSE] and [LASTING]; a network without Chrono-Text Markup does not look at them.
    """

    def __init__(
        self,
        settings: Settings,
        vocabulary: int,
        code_levels: Tensor,
        voiceprint: int,
        markers: tuple[int, int] = (0, 1),
    ) -> None:
        super().__init__()
        self.settings = settings
        hidden, dropout = settings.llm.hidden, settings.llm.dropout
        self.scale = FaceScale()
        self.llm = Backbone(settings.llm, vocabulary)
        self.projection = VisionProjection(settings.vision, hidden)
        self.articulation = Articulation(hidden, settings.voice.spelling, settings.voice.width)
        self.vision = VisionDecoder(settings.vision, hidden, settings.voice.width, dropout)
        voice: type[TempoVoice | HiddenVoice] = TempoVoice if settings.voice.tempo else HiddenVoice
        self.voice = voice(settings.voice, hidden, code_levels, voiceprint, dropout)
        self.timestamps: Timestamps | None = None
        if not settings.text.chrono:
            self.timestamps = Timestamps(*markers, time_bins(settings.text.word_horizon))
            self.times = nn.Linear(hidden, self.timestamps.bins)
            nn.init.zeros_(self.times.weight)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.voice.voice_mean.device

    def listen(self, inputs: FrameInputs, fps: Fraction, prefix: Tensor, state: SegmentState | None) -> Hidden:
        """Run the LLM over a segment.

        Args:
            inputs: ``n`` frames; none fills the caches with the prefix alone.
            fps: frames a second.
            prefix: ``(P,)`` static ids.
            state: empty caches to fill; None runs without (training).
        """
        frames, count, hidden = len(inputs.own), len(prefix), self.settings.llm.hidden
        known = torch.arange(frames, device=self.device) >= own_delay(self.settings.vision.own_delay, fps)
        delayed = self.scale.standardise(inputs.delayed) * known[:, None]
        dynamic = self.frame_tokens(delayed, inputs.speaker, inputs.heard, inputs.own)
        embeddings = torch.cat([self.llm.embed(prefix), dynamic.reshape(frames * TOKENS_PER_FRAME, hidden)])
        mask = block_mask(count, frames, self.device)
        place = positions(count, 0, frames, fps, self.settings.window.position_rate, self.device)
        states = self.llm(embeddings, mask, place, None if state is None else state.llm)
        dynamic = states[count:].reshape(frames, TOKENS_PER_FRAME, hidden)
        before = self.llm.subjects[prefix].sum(0)
        topic = before + self.llm.subjects[inputs.heard].cumsum(0)
        if state is not None:
            state.topic = topic[-1] if frames else before
        return Hidden(visual=dynamic[:, 0], text=dynamic[:, 2], topic=topic)

    def frame_tokens(self, delayed: Tensor, speaker: Tensor, heard: Tensor, own: Tensor) -> Tensor:
        """What the LLM reads of frames, ``(n, 3, hidden)``.

        Args:
            delayed: ``(n, 64)`` standardised own faces, as late as the LLM sees them, 0 where it sees none.
            speaker: ``(n, 64)`` coefficients.
            heard: ``(n,)`` the speaker's tokens.
            own: ``(n,)`` the listener's tokens.
        """
        visual = self.projection(delayed, self.scale.standardise(speaker))
        return torch.stack([visual, self._read(heard, visual), self._read(own, visual)], dim=1)

    def _read(self, tokens: Tensor, visual: Tensor) -> Tensor:
        """Embeddings ``(n, hidden)`` of text; without the markup, frames without a word repeat their visual token."""
        words = self.llm.embed(tokens)
        return words if self.timestamps is None else torch.where(self.timestamps.marks(tokens)[:, None], visual, words)

    def word_logits(self, hidden: Hidden) -> Tensor:
        """``(n, vocabulary)``, of the listener's next words, drawn towards what was heard."""
        return self.llm.logits(hidden.text) + self.llm.drawn_to(hidden.topic)

    def text_logits(self, hidden: Hidden) -> Tensor:
        """``Outputs.text``."""
        words = self.word_logits(hidden)
        return words if self.timestamps is None else torch.cat([words, self.times(hidden.text)], dim=-1)

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
        self.voice.remember(self.heard_by_voice(hidden.text, speech), said, speech.times, first, state)

    def heard_by_voice(self, text: Tensor, speech: Speech) -> Tensor:
        """The hidden states ``(n, hidden)`` that the voice reads. TempoVoice learns the token chosen from each in its
        articulation; to the MLP that stands in for it, the token's embedding is added.
        """
        return text if self.settings.voice.tempo else text + self.llm.embed(speech.tokens)

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
        return Outputs(self.text_logits(hidden), faces, audio)
