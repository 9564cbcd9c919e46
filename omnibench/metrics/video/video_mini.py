"""A small video network: 1.28 s of a face become 32 numbers that tell how it looks and how it moves.

Trained on mini's train split (``omnibench.metrics.training.video_mini``), for Fréchet distances between sets of
windows. Space and time are convolved apart, as in R(2+1)D (Tran et al. 2018); the numbers are scaled to unit variance
on the train split, so none of them rules the distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

ASSET: Final = "video_mini"
FRAMES: Final = 16
SIZE: Final = 64
RATE: Final = 12.5
DIMENSIONS: Final = 32
_MIDDLE: Final = 120.0
_SCALE: Final = 64.0


class VideoMini(nn.Module):
    """``(b, 16, 64, 64, 3)`` in 0..255 to ``(b, 32)``."""

    def __init__(self) -> None:
        super().__init__()
        self.first = _picture(3, 12, 5)
        self.second = _picture(12, 24, 3)
        self.second_time = _time(24, 24, 1)
        self.third = _picture(24, 40, 3)
        self.third_time = _time(40, 40, 2)
        self.fourth = _picture(40, 64, 3)
        self.fourth_time = _time(64, 64, 2)
        self.head = nn.Linear(64 * 4 * 4, DIMENSIONS, bias=False)
        self.unit = nn.BatchNorm1d(DIMENSIONS, affine=False)

    def forward(self, windows: Tensor) -> Tensor:
        pictures = ((windows - _MIDDLE) / _SCALE).permute(0, 4, 1, 2, 3)
        maps = self.second_time(self.second(self.first(pictures)))
        maps = self.fourth_time(self.fourth(self.third_time(self.third(maps))))
        features: Tensor = self.unit(self.head(maps.mean(dim=2).flatten(1)))
        return features


class VideoEmbedder:
    """The network as distances use it. ``frames`` pictures of ``size`` pixels at ``rate`` a second make one window;
    ``key`` names the weights.

    Args:
        network: with its weights.
        key: everything that defines the numbers.
    """

    frames: Final = FRAMES
    size: Final = SIZE
    rate: Final = RATE
    dim: Final = DIMENSIONS

    def __init__(self, network: VideoMini, key: str) -> None:
        self._network, self.key = network.eval(), key

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[np.float64]:
        """``(b, 32)`` of windows ``(b, 16, 64, 64, 3)`` uint8.

        Raises:
            ValueError: windows of another shape or type.
        """
        if windows.shape[1:] != (FRAMES, SIZE, SIZE, 3) or windows.dtype != np.uint8:
            raise ValueError(
                f"expected uint8 windows (b, {FRAMES}, {SIZE}, {SIZE}, 3), got {windows.dtype} {windows.shape}"
            )
        features = np.zeros((len(windows), DIMENSIONS))
        with torch.inference_mode():
            for index, window in enumerate(windows):
                # One by one: sums in another order would make a window's numbers depend on its company.
                features[index] = self._network(torch.from_numpy(window[None].astype(np.float32)))[0].numpy()
        return features


def random_twin(seed: int) -> VideoMini:
    """The same network as it was before it learned anything: what a trained one has to beat."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VideoMini().eval()


def from_state(state: Mapping[str, Tensor]) -> VideoMini:
    """A network with these weights, in any float type, ready to embed."""
    network = VideoMini()
    network.load_state_dict({name: v.float() if v.is_floating_point() else v for name, v in state.items()})
    return network.eval()


def load() -> VideoEmbedder:
    """The network that ships with omnibench. Raises InputError where its file is not the one that was published."""
    from safetensors.torch import load_file

    from omnibench.assets.finding import ASSETS, find

    return VideoEmbedder(from_state(load_file(find(ASSET))), key=f"{ASSET}:{ASSETS[ASSET].sha256}")


def _picture(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    half = kernel // 2
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, (1, kernel, kernel), stride=(1, 2, 2), padding=(0, half, half), bias=False),
        nn.BatchNorm3d(outputs),
        nn.ReLU(),
    )


def _time(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, (3, 1, 1), stride=(stride, 1, 1), padding=(1, 0, 0), bias=False),
        nn.BatchNorm3d(outputs),
        nn.ReLU(),
    )
