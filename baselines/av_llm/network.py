"""The audio-visual LLM's network. Per frame: both faces, the speaker's sound, then the listener's audio tokens.

The sequence of frame ``t`` is ``[seen t] [heard t] [token] [token] ...``, its tokens those that frame ``t + 1`` brings,
each predicted at the position before it. Attention is causal from position to position. The next face is read at
``[heard t]``.

Source: OmniResponse (NeurIPS 2025), appendix: "takes both speaker and listener audio-visual inputs and autoregressively
generates audio-visual responses of the listener via a pre-trained large language model". Here nothing is pretrained.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import Phi3Config, Phi3Model

from baselines.av_llm.cache import SlidingCache
from baselines.av_llm.config import LlmSettings
from baselines.shared.listeners.scales import ListenerNetwork
from baselines.shared.speech_features import WIDTH as SPEECH_WIDTH
from omnibench.media.face import FACE_DIM


class AudioVisualLlm(ListenerNetwork):
    """Embeddings, the language model over them, and what is read from its hidden states.

    Args:
        settings: sizes.
        codes: audio tokens that there are; they are the whole vocabulary.
    """

    def __init__(self, settings: LlmSettings, codes: int) -> None:
        super().__init__()
        hidden = settings.hidden
        self.settings = settings
        sizes: dict[str, Any] = {
            "vocab_size": codes,
            "hidden_size": hidden,
            "intermediate_size": settings.mlp,
            "num_hidden_layers": settings.layers,
            "num_attention_heads": settings.heads,
            "resid_pdrop": settings.dropout,
            "bos_token_id": None,
            "eos_token_id": None,
            "pad_token_id": None,
            "attn_implementation": "sdpa",
        }
        self.llm = Phi3Model(Phi3Config(**sizes))
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

    def embed(self, codes: Tensor) -> Tensor:
        """Embeddings ``(..., hidden)`` of audio tokens."""
        return cast(Tensor, self.llm.embed_tokens(codes))

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits ``(..., codes)`` of the next audio token; their matrix is the embedding."""
        return hidden @ self.llm.embed_tokens.weight.T

    def next_face(self, hidden: Tensor, own: Tensor) -> Tensor:
        """Standardised faces ``(..., 64)`` after one's own, from the states at the heard positions."""
        return own + cast(Tensor, self.change(hidden))

    def forward(self, embeddings: Tensor) -> Tensor:
        """States ``(B, n, hidden)`` of whole sequences that begin at place 0."""
        return cast(Tensor, self.llm(inputs_embeds=embeddings, use_cache=False).last_hidden_state)

    def append(self, embeddings: Tensor, place: int, cache: SlidingCache) -> Tensor:
        """States ``(n, hidden)`` of the next ``n`` positions of a running dialogue, the first of them at ``place``."""
        count, past = len(embeddings), cache.get_seq_length()
        later = torch.full((count, count), -torch.inf).triu(1)
        mask = torch.cat([torch.zeros(count, past), later], dim=1)[None, None]
        positions = torch.arange(place, place + count)[None]
        # By place: the cache's keyword is past_key_values in older releases of transformers, and cache in newer ones.
        output = self.llm(None, mask, positions, cache, embeddings[None], use_cache=True)
        return cast(Tensor, output.last_hidden_state[0])

    def new_cache(self, capacity: int) -> SlidingCache:
        """An empty past with room for ``capacity`` positions."""
        settings = self.settings
        return SlidingCache(settings.layers, settings.heads, settings.hidden // settings.heads, capacity)
