"""Smaller pictures by exact area means of any part of them, unrounded, so that a picture of any size gives the same.

Another quantity than OpenCV's INTER_AREA of a whole picture in 8 bits, which FVD takes to the bit
(`omnibench.metrics.video.windows_area`): neither can stand for the other.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

REC_601: Final = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""


class Box(NamedTuple):
    """Part of a picture, as fractions of its height and width."""

    top: float
    bottom: float
    left: float
    right: float


class AreaShrink:
    """Shrinks one box of pictures of one size: every small pixel is the mean of the area it covers.

    Args:
        height: of the pictures that come.
        width: of the pictures that come.
        box: the part that is kept.
        size: edge of the small square.
    """

    def __init__(self, height: int, width: int, box: Box, size: int) -> None:
        self._top, self._rows = _means(box.top * height, box.bottom * height, size)
        self._left, self._columns = _means(box.left * width, box.right * width, size)

    def grey(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(size, size)`` grey in 0..255 of ``(height, width, 3)``."""
        rows = image[self._top : self._top + self._rows.shape[1], self._left : self._left + self._columns.shape[1]]
        grey = (rows @ REC_601).astype(np.float32)
        return (self._rows @ grey @ self._columns.T).astype(np.float32, copy=False)

    def colour(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(size, size, 3)`` in 0..255 of ``(height, width, 3)``."""
        rows = image[self._top : self._top + self._rows.shape[1], self._left : self._left + self._columns.shape[1]]
        planes = rows.transpose(2, 0, 1).astype(np.float32)
        small = self._rows @ planes @ self._columns.T
        return small.transpose(1, 2, 0).astype(np.float32, copy=False)


def _means(start: float, stop: float, size: int) -> tuple[int, NDArray[np.float32]]:
    """First input pixel used, and the ``(size, used)`` weights of a mean over each part of ``start..stop``."""
    edges = np.linspace(start, stop, size + 1)
    first, last = int(np.floor(start)), int(np.ceil(stop))
    pixels = np.arange(first, last)
    low = np.maximum(edges[:-1, None], pixels[None])
    high = np.minimum(edges[1:, None], pixels[None] + 1)
    weights = np.clip(high - low, 0.0, None)
    return first, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
