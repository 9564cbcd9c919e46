"""The language model's steps: three tokens of each dialogue against static key-value buffers.

The arithmetic of transformers' Phi-3 and Llama layers on their own weights, without what surrounds it there: masks
made anew, cache objects and keyword arguments take longer than the arithmetic of a small network.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from baselines.omniresponse.network.llm import Backbone, WindowCache
from baselines.omniresponse.text.layout import TOKENS_PER_FRAME


class RowCache(WindowCache):
    """The cache of one dialogue, in its row of shared buffers from position ``begin`` on."""

    def __init__(self, keys: list[Tensor], values: list[Tensor], row: int, begin: int) -> None:
        self._keys = [buffer[row : row + 1, :, begin:] for buffer in keys]
        self._values = [buffer[row : row + 1, :, begin:] for buffer in values]
        self._lengths = [0] * len(keys)


class LLMRows:
    """Buffers of ``rows`` dialogues. The static prefix of each ends at ``prefix``, where the frames of all begin.

    Args:
        backbone: the weights.
        rows: dialogues.
        prefix: tokens of the longest prefix.
        frames: of a full window.
    """

    def __init__(self, backbone: Backbone, rows: int, prefix: int, frames: int) -> None:
        self._network: Any = backbone.phi
        config, weight = self._network.config, self._network.norm.weight
        self._heads, self._kv_heads = config.num_attention_heads, config.num_key_value_heads
        self._depth = getattr(config, "head_dim", None) or config.hidden_size // self._heads
        self._eps = config.rms_norm_eps
        shape = (rows, self._kv_heads, prefix + TOKENS_PER_FRAME * frames, self._depth)
        self._keys = [weight.new_zeros(shape) for _ in self._network.layers]
        self._values = [weight.new_zeros(shape) for _ in self._network.layers]
        self._mask = weight.new_zeros(rows, 1, 1, shape[2])
        self._begins = [0] * rows
        self._prefix = prefix

    def restart(self, row: int, prefix: int) -> RowCache:
        """A cache to fill a row anew through, after a static prefix of ``prefix`` tokens."""
        begin = self._begins[row] = self._prefix - prefix
        self._mask[row] = 0.0
        self._mask[row, ..., :begin] = float("-inf")
        return RowCache(self._keys, self._values, row, begin)

    def step(self, embeddings: Tensor, positions: Tensor, frame: int, where: slice) -> Tensor:
        """Hidden states ``(rows, 3, hidden)`` of one more frame.

        Args:
            embeddings: ``(rows, 3, hidden)``.
            positions: ``(rows, 3)`` rotary positions.
            frame: of the segment.
            where: the rows that step.
        """
        network, end = self._network, self._prefix + TOKENS_PER_FRAME * (frame + 1)
        alone = len(embeddings) == 1
        begin = self._begins[where][0] if alone else 0
        mask = None if alone else self._mask[where, ..., :end]
        x = embeddings.to(self._mask.dtype)
        cosine, sine = network.rotary_emb(x, positions)
        turn = cosine[:, None], sine[:, None]
        for layer, all_keys, all_values in zip(network.layers, self._keys, self._values, strict=True):
            query_key, value = self._project(layer.self_attn, self._norm(layer.input_layernorm, x))
            query, key = _rotate(query_key, *turn).split([self._heads, self._kv_heads], dim=1)
            keys, values = all_keys[where, :, begin:end], all_values[where, :, begin:end]
            keys[:, :, -TOKENS_PER_FRAME:], values[:, :, -TOKENS_PER_FRAME:] = key, value
            mixed = functional.scaled_dot_product_attention(
                query, keys, values, attn_mask=mask, enable_gqa=self._kv_heads != self._heads
            )
            x = x + layer.self_attn.o_proj(mixed.transpose(1, 2).reshape(len(x), TOKENS_PER_FRAME, -1))
            x = x + layer.mlp(self._norm(layer.post_attention_layernorm, x))
        return self._norm(network.norm, x).float()

    def _project(self, attention: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        """Queries and keys ``(rows, heads + kv_heads, 3, d)``, and values ``(rows, kv_heads, 3, d)``."""
        if hasattr(attention, "qkv_proj"):
            projected = attention.qkv_proj(x)
        else:
            projected = torch.cat([attention.q_proj(x), attention.k_proj(x), attention.v_proj(x)], dim=-1)
        split = projected.view(len(x), TOKENS_PER_FRAME, -1, self._depth).transpose(1, 2)
        query_key, value = split.split([self._heads + self._kv_heads, self._kv_heads], dim=1)
        return query_key, value

    def _norm(self, norm: Any, x: Tensor) -> Tensor:
        if x.dtype == torch.float32:
            return functional.rms_norm(x, x.shape[-1:], norm.weight, self._eps)
        normed: Tensor = norm(x)  # in float32 inside, as it was trained
        return normed


def _rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary position embedding of ``(rows, heads, 3, d)``, of the first ``cosine.shape[-1]`` numbers."""
    size = cosine.shape[-1]
    turning = x[..., :size]
    first, second = turning.chunk(2, dim=-1)
    turned = turning * cosine + torch.cat([-second, first], dim=-1) * sine
    return turned if size == x.shape[-1] else torch.cat([turned, x[..., size:]], dim=-1)
