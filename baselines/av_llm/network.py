"""The audio-visual LLM's network. Per frame: both faces, the speaker's sound, then the listener's audio tokens.

The sequence of frame ``t`` is ``[seen t] [heard t] [token] [token] ...``, its tokens those that frame ``t + 1`` brings,
each predicted at the position before it. Attention is causal from position to position. The next face is read at
``[heard t]``.

Source: OmniResponse (NeurIPS 2025), appendix: "takes both speaker and listener audio-visual inputs and autoregressively
generates audio-visual responses of the listener via a pre-trained large language model". Here nothing is pretrained.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.av_llm.config import LlmSettings
from baselines.omniresponse.config import LLMSettings
from baselines.omniresponse.llm import Backbone, WindowCache
from baselines.omniresponse.vision import FaceScale
from baselines.scales import SpeechScale
from baselines.speech_features import WIDTH as SPEECH_WIDTH
from omnibench.media.face import FACE_DIM


class AudioVisualLlm(nn.Module):
    """Embeddings, the language model over them, and what is read from its hidden states.

    Args:
        settings: sizes.
        codes: audio tokens that there are; they are the whole vocabulary.
    """

    def __init__(self, settings: LlmSettings, codes: int) -> None:
        super().__init__()
        hidden = settings.hidden
        self.scale, self.speech_scale = FaceScale(), SpeechScale()
        sizes = LLMSettings(hidden, settings.layers, settings.heads, settings.mlp, settings.dropout)
        self.llm = Backbone(sizes, codes)
        self.see = nn.Sequential(nn.Linear(3 * FACE_DIM, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.hear = nn.Sequential(nn.Linear(SPEECH_WIDTH, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.change = nn.Linear(hidden, FACE_DIM)
        # Holding the face is the first guess; training moves away from it.
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def seen(self, own: Tensor, other: Tensor, first: Tensor) -> Tensor:
        """Embeddings ``(..., hidden)`` of standardised faces ``(..., 64)``: one's own, the other's, one's first."""
        return cast(Tensor, self.see(torch.cat([own, other, first - own], dim=-1)))

    def heard(self, speech: Tensor) -> Tensor:
        """Embeddings ``(..., hidden)`` of the speaker's features ``(..., 45)``."""
        return cast(Tensor, self.hear(self.speech_scale.standardise(speech)))

    def next_face(self, hidden: Tensor, own: Tensor) -> Tensor:
        """Standardised faces ``(..., 64)`` after one's own, from the states at the heard positions."""
        return own + cast(Tensor, self.change(hidden))

    def forward(self, embeddings: Tensor) -> Tensor:
        """States ``(B, n, hidden)`` of whole sequences that begin at place 0."""
        return cast(Tensor, self.llm.phi(inputs_embeds=embeddings, use_cache=False).last_hidden_state)

    def append(self, embeddings: Tensor, place: int, cache: SlidingCache) -> Tensor:
        """States ``(n, hidden)`` of the next ``n`` positions of a running dialogue, the first of them at ``place``."""
        count, past = len(embeddings), cache.get_seq_length()
        later = torch.full((count, count), -torch.inf).triu(1)
        mask = torch.cat([torch.zeros(count, past), later], dim=1)[None, None]
        return self.llm(embeddings, mask, torch.arange(place, place + count)[None], cache)

    def new_cache(self, capacity: int) -> SlidingCache:
        """An empty past with room for ``capacity`` positions."""
        settings = self.llm.settings
        width = settings.hidden // settings.heads
        return SlidingCache(settings.layers, settings.heads, width, capacity, self.change.weight.device)


class SlidingCache(WindowCache):
    """A cache whose oldest positions can leave. Rotary attention knows distances alone, so the rest stays valid."""

    def forget(self, count: int) -> None:
        """Drop the oldest ``count`` positions."""
        for layer, length in enumerate(self._lengths):
            for buffer in (self._keys[layer], self._values[layer]):
                buffer[:, :, : length - count] = buffer[:, :, count:length].clone()
            self._lengths[layer] = length - count
