"""The picture of the lips that SyncNet looks at: a smoothed square around the face, more of it below than above.

Source: ``crop_video`` in ``run_pipeline.py`` of joonson/syncnet_python @6efbb1c.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.lips.lipsync.pixels import cut_out
from omnibench.types import Image

SIDE: Final = 224
MARGIN: Final = 0.40
SMOOTHING: Final = 13
FILL: Final = 110


class Square(NamedTuple):
    """Half the face's longer side and its middle, in pixels."""

    half: float
    x: float
    y: float


def squares(boxes: NDArray[Any]) -> list[Square]:
    """A track's boxes ``(n, 4)`` as squares, each number the median of 13 frames (zeros past both ends)."""
    from scipy.signal import medfilt

    left, top, right, bottom = np.asarray(boxes, dtype=np.float64).T
    half = np.maximum(bottom - top, right - left) / 2
    smooth = (medfilt(values, SMOOTHING) for values in (half, (left + right) / 2, (top + bottom) / 2))
    return [Square(*map(float, values)) for values in zip(*smooth, strict=True)]


def crop(picture: Image, square: Square) -> Image:
    """``(224, 224, 3)`` around the face: to 1.4 halves left and right, 1 up and 1.8 down; 110 outside the picture.

    Args:
        picture: ``(H, W, 3)`` uint8.
        square: of this frame.
    """
    half, x, y = square
    reach = half * (1 + 2 * MARGIN)
    pad = int(reach)
    # Rounded in the padded picture's coordinates, as the original does; no box reaches past that picture.
    middle_x, middle_y = x + pad, y + pad
    side = half * (1 + MARGIN)
    height, width = picture.shape[:2]
    left, right = _slice(int(middle_x - side), int(middle_x + side), width + 2 * pad)
    top, bottom = _slice(int(middle_y - half), int(middle_y + reach), height + 2 * pad)
    return cut_out(picture, (left - pad, top - pad, right - pad, bottom - pad), SIDE, SIDE, fill=FILL)


def _slice(start: int, stop: int, length: int) -> tuple[int, int]:
    """Python's slice as plain indices."""
    first, last, _ = slice(start, stop).indices(length)
    return first, last
