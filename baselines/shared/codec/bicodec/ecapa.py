"""ECAPA-TDNN (B. Desplanques et al., 2020) up to its last convolution: what a voice sounds like, frame by frame.

The pooled x-vector that the published network has besides is used only in training and is left out.
"""

from __future__ import annotations

from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS: Final = 512
LATENT: Final = 3 * CHANNELS
_SPLITS: Final = 8
_SQUEEZED: Final = 128


class NormedConvolution(nn.Module):
    """Convolution, rectifier, batch norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.bn(functional.relu(self.conv(x))))


class Res2Convolution(nn.Module):
    """Channels in eight groups: each but the last is convolved together with the result of the one before."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        width = CHANNELS // _SPLITS
        self.convs = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=dilation, padding=dilation) for _ in range(_SPLITS - 1)
        )
        self.bns = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(_SPLITS - 1))

    def forward(self, x: Tensor) -> Tensor:
        *groups, last = x.chunk(_SPLITS, dim=1)
        found: list[Tensor] = []
        for group, convolve, normalise in zip(groups, self.convs, self.bns, strict=True):
            mixed = group + found[-1] if found else group
            found.append(normalise(functional.relu(convolve(mixed))))
        return torch.cat([*found, last], dim=1)


class SqueezeExcitation(nn.Module):
    """Channels weighted by what they are on average over time."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(CHANNELS, _SQUEEZED)
        self.linear2 = nn.Linear(_SQUEEZED, CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.sigmoid(self.linear2(functional.relu(self.linear1(x.mean(dim=2)))))
        return x * weights[..., None]


class Block(nn.Module):
    """A residual block of the three."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.se_res2block = nn.Sequential(
            NormedConvolution(CHANNELS, CHANNELS, 1),
            Res2Convolution(dilation),
            NormedConvolution(CHANNELS, CHANNELS, 1),
            SqueezeExcitation(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, x + self.se_res2block(x))


class VoiceFrames(nn.Module):
    """``(B, mels, T)`` to ``(B, LATENT, T)``."""

    def __init__(self, mels: int) -> None:
        super().__init__()
        self.layer1 = NormedConvolution(mels, CHANNELS, 5)
        self.layer2, self.layer3, self.layer4 = Block(2), Block(3), Block(4)
        self.conv = nn.Conv1d(LATENT, LATENT, 1)

    def forward(self, mel: Tensor) -> Tensor:
        second = self.layer2(self.layer1(mel))
        third = self.layer3(second)
        fourth = self.layer4(third)
        return functional.relu(self.conv(torch.cat([second, third, fourth], dim=1)))
