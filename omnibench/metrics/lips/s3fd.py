"""S3FD, a face detector: a VGG-16 trunk with six heads, one for each size of face.

The layers and the names of their weights are those of ``detectors/s3fd`` in joonson/syncnet_python @6efbb1c, so that
the published ``sfd_face.pth`` loads as it is. Source: Zhang et al. 2017, "S3FD: Single Shot Scale-invariant Face
Detector".
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from omnibench.metrics.lips.weights_file import fill

STRIDES: Final = (4, 8, 16, 32, 64, 128)
ANCHORS: Final = (16, 32, 64, 128, 256, 512)
VARIANCES: Final = (0.1, 0.2)

_STAGES: Final = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))
_CEILING: Final = 2
"""The stage whose pooling keeps a half-filled last cell."""
_TAPS: Final = (16, 23, 30)
_WIDTHS: Final = (256, 512, 512, 1024, 512, 256)


class Normalised(nn.Module):
    """Every pixel's channels scaled to unit length, then each by its weight (Liu et al. 2016, "ParseNet")."""

    def __init__(self, channels: int, scale: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), scale))

    def forward(self, features: Tensor) -> Tensor:
        """``(n, c, h, w)`` to the same shape."""
        length = features.pow(2).sum(dim=1, keepdim=True).sqrt() + 1e-10
        return self.weight[:, None, None] * (features / length)


class S3FD(nn.Module):
    """Trunk and heads; boxes and what is kept of them are `omnibench.metrics.lips.lipsync.detection`'s."""

    def __init__(self) -> None:
        super().__init__()
        self.vgg = nn.ModuleList(_trunk())
        self.L2Norm3_3, self.L2Norm4_3 = Normalised(256, 10.0), Normalised(512, 8.0)
        self.L2Norm5_3 = Normalised(512, 5.0)
        self.extras = nn.ModuleList(
            [
                nn.Conv2d(1024, 256, 1),
                nn.Conv2d(256, 512, 3, stride=2, padding=1),
                nn.Conv2d(512, 128, 1),
                nn.Conv2d(128, 256, 3, stride=2, padding=1),
            ]
        )
        self.loc = nn.ModuleList(nn.Conv2d(width, 4, 3, padding=1) for width in _WIDTHS)
        # The finest head has three kinds of background; the strongest of them stands for all.
        self.conf = nn.ModuleList(
            nn.Conv2d(width, 4 if level == 0 else 2, 3, padding=1) for level, width in enumerate(_WIDTHS)
        )

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Every anchor's probability of being a face and its box.

        Args:
            pictures: ``(n, 3, h, w)``, mean subtracted.

        Returns:
            ``(n, p)`` and ``(n, p, 4)`` as left, top, right, bottom in parts of width and height.
        """
        faces, moves, sizes = [], [], []
        for level, features in enumerate(self._features(pictures)):
            scores = self.conf[level](features)
            if level == 0:
                scores = torch.cat([scores[:, :3].amax(dim=1, keepdim=True), scores[:, 3:]], dim=1)
            faces.append(scores.permute(0, 2, 3, 1).reshape(len(pictures), -1, 2).softmax(dim=-1)[..., 1])
            moves.append(self.loc[level](features).permute(0, 2, 3, 1).reshape(len(pictures), -1, 4))
            sizes.append((features.shape[2], features.shape[3]))
        anchors = _anchors((pictures.shape[2], pictures.shape[3]), sizes).to(pictures.device)
        return torch.cat(faces, dim=1), _boxes(torch.cat(moves, dim=1), anchors)

    def _features(self, pictures: Tensor) -> list[Tensor]:
        taps, x = [], pictures
        edges = (0, *_TAPS, len(self.vgg))
        scalers = (self.L2Norm3_3, self.L2Norm4_3, self.L2Norm5_3, nn.Identity())
        for (start, stop), scale in zip(pairwise(edges), scalers, strict=True):
            for layer in self.vgg[start:stop]:
                x = layer(x)
            taps.append(scale(x))
        for index, layer in enumerate(self.extras):
            x = functional.relu(layer(x))
            if index % 2:
                taps.append(x)
        return taps


def load_s3fd(path: Path) -> S3FD:
    """The detector with the weights in ``path``, ready to run.

    Raises:
        InputError: the file holds other weights than this network's.
    """
    network = S3FD()
    fill(network, path)
    return network.eval()


def _trunk() -> list[nn.Module]:
    layers: list[nn.Module] = []
    for index, stage in enumerate(_STAGES):
        for inputs, outputs in pairwise(stage):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(2, ceil_mode=index == _CEILING))
    layers += [nn.Conv2d(512, 1024, 3, padding=6, dilation=6), nn.ReLU(inplace=True)]
    return [*layers, nn.Conv2d(1024, 1024, 1), nn.ReLU(inplace=True)]


def _anchors(picture: tuple[int, int], maps: list[tuple[int, int]]) -> Tensor:
    """Centre and size of every anchor in parts of the picture, ``(p, 4)`` as x, y, w, h, row by row of each map."""
    height, width = picture
    parts = []
    for (rows, columns), stride, side in zip(maps, STRIDES, ANCHORS, strict=True):
        y, x = torch.meshgrid(
            (torch.arange(rows, dtype=torch.float64) + 0.5) / (height / stride),
            (torch.arange(columns, dtype=torch.float64) + 0.5) / (width / stride),
            indexing="ij",
        )
        size = torch.tensor([side / width, side / height], dtype=torch.float64).expand(rows * columns, 2)
        parts.append(torch.cat([x.reshape(-1, 1), y.reshape(-1, 1), size], dim=1))
    return torch.cat(parts).float()


def _boxes(moves: Tensor, anchors: Tensor) -> Tensor:
    """Corners from what the heads say of each anchor (Liu et al. 2016, "SSD", eq. 2)."""
    centres = anchors[:, :2] + moves[..., :2] * VARIANCES[0] * anchors[:, 2:]
    sizes = anchors[:, 2:] * torch.exp(moves[..., 2:] * VARIANCES[1])
    corner = centres - sizes / 2
    return torch.cat([corner, sizes + corner], dim=-1)
