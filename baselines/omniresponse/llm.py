"""The language model: transformers' Phi-3 class under the omni-attention mask, with a cache of fixed size."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import Phi3Config, Phi3Model

from baselines.omniresponse.config import LLMSettings


class WindowCache:
    """Keys and values of one segment in buffers of fixed size: memory is flat, and appending copies only what is new.

    Speaks the part of transformers' ``Cache`` that Phi-3's layers use.
    """

    is_compileable = False

    def __init__(self, layers: int, heads: int, width: int, capacity: int, device: torch.device) -> None:
        self._keys = [torch.zeros(1, heads, capacity, width, device=device) for _ in range(layers)]
        self._values = [torch.zeros(1, heads, capacity, width, device=device) for _ in range(layers)]
        self._lengths = [0] * layers

    def clear(self) -> None:
        """Forget everything; the buffers stay."""
        self._lengths = [0] * len(self._lengths)

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Append ``(1, heads, n, d)``; returns all keys and values so far."""
        begin = self._lengths[layer]
        end = begin + keys.shape[2]
        if end > self._keys[layer].shape[2]:
            raise ValueError(f"{end} tokens in a cache for {self._keys[layer].shape[2]}")
        self._keys[layer][:, :, begin:end] = keys
        self._values[layer][:, :, begin:end] = values
        self._lengths[layer] = end
        return self._keys[layer][:, :, :end], self._values[layer][:, :, :end]

    def get_seq_length(self, layer: int = 0) -> int:
        """Tokens so far."""
        return self._lengths[layer]


class Backbone(nn.Module):
    """Embeddings in, hidden states out; the word embedding also reads the next token (tied)."""

    rarity: Tensor

    def __init__(self, settings: LLMSettings, vocabulary: int) -> None:
        super().__init__()
        self.settings = settings
        sizes: dict[str, Any] = {
            "vocab_size": vocabulary,
            "hidden_size": settings.hidden,
            "intermediate_size": settings.mlp,
            "num_hidden_layers": settings.layers,
            "num_attention_heads": settings.heads,
            "resid_pdrop": settings.dropout,
            "bos_token_id": None,
            "eos_token_id": None,
            "pad_token_id": None,
            "attn_implementation": "sdpa",
        }
        self.register_buffer("rarity", torch.zeros(vocabulary))
        self.attraction = nn.Parameter(torch.tensor(settings.topic))
        self.phi = Phi3Model(Phi3Config(**sizes))

    def new_cache(self, capacity: int, device: torch.device) -> WindowCache:
        """An empty cache for ``capacity`` tokens."""
        width = self.settings.hidden // self.settings.heads
        return WindowCache(self.settings.layers, self.settings.heads, width, capacity, device)

    def embed(self, tokens: Tensor) -> Tensor:
        """Embeddings ``(..., hidden)`` of token ids ``(...)``."""
        return cast(Tensor, self.phi.embed_tokens(tokens))

    def fit_meaning(self, rarity: Tensor, vectors: Tensor) -> None:
        """Start from ``(vocabulary, hidden)`` word vectors where they are not zero; ``rarity`` ``(vocabulary,)``."""
        self.rarity.copy_(rarity)
        if self.settings.meaning == 0:
            return
        words = self.phi.embed_tokens.weight
        with torch.no_grad():
            words.copy_(torch.where(vectors.any(dim=1, keepdim=True), vectors * self.settings.meaning, words))

    def meaning(self, tokens: Tensor) -> Tensor:
        """``(n, hidden)``: the directions of tokens' embeddings, as long as the tokens are rare."""
        return nn.functional.normalize(self.embed(tokens), dim=-1) * self.rarity[tokens][:, None]

    def logits(self, hidden: Tensor) -> Tensor:
        """Next-token logits ``(..., vocabulary)``."""
        return hidden @ self.phi.embed_tokens.weight.T

    def forward(self, embeddings: Tensor, mask: Tensor, positions: Tensor, cache: WindowCache | None = None) -> Tensor:
        """Hidden states ``(n, hidden)``.

        Args:
            embeddings: ``(n, hidden)``, appended to what ``cache`` holds.
            mask: additive ``(1, 1, n, all keys)``.
            positions: ``(1, n)`` rotary positions.
            cache: the segment so far, or None for a whole segment in one go.
        """
        output = self.phi(
            inputs_embeds=embeddings[None],
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=cache is not None,
        )
        return cast(Tensor, output.last_hidden_state[0])
