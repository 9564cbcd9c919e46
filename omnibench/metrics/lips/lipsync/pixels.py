"""Bilinear resizing of 8-bit pictures to the bit as OpenCV does it, and the padded cut-out that SyncNet's lips come
from.

OpenCV's ``INTER_LINEAR`` samples pixel centres without smoothing, in fixed point: weights in 1/2048, four bits dropped
after the rows and sixteen after the columns. Networks see the difference, so it is kept.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.system.compiling import compiled
from omnibench.types import Image

_UNIT: Final = 2048


def resize(picture: Image, width: int, height: int, step: float | None = None) -> Image:
    """The picture at another size, equal to ``cv2.resize(picture, (width, height))``.

    Args:
        picture: ``(H, W, 3)`` uint8.
        width: pixels of the result.
        height: pixels of the result.
        step: source pixels per result pixel; ``W / width`` and ``H / height`` unless given (what OpenCV does when it is
            called with a factor instead of a size).
    """
    return cut_out(picture, (0, 0, picture.shape[1], picture.shape[0]), width, height, step=step)


def cut_out(
    picture: Image, box: tuple[int, int, int, int], width: int, height: int, fill: int = 0, step: float | None = None
) -> Image:
    """A box of the picture, ``fill`` where it lies outside, at another size.

    Args:
        picture: ``(H, W, 3)`` uint8.
        box: left, top, right, bottom in pixels of the picture, right and bottom excluded; not empty.
        width: pixels of the result.
        height: pixels of the result.
        fill: value outside the picture.
        step: as in `resize`.

    Returns:
        ``(height, width, 3)`` uint8.

    Raises:
        ValueError: an empty box.
    """
    left, top, right, bottom = box
    if right <= left or bottom <= top:
        raise ValueError(f"expected a box with right > left and bottom > top, got {box}")
    across, down = _taps(left, right, width, step), _taps(top, bottom, height, step)
    across.weights[across.before == across.after] = _UNIT, 0
    result = np.empty((height, width, 3), dtype=np.uint8)
    _sample(np.ascontiguousarray(picture), across, down, fill, result)
    return result


class _Taps(NamedTuple):
    """Both source pixels of every target pixel along one side, ``(target,)``, and their weights, ``(target, 2)``."""

    before: NDArray[np.int32]
    after: NDArray[np.int32]
    weights: NDArray[np.int32]


def _taps(start: int, stop: int, target: int, step: float | None) -> _Taps:
    source = stop - start
    place = ((np.arange(target) + 0.5) * (source / target if step is None else step) - 0.5).astype(np.float32)
    first = np.floor(place).astype(np.int32)
    part = place - first.astype(np.float32)
    weights = np.stack([np.float32(1) - part, part], axis=1) * np.float32(_UNIT)
    before, after = first.clip(0, source - 1), (first + 1).clip(0, source - 1)
    return _Taps(before + np.int32(start), after + np.int32(start), np.rint(weights).astype(np.int32))


@compiled(nogil=True)
def _sample(picture: Image, horizontal: _Taps, vertical: _Taps, fill: int, result: Image) -> None:
    left, right, across = horizontal
    upper, lower, down = vertical
    height, width = picture.shape[0], picture.shape[1]
    line = np.empty((2, left.size, 3), dtype=np.int32)
    held = np.full(2, -(1 << 30), dtype=np.int32)
    for y in range(upper.size):
        for row in (upper[y], lower[y]):
            slot = row & 1
            if held[slot] == row:
                continue
            held[slot] = row
            for x in range(left.size):
                a, b = left[x], right[x]
                for channel in range(3):
                    first = second = np.int32(fill)
                    if 0 <= row < height:
                        if 0 <= a < width:
                            first = np.int32(picture[row, a, channel])
                        if 0 <= b < width:
                            second = np.int32(picture[row, b, channel])
                    line[slot, x, channel] = (first * across[x, 0] + second * across[x, 1]) >> 4
        one, two = line[upper[y] & 1], line[lower[y] & 1]
        above, below = down[y, 0], down[y, 1]
        for x in range(left.size):
            for channel in range(3):
                value = ((above * one[x, channel]) >> 16) + ((below * two[x, channel]) >> 16)
                result[y, x, channel] = (value + 2) >> 2
