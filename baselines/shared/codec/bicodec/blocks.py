"""ConvNeXt stacks over time, as Vocos has them (H. Siuzdak, 2023), with a layer norm that a voiceprint can steer."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.shared.codec.bicodec.sizes import KERNEL, RESAMPLING_LAYERS

EPSILON = 1e-6


class SteeredLayerNorm(nn.Module):
    """Layer norm whose scale and shift are linear in a condition (Spark-TTS ``AdaLayerNorm``)."""

    def __init__(self, condition: int, width: int) -> None:
        super().__init__()
        self.scale = nn.Linear(condition, width)
        self.shift = nn.Linear(condition, width)

    def forward(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """``(B, T, width)`` of the same, and ``(B, condition)``."""
        normed = functional.layer_norm(x, x.shape[-1:], eps=EPSILON)
        return cast(Tensor, normed * self.scale(condition)[:, None] + self.shift(condition)[:, None])


class PlainLayerNorm(nn.LayerNorm):
    """Layer norm with the signature of the steered one."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=EPSILON)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """``(B, T, width)`` of the same."""
        return super().forward(x)


def _norm(width: int, condition: int | None) -> nn.Module:
    return PlainLayerNorm(width) if condition is None else SteeredLayerNorm(condition, width)


class ConvNeXtLayer(nn.Module):
    """A depthwise convolution of seven steps, a norm and two linear layers, around a residual."""

    def __init__(self, width: int, mlp: int, scale: float, condition: int | None) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = _norm(width, condition)
        self.pwconv1 = nn.Linear(width, mlp)
        self.pwconv2 = nn.Linear(mlp, width)
        self.gamma = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: Tensor, condition: Tensor | None) -> Tensor:
        """``(B, width, T)`` of the same."""
        mixed = self.norm(self.dwconv(x).transpose(1, 2), condition)
        mixed = self.pwconv2(functional.gelu(self.pwconv1(mixed)))
        return cast(Tensor, x + (self.gamma * mixed).transpose(1, 2))


class ConvNeXtStack(nn.Module):
    """``(B, inputs, T)`` and perhaps a condition ``(B, condition)`` to ``(B, T, width)``."""

    def __init__(self, inputs: int, width: int, mlp: int, layers: int, condition: int | None = None) -> None:
        super().__init__()
        self.embed = nn.Conv1d(inputs, width, KERNEL, padding=KERNEL // 2)
        self.norm = _norm(width, condition)
        self.convnext = nn.ModuleList(ConvNeXtLayer(width, mlp, 1 / layers, condition) for _ in range(layers))
        self.final_layer_norm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        x = self.norm(self.embed(x).transpose(1, 2), condition).transpose(1, 2)
        for layer in self.convnext:
            x = layer(x, condition)
        return cast(Tensor, self.final_layer_norm(x.transpose(1, 2)))


class Threefold(nn.Module):
    """What Spark-TTS's sampling block comes to where the rate stays: input, "upsampled" and "downsampled" summed."""

    def forward(self, x: Tensor) -> Tensor:
        """``(B, width, T)`` of ``(B, T, width)``."""
        return 3 * x.transpose(1, 2)


def resampling(width: int, mlp: int) -> nn.Sequential:
    """The two stages at ratio 1: ``(B, T, width)`` of the same."""
    stages = (nn.Sequential(Threefold(), ConvNeXtStack(width, width, mlp, RESAMPLING_LAYERS)) for _ in range(2))
    return nn.Sequential(*stages)
