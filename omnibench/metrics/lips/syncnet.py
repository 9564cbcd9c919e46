"""SyncNet: one tower for five frames of lips, one for 0.2 s of sound, into one space where what belongs together is
near.

The layers and the names of their weights are those of ``SyncNetModel.py`` in joonson/syncnet_python @6efbb1c, so that
the published ``syncnet_v2.model`` loads as it is. Source: Chung & Zisserman 2016, "Out of time".
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from torch import Tensor, nn

from omnibench.metrics.lips.weights_file import fill

WIDTH: Final = 1024
"""Length of an embedding."""

SIDE: Final = 224
"""Pixels of a lip picture, both ways."""


class SyncNet(nn.Module):
    """Both towers. Use it in ``eval()``: batch normalisation keeps the statistics it was trained with."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_layer2d(1, 64, 3, 1),
            nn.Identity(),
            *_layer2d(64, 192, 3, 1),
            nn.MaxPool2d(3, stride=(1, 2)),
            *_layer2d(192, 384, 3, 1),
            *_layer2d(384, 256, 3, 1),
            *_layer2d(256, 256, 3, 1),
            nn.MaxPool2d(3, stride=2),
            *_layer2d(256, 512, (5, 4), 0),
        )
        self.netfcaud = _head()
        self.netfclip = _head()
        self.netcnnlip = nn.Sequential(
            *_layer3d(3, 96, (5, 7, 7), 2, 0),
            nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2)),
            *_layer3d(96, 256, (1, 5, 5), 2, 1),
            nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1)),
            *_layer3d(256, 256, (1, 3, 3), 1, 1),
            *_layer3d(256, 256, (1, 3, 3), 1, 1),
            *_layer3d(256, 256, (1, 3, 3), 1, 1),
            nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2)),
            *_layer3d(256, 512, (1, 6, 6), 1, 0),
        )

    def lips(self, pictures: Tensor) -> Tensor:
        """``(n, 3, 5, 224, 224)``, BGR, 0 to 255, to ``(n, 1024)``."""
        return self.netfclip(self.netcnnlip(pictures).flatten(1))

    def sound(self, cepstra: Tensor) -> Tensor:
        """``(n, 1, 13, 20)`` cepstral coefficients at 100 Hz to ``(n, 1024)``."""
        return self.netfcaud(self.netcnnaud(cepstra).flatten(1))


def load_syncnet(path: Path) -> SyncNet:
    """The network with the weights in ``path``, ready to run.

    Raises:
        InputError: the file holds other weights than this network's.
    """
    network = SyncNet()
    fill(network, path)
    return network.eval()


def _layer2d(inputs: int, outputs: int, kernel: int | tuple[int, int], padding: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)


def _layer3d(
    inputs: int, outputs: int, kernel: tuple[int, int, int], stride: int, padding: int
) -> tuple[nn.Module, ...]:
    return (
        nn.Conv3d(inputs, outputs, kernel, stride=(1, stride, stride), padding=(0, padding, padding)),
        nn.BatchNorm3d(outputs),
        nn.ReLU(inplace=True),
    )


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(inplace=True), nn.Linear(512, WIDTH))
