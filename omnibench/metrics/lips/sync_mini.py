"""Distances of lips and voice in the small SyncNet's space, from one pass over a clip's pictures.

A picture becomes 64 numbers as it passes; windows of lips and of sound are embedded piece by piece behind it, and
nothing but their distances is kept.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.store import Arrays
from omnibench.metrics.lips.sync_distance import WINDOW, RunningDistances
from omnibench.types import Image

if TYPE_CHECKING:
    from omnibench.media.area import AreaShrink
    from omnibench.metrics.lips.syncnet_mini import SyncNetMini

ASSET: Final = "syncnet_mini"
_PICTURES_AT_ONCE: Final = 64
_WINDOWS_AT_ONCE: Final = 250


class SyncMiniExtractor:
    """``distances`` ``(windows, 31)`` of the lips of 25 windows a second to the sound at every shift
    (`omnibench.metrics.lips.sync_distance.shift_distances`).

    Args:
        network: another network than the one that ships (then ``key`` must tell it apart).
        key: what names the result.
    """

    def __init__(self, network: SyncNetMini | None = None, key: str = "") -> None:
        self._given, self._key = network, key

    @property
    def key(self) -> str:
        """The weights' sha256 and the version of what is done around them."""
        from omnibench.assets.finding import ASSETS

        return self._key or f"sync-mini-2:{ASSETS[ASSET].sha256}"

    @cached_property
    def network(self) -> SyncNetMini:
        """The network, loaded when the first clip is opened."""
        from omnibench.metrics.lips.syncnet_mini import load

        return self._given or load()

    def open(self, media: Media) -> SyncMiniExtraction:
        """Start on a clip with pictures and sound. Raises MetricError where it has no pictures."""
        return SyncMiniExtraction(self.network, media)


class SyncMiniExtraction:
    """One clip on its way."""

    def __init__(self, network: SyncNetMini, media: Media) -> None:
        self._network, self._media, self._fps = network, media, media.rate()
        self._shrink: AreaShrink | None = None
        self._waiting: list[NDArray[np.float32]] = []
        self._features: list[NDArray[np.float32]] = []
        self._distances = RunningDistances()
        self._seen = self._steps = self._first = 0

    def push(self, image: Image) -> None:
        """The next picture ``(H, W, 3)`` uint8, at the clip's own rate."""
        from omnibench.media.area import AreaShrink
        from omnibench.metrics.lips.syncnet_mini import LIPS, LIPS_SIZE

        mouth = None
        while self._source(self._steps) == self._seen:
            if self._shrink is None:
                self._shrink = AreaShrink(image.shape[0], image.shape[1], LIPS, LIPS_SIZE)
            mouth = self._shrink.grey(image) if mouth is None else mouth
            self._waiting.append(mouth)
            self._steps += 1
        self._seen += 1
        if len(self._waiting) >= _PICTURES_AT_ONCE:
            self._embed()

    def finish(self) -> Arrays:
        """``distances``. Raises MetricError for a clip shorter than a window, or without sound."""
        self._embed()
        frames = int(self._seen * Fraction(25) / self._fps)
        if frames < WINDOW:
            raise MetricError(f"{frames} pictures at 25 a second, lip sync takes {WINDOW} at least")
        if frames - self._first >= WINDOW:
            self._compare(np.concatenate(self._features)[: frames - self._first])
        return {"distances": self._distances.finish()}

    def _source(self, step: int) -> int:
        """The picture on show in the middle of step ``step`` of 40 ms."""
        return int((2 * step + 1) * self._fps / 50)

    def _embed(self) -> None:
        import torch

        if self._waiting:
            with torch.inference_mode():
                self._features.append(self._network.lip_frames(torch.from_numpy(np.stack(self._waiting))).numpy())
            self._waiting = []
        piece = _WINDOWS_AT_ONCE + WINDOW - 1
        # The last step may be one too many for the clip, which shows at its end.
        while sum(map(len, self._features)) > piece:
            features = np.concatenate(self._features)
            self._compare(features[:piece])
            self._features = [features[_WINDOWS_AT_ONCE:]]

    def _compare(self, features: NDArray[np.float32]) -> None:
        """Windows of the next ``(n, 64)`` pictures with those of their sound."""
        import torch

        from omnibench.metrics.lips.log_mel import log_mel_between
        from omnibench.metrics.lips.syncnet_mini import MEL_PER_FRAME

        first, last = self._first, self._first + len(features)
        mel = log_mel_between(self._media.sound, first * MEL_PER_FRAME, last * MEL_PER_FRAME)
        with torch.inference_mode():
            lips = self._network.lip_windows(torch.from_numpy(features[None]))[0].numpy()
            sound = self._network.embed_sound(torch.from_numpy(mel[None]))[0].numpy()
        self._distances.push(lips, sound)
        self._first += _WINDOWS_AT_ONCE
