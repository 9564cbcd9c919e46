"""OpenCV's INTER_AREA resize to a square, bit for bit, without OpenCV.

Shrinking takes area means in float32 in OpenCV's order of summation; whole-number ratios take integer sums; where an
edge grows, its "area" mode is a bilinear one in 11-bit fixed point.

Source: opencv ``modules/imgproc/src/resize.cpp`` @5.0.0 (``computeResizeAreaTab``, ``ResizeArea_Invoker``,
``ResizeAreaFast_Invoker``, ``HResizeLinear``, ``VResizeLinear``).
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.system.compiling import compiled
from omnibench.types import Image

_NEGLIGIBLE: Final = 1e-3
_FIXED_POINT: Final = 2048
Taps = tuple[NDArray[np.intp], NDArray[Any]]


def area_resizer(height: int, width: int, size: int) -> Callable[[Image], Image]:
    """A function that resizes ``(height, width, 3)`` uint8 pictures to ``(size, size, 3)``."""
    if (height, width) == (size, size):
        return lambda image: image
    if height < size or width < size:
        vertical, horizontal = _linear_taps(height, size), _linear_taps(width, size)
        return lambda image: _enlarge(image, vertical, horizontal)
    if height % size == 0 and width % size == 0:
        return lambda image: _whole_blocks(image, size)
    (rows, down), (columns, across) = _area_taps(height, size), _area_taps(width, size)

    def shrink(image: Image) -> Image:
        result = np.empty((size, size, 3), dtype=np.uint8)
        _shrink(np.ascontiguousarray(image), columns, across, rows, down, result)
        return result

    return shrink


def _area_taps(source: int, size: int) -> Taps:
    """Input pixels and float32 weights ``(size, taps)`` of every output pixel; unused taps weigh 0."""
    scale, found = _scale(source, size), []
    for place in range(size):
        low = place * scale
        high = low + scale
        cell = min(scale, source - low)
        last = min(floor(high), source - 1)
        first = min(ceil(low), last)
        taps = [(first - 1, (first - low) / cell)] if first - low > _NEGLIGIBLE else []
        taps += [(pixel, 1.0 / cell) for pixel in range(first, last)]
        if high - last > _NEGLIGIBLE:
            taps.append((last, min(min(high - last, 1.0), cell) / cell))
        found.append(taps)
    width = max(map(len, found))
    padded = [taps + [(taps[-1][0], 0.0)] * (width - len(taps)) for taps in found]
    return np.array([[p for p, _ in t] for t in padded]), np.array([[w for _, w in t] for t in padded], np.float32)


def _scale(source: int, size: int) -> float:
    """Input pixels an output pixel, rounded as OpenCV rounds it: edges fall on whole pixels or just beside them."""
    return 1.0 / (size / source)


@compiled(nogil=True)
def _shrink(picture: Any, columns: Any, across: Any, rows: Any, down: Any, result: Any) -> None:
    """Sums over the taps in order: float32 addition is not associative and OpenCV's order gives OpenCV's bits."""
    size = result.shape[0]
    line, total = np.empty((size, 3), dtype=np.float32), np.empty((size, 3), dtype=np.float32)
    held = -1
    for y in range(size):
        for tap in range(rows.shape[1]):
            row = rows[y, tap]
            if row != held:
                held = row
                for x in range(size):
                    for channel in range(3):
                        value = np.float32(picture[row, columns[x, 0], channel]) * across[x, 0]
                        for k in range(1, columns.shape[1]):
                            value += np.float32(picture[row, columns[x, k], channel]) * across[x, k]
                        line[x, channel] = value
            for x in range(size):
                for channel in range(3):
                    part = line[x, channel] * down[y, tap]
                    total[x, channel] = part if tap == 0 else total[x, channel] + part
        for x in range(size):
            for channel in range(3):
                value = np.rint(total[x, channel])
                result[y, x, channel] = np.uint8(min(max(value, np.float32(0)), np.float32(255)))


def _whole_blocks(image: Image, size: int) -> Image:
    down, across = image.shape[0] // size, image.shape[1] // size
    sums = image.reshape(size, down, size, across, 3).astype(np.int32).sum(axis=(1, 3))
    if (down, across) == (2, 2):
        return ((sums + 2) >> 2).astype(np.uint8)
    return _round(sums.astype(np.float32) * np.float32(1.0 / (down * across)))


def _linear_taps(source: int, size: int) -> Taps:
    scale, pixels, weights = _scale(source, size), [], []
    for place in range(size):
        pixel = floor(place * scale)
        part = np.float32((place + 1) - (pixel + 1) * (size / source))
        part = np.float32(0) if part <= 0 else part - np.floor(part)
        if pixel >= source - 1:
            pixel, part = source - 1, np.float32(0)
        pixels.append((pixel, min(pixel + 1, source - 1)))
        weights.append([int(np.rint((np.float32(1) - part) * _FIXED_POINT)), int(np.rint(part * _FIXED_POINT))])
    return np.array(pixels), np.array(weights, np.int32)


def _enlarge(image: Image, rows: Taps, columns: Taps) -> Image:
    (above, down), (left, across) = rows, columns
    source = image.astype(np.int32)
    wide = source[:, left[:, 0]] * across[:, :1] + source[:, left[:, 1]] * across[:, 1:]
    first, second = ((down[:, k, None, None] * (wide[above[:, k]] >> 4)) >> 16 for k in (0, 1))
    return ((first + second + 2) >> 2).astype(np.uint8)


def _round(values: NDArray[np.float32]) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
