"""The three networks behind a lip-sync distance, as plain functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.finding import ASSETS, find
from omnibench.features.device import metric_device, on_device
from omnibench.types import Image

if TYPE_CHECKING:
    from omnibench.metrics.lips.s3fd import S3FD
    from omnibench.metrics.lips.syncnet import SyncNet

FACES_ASSET = "s3fd"
SYNC_ASSET = "syncnet_v2"


class Networks(Protocol):
    """``key`` names the weights; equal keys give equal numbers."""

    @property
    def key(self) -> str:
        """Names all weights."""

    def faces(self, pictures: Sequence[Image], scale: float) -> list[NDArray[np.float64]]:
        """Faces ``(k, 5)`` of each picture (`omnibench.metrics.lips.lipsync.detection.detect_faces`)."""

    def lips(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(n, 5, 224, 224, 3)`` RGB to embeddings ``(n, d)``."""

    def sound(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(n, 1, 13, 20)`` to embeddings ``(n, d)``."""


class TorchNetworks:
    """S3FD and SyncNet on `omnibench.features.device.metric_device`.

    Args:
        detector: in ``eval()``.
        network: in ``eval()``.
        key: names their weights.
    """

    def __init__(self, detector: S3FD, network: SyncNet, key: str) -> None:
        self._device = metric_device()
        self._detector, self._network = detector.to(self._device), network.to(self._device)
        self.key = on_device(key)

    def faces(self, pictures: Sequence[Image], scale: float) -> list[NDArray[np.float64]]:
        """As `Networks.faces`."""
        from omnibench.metrics.lips.lipsync.detection import detect_faces

        return detect_faces(self._detector, pictures, scale)

    def lips(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        """As `Networks.lips`; the network sees blue first."""
        return self._embed(self._network.lips, windows[..., ::-1].transpose(0, 4, 1, 2, 3))

    def sound(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """As `Networks.sound`."""
        return self._embed(self._network.sound, windows)

    def _embed(self, tower: Any, windows: NDArray[Any]) -> NDArray[np.float32]:
        import torch

        shown = torch.from_numpy(np.ascontiguousarray(windows, dtype=np.float32)).to(self._device)
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = tower(shown).cpu().numpy()
        return embeddings


def published_networks() -> TorchNetworks:
    """S3FD and SyncNet with the weights that the official evaluation downloads.

    Raises:
        MissingError: a file is not on this machine; the message names the command that gets it.
        InputError: a file is another one than the pinned one.
    """
    network = find(SYNC_ASSET)
    return _load(find(FACES_ASSET), network)


@lru_cache(maxsize=1)
def _load(detector: Path, network: Path) -> TorchNetworks:
    """Once for all metrics of a process."""
    from omnibench.metrics.lips.s3fd import load_s3fd
    from omnibench.metrics.lips.syncnet import load_syncnet

    return TorchNetworks(load_s3fd(detector), load_syncnet(network), published_key())


def published_key() -> str:
    """The first eight digits of both files' sha256."""
    return f"s3fd@{ASSETS[FACES_ASSET].sha256[:8]},syncnet_v2@{ASSETS[SYNC_ASSET].sha256[:8]}"
