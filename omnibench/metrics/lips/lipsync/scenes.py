"""Where a video cuts from one scene to another: the mean change of hue, saturation and value from picture to picture.

Equal to PySceneDetect 0.6's ``ContentDetector()`` with its defaults. Version 0.5.1, which joonson/syncnet_python asks
for, stops with a TypeError beside any OpenCV since 4.5.4.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.lips.lipsync.pixels import resize
from omnibench.system.compiling import compiled
from omnibench.types import Image

THRESHOLD: Final = 27.0
SHORTEST: Final = 15
"""Frames; cuts that follow each other faster are merged into one."""

_LONG_SIDE: Final = 256
_SHIFT: Final = 12


class SceneCuts:
    """Takes a video's pictures one by one; memory does not grow with the video."""

    def __init__(self) -> None:
        self._frame = 0
        self._last: NDArray[np.uint8] | None = None
        self._cuts: list[int] = []
        self._above = 0
        self._merging: int | None = None

    def push(self, picture: Image) -> None:
        """The next picture, ``(H, W, 3)`` uint8 RGB."""
        height, width = picture.shape[:2]
        factor = max(1.0, max(height, width) / _LONG_SIDE)
        if factor > 1:
            picture = resize(picture, round(width / factor), round(height / factor))
        current = hue_saturation_value(picture)
        if self._last is not None:
            self._judge(change(current, self._last) >= THRESHOLD)
        self._last = current
        self._frame += 1

    def scenes(self) -> list[tuple[int, int]]:
        """``start <= frame < stop`` of every scene so far, in order; one scene where nothing cuts."""
        edges = [0, *self._cuts, self._frame]
        return list(pairwise(edges))

    def _judge(self, cut: bool) -> None:
        """The rule of PySceneDetect's ``FlashFilter`` in its mode MERGE."""
        long_enough = self._frame - self._above >= SHORTEST
        if cut:
            self._above = self._frame
        if self._merging is not None:
            if long_enough and not cut and self._above - self._merging >= SHORTEST:
                self._merging = None
                self._cuts.append(self._above)
        elif cut and long_enough:
            self._cuts.append(self._frame)
        elif cut and self._cuts:
            self._merging = self._frame


def change(current: NDArray[np.uint8], last: NDArray[np.uint8]) -> float:
    """Mean over the three channels of the mean absolute difference of ``(h, w, 3)`` pictures, 0 to 255."""
    difference = np.abs(current.astype(np.int16) - last)
    return float(difference.sum(axis=(0, 1), dtype=np.int64).sum() / 3 / (current.shape[0] * current.shape[1]))


def hue_saturation_value(picture: Image) -> NDArray[np.uint8]:
    """Hue in 0 to 179, saturation and value in 0 to 255, to the bit as OpenCV's ``COLOR_BGR2HSV`` on 8 bits.

    Args:
        picture: ``(h, w, 3)`` uint8 RGB.

    Returns:
        ``(h, w, 3)`` uint8.
    """
    result = np.empty_like(picture)
    _convert(np.ascontiguousarray(picture), _HUES, _SATURATIONS, result)
    return result


def _quotients(numerator: int, factor: int) -> NDArray[np.int32]:
    table = np.zeros(256, dtype=np.int32)
    table[1:] = np.rint((numerator << _SHIFT) / (factor * np.arange(1.0, 256)))
    return table


_HUES: Final = _quotients(180, 6)
_SATURATIONS: Final = _quotients(255, 1)


@compiled(nogil=True)
def _convert(picture: Any, hues: Any, saturations: Any, result: Any) -> None:
    half = 1 << (_SHIFT - 1)
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            red, green, blue = np.int32(picture[y, x, 0]), np.int32(picture[y, x, 1]), np.int32(picture[y, x, 2])
            value = max(red, green, blue)
            spread = value - min(red, green, blue)
            if value == red:
                hue = green - blue
            elif value == green:
                hue = blue - red + 2 * spread
            else:
                hue = red - green + 4 * spread
            hue = (hue * hues[spread] + half) >> _SHIFT
            result[y, x, 0] = hue + 180 if hue < 0 else hue
            result[y, x, 1] = (spread * saturations[value] + half) >> _SHIFT
            result[y, x, 2] = value
