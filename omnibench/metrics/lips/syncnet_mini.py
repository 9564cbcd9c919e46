"""A small SyncNet: lips and voice of the same 0.2 s come out near each other on the unit sphere.

Trained on mini's train split (``omnibench.metrics.training.syncnet_mini``); made for faces of the renderer mesh-1,
whose mouth stays inside one fixed box of the picture. Both halves slide over the whole clip, so a window's embedding
costs one frame.

Source: the two-stream idea of Chung & Zisserman 2016, "Out of time"; the contrast over shifts is InfoNCE (van den Oord
et al. 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from omnibench.media.area import Box
from omnibench.metrics.lips.log_mel import BANDS

ASSET: Final = "syncnet_mini"
LIPS: Final = Box(92 / 256, 236 / 256, 56 / 256, 200 / 256)
"""The part of a mesh-1 picture that holds the mouth wherever the head moves in mini's train split."""

LIPS_SIZE: Final = 48
LIPS_RATE: Final = Fraction(25)
MEL_PER_FRAME: Final = 4
DIMENSIONS: Final = 64
_FRAME: Final = 64
_TEMPORAL: Final = 96
_GREY_MIDDLE: Final = 110.0
_GREY_SCALE: Final = 55.0


def picked(frames: int, fps: Fraction, rate: Fraction) -> NDArray[np.int64]:
    """Which of ``frames`` pictures at ``fps`` are on show in the middle of every step of ``1 / rate`` seconds.

    Example:
        >>> picked(6, Fraction(30), Fraction(25)).tolist()
        [0, 1, 3, 4, 5]
    """
    steps = int(frames * rate / fps)
    return np.array([int((2 * step + 1) * fps / (2 * rate)) for step in range(steps)], dtype=np.int64)


class SyncNetMini(nn.Module):
    """Both halves. ``embed_lips`` is `lip_frames` and then `lip_windows`, which a stream calls apart."""

    def __init__(self) -> None:
        super().__init__()
        self.frame = nn.Sequential(
            *_shrink(1, 12, 5),
            *_shrink(12, 24, 3),
            *_shrink(24, 32, 3),
            *_shrink(32, 32, 3),
            nn.Flatten(),
            nn.Linear(32 * (LIPS_SIZE // 16) ** 2, _FRAME),
        )
        self.motion = nn.Sequential(
            *_slide(_FRAME, _TEMPORAL, 3, 1), *_slide(_TEMPORAL, _TEMPORAL, 3, 1), nn.Conv1d(_TEMPORAL, DIMENSIONS, 1)
        )
        self.sound = nn.Sequential(
            *_slide(BANDS, _TEMPORAL, 4, 2),
            *_slide(_TEMPORAL, _TEMPORAL, 5, 2),
            *_slide(_TEMPORAL, _TEMPORAL, 3, 1),
            nn.Conv1d(_TEMPORAL, DIMENSIONS, 1),
        )
        self.mel_mean = nn.Buffer(torch.zeros(BANDS))
        self.mel_scale = nn.Buffer(torch.ones(BANDS))

    def lip_frames(self, lips: Tensor) -> Tensor:
        """``(n, 64)`` of mouths ``(n, 48, 48)`` grey in 0..255, each by itself."""
        features: Tensor = self.frame(((lips - _GREY_MIDDLE) / _GREY_SCALE).unsqueeze(1))
        return features

    def lip_windows(self, features: Tensor) -> Tensor:
        """``(b, n - 4, 64)`` unit vectors of ``(b, n, 64)`` frames."""
        return functional.normalize(self.motion(features.transpose(1, 2)).transpose(1, 2), dim=-1)

    def embed_lips(self, lips: Tensor) -> Tensor:
        """``(b, n - 4, 64)`` unit vectors of ``(b, n, 48, 48)`` grey in 0..255."""
        clips, frames = lips.shape[:2]
        return self.lip_windows(self.lip_frames(lips.flatten(0, 1)).reshape(clips, frames, -1))

    def embed_sound(self, mel: Tensor) -> Tensor:
        """``(b, n - 4, 64)`` unit vectors of ``(b, 4 n, 40)`` log-mel energies."""
        scaled = (mel - self.mel_mean) / self.mel_scale
        return functional.normalize(self.sound(scaled.transpose(1, 2)).transpose(1, 2), dim=-1)


def random_twin(seed: int) -> SyncNetMini:
    """The same network as it was before it learned anything: what a trained one has to beat."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SyncNetMini().eval()


def from_state(state: Mapping[str, Tensor]) -> SyncNetMini:
    """A network with these weights, in any float type, ready to embed."""
    network = SyncNetMini()
    network.load_state_dict({name: _single(value) for name, value in state.items()})
    return network.eval()


def load() -> SyncNetMini:
    """The network that ships with omnibench. Raises InputError where its file is not the one that was published."""
    from safetensors.torch import load_file

    from omnibench.assets.finding import find

    return from_state(load_file(find(ASSET)))


def _single(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _shrink(inputs: int, outputs: int, kernel: int) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(inputs, outputs, kernel, stride=2, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def _slide(inputs: int, outputs: int, kernel: int, stride: int) -> tuple[nn.Module, ...]:
    return (nn.Conv1d(inputs, outputs, kernel, stride=stride, bias=False), nn.BatchNorm1d(outputs), nn.ReLU())
