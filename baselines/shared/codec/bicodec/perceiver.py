"""A Perceiver resampler (J.-B. Alayrac et al., 2022): frames of any number to a fixed number of vectors."""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

_HEADS: Final = 8
_HEAD_WIDTH: Final = 64
_DEPTH: Final = 2
_MLP_FACTOR: Final = 4


class LatentAttention(nn.Module):
    """The latents attend to themselves and to the frames."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = _HEADS * _HEAD_WIDTH
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def forward(self, latents: Tensor, frames: Tensor) -> Tensor:
        """``(B, n, width)`` of the same and ``(B, T, width)``."""
        keys, values = self.to_kv(torch.cat([latents, frames], dim=1)).chunk(2, dim=-1)
        query, keys, values = (
            x.unflatten(-1, (_HEADS, _HEAD_WIDTH)).transpose(1, 2) for x in (self.to_q(latents), keys, values)
        )
        mixed = functional.scaled_dot_product_attention(query, keys, values)
        return cast(Tensor, self.to_out(mixed.transpose(1, 2).flatten(2)))


class GatedGelu(nn.Module):
    """Half of the numbers times the GELU of the other half (N. Shazeer, 2020)."""

    def forward(self, x: Tensor) -> Tensor:
        values, gate = x.chunk(2, dim=-1)
        return functional.gelu(gate) * values


class RootMeanSquareNorm(nn.Module):
    """Vectors of root mean square 1, times a learned scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(x, dim=-1) * x.shape[-1] ** 0.5 * self.gamma


class Resampler(nn.Module):
    """``(B, T, inputs)`` to ``(B, count, width)``."""

    def __init__(self, inputs: int, width: int, count: int) -> None:
        super().__init__()
        inner = width * _MLP_FACTOR * 2 // 3
        self.latents = nn.Parameter(torch.randn(count, width) * 0.02)
        self.proj_context = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(
            nn.ModuleList(
                [
                    LatentAttention(width),
                    nn.Sequential(nn.Linear(width, 2 * inner), GatedGelu(), nn.Linear(inner, width)),
                ]
            )
            for _ in range(_DEPTH)
        )
        self.norm = RootMeanSquareNorm(width)

    def forward(self, frames: Tensor) -> Tensor:
        frames = self.proj_context(frames)
        latents = self.latents.expand(len(frames), -1, -1)
        for layer in self.layers:
            attend, mix = cast(nn.ModuleList, layer)
            latents = attend(latents, frames) + latents
            latents = mix(latents) + latents
        return cast(Tensor, self.norm(latents))
