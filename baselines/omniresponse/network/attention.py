"""Transformer decoder layers for the two heads: banded causal self-attention, optional cross-attention, key-value
caches.

Scores carry a linear distance bias per head (Press et al. 2022, ALiBi), so that near keys are found first and a banded
window means the same at any length. One forward serves whole sequences and appended pieces: keys of the past come
from the cache, and an empty cache is the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(slots=True)
class KeyValues:
    """Keys and values ``(heads, n, d)`` of one attention, and the order ``(n,)`` of each key."""

    keys: Tensor | None = None
    values: Tensor | None = None
    order: Tensor | None = None

    def append(self, keys: Tensor, values: Tensor, order: Tensor) -> None:
        """Add ``n`` keys at the end."""
        if self.keys is None or self.values is None or self.order is None:
            self.keys, self.values, self.order = keys, values, order
        else:
            self.keys = torch.cat([self.keys, keys], dim=1)
            self.values = torch.cat([self.values, values], dim=1)
            self.order = torch.cat([self.order, order])


@dataclass(slots=True)
class LayerCache:
    """The caches of one layer."""

    own: KeyValues = field(default_factory=KeyValues)
    memory: KeyValues = field(default_factory=KeyValues)


class BandedAttention(nn.Module):
    """Multi-head attention over the keys of a band, nearest first."""

    slopes: Tensor

    def __init__(self, width: int, heads: int, band: float) -> None:
        super().__init__()
        self.heads, self.band = heads, band
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)
        # One head without a distance bias, the others ever steeper.
        self.register_buffer("slopes", torch.tensor([0.0] + [4.0 / band * 3.0**h for h in range(heads - 1)]), False)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values ``(heads, n, d)`` of ``(n, width)``."""
        keys, values = self.key_value(x).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(len(x), self.heads, -1).transpose(0, 1)

    def forward(self, x: Tensor, order: Tensor, past: KeyValues, pinned: int = 0) -> Tensor:
        """Attend from ``x`` ``(n, width)`` at ``order`` ``(n,)`` to all keys whose order is within ``[order - band,
        order]``.

        The first ``pinned`` keys are seen by all, without a bias.
        """
        keys, values, key_order = past.keys, past.values, past.order
        if keys is None or values is None or key_order is None:
            raise ValueError("attention without a key")
        distance = order[:, None] - key_order[None, :]
        hidden = (distance < 0) | (distance >= self.band)
        if pinned:
            hidden[:, :pinned] = False
            distance = torch.cat([torch.zeros_like(distance[:, :pinned]), distance[:, pinned:]], dim=1)
        bias = -self.slopes[:, None, None] * distance[None]
        bias = bias.masked_fill(hidden[None], float("-inf"))
        mixed = functional.scaled_dot_product_attention(self._split(self.query(x)), keys, values, attn_mask=bias)
        joined: Tensor = self.output(mixed.transpose(0, 1).reshape(x.shape))
        return joined


class DecoderLayer(nn.Module):
    """Pre-norm: self-attention, cross-attention where ``memory_band`` is given, feed-forward."""

    def __init__(self, width: int, heads: int, mlp: int, band: int, memory_band: int | None, dropout: float) -> None:
        super().__init__()
        self.norm_own, self.own = nn.LayerNorm(width), BandedAttention(width, heads, band)
        self.memory = None if memory_band is None else BandedAttention(width, heads, memory_band)
        self.norm_memory = None if memory_band is None else nn.LayerNorm(width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, mlp), nn.GELU(), nn.Linear(mlp, width))
        self.dropout = nn.Dropout(dropout)

    def remember(self, memory: Tensor, order: Tensor, cache: LayerCache) -> None:
        """Append memory entries ``(n, width)`` for the cross-attention."""
        if self.memory is not None:
            cache.memory.append(*self.memory.project(memory), order)

    def forward(self, x: Tensor, order: Tensor, cache: LayerCache, memory_order: Tensor | None = None) -> Tensor:
        """One layer over appended positions.

        Args:
            x: ``(n, width)``.
            order: ``(n,)`` index of each position.
            cache: the past of this layer; grows by ``n``.
            memory_order: ``(n,)`` newest memory entry that each position may see.
        """
        normed = self.norm_own(x)
        cache.own.append(*self.own.project(normed), order)
        x = x + self.dropout(self.own(normed, order, cache.own))
        if self.memory is not None and self.norm_memory is not None and memory_order is not None:
            x = x + self.dropout(self.memory(self.norm_memory(x), memory_order, cache.memory, pinned=1))
        final: Tensor = x + self.dropout(self.mlp(self.norm_mlp(x)))
        return final


@lru_cache
def _rates(width: int, longest: float, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # they serve training as well
        return torch.exp(torch.linspace(0.0, -torch.log(torch.tensor(longest)).item(), width // 2, device=device))


def sinusoids(times: Tensor, width: int, longest: float = 2000.0) -> Tensor:
    """Sinusoidal encodings ``(..., width)`` of ``times`` ``(...)`` (Vaswani et al. 2017, section 3.5, on a
    real-valued time).
    """
    angles = times[..., None].to(torch.float32) * _rates(width, longest, times.device)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
