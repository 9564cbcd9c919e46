"""The wave generator: features of 50 Hz to samples, as in the Descript audio codec (R. Kumar et al., 2023)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from baselines.shared.codec.bicodec.sizes import DILATIONS, KERNEL, BiCodecSizes


class Snake(nn.Module):
    """``x + sin(ax)^2 / a``, one ``a`` for each channel (L. Ziyin et al., 2020)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.alpha + 1e-9).reciprocal() * torch.sin(self.alpha * x).square()


class ResidualUnit(nn.Module):
    """A dilated convolution and a pointwise one, around a residual."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(channels),
            nn.Conv1d(channels, channels, KERNEL, dilation=dilation, padding=KERNEL // 2 * dilation),
            Snake(channels),
            nn.Conv1d(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, x + self.block(x))


class Stage(nn.Module):
    """Upsampling by ``rate`` at half the channels."""

    def __init__(self, channels: int, rate: int, kernel: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            Snake(channels),
            nn.ConvTranspose1d(channels, channels // 2, kernel, stride=rate, padding=(kernel - rate) // 2),
            *(ResidualUnit(channels // 2, dilation) for dilation in DILATIONS),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.block(x))


class WaveGenerator(nn.Module):
    """``(B, latent, T)`` to ``(B, T * 320)`` samples in (-1, 1)."""

    def __init__(self, sizes: BiCodecSizes) -> None:
        super().__init__()
        channels = sizes.wave_channels
        layers: list[nn.Module] = [nn.Conv1d(sizes.latent, channels, KERNEL, padding=KERNEL // 2)]
        for rate, kernel in zip(sizes.wave_rates, sizes.wave_kernels, strict=True):
            layers.append(Stage(channels, rate, kernel))
            channels //= 2
        layers += [Snake(channels), nn.Conv1d(channels, 1, KERNEL, padding=KERNEL // 2), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        return cast(Tensor, self.model(features).squeeze(1))
