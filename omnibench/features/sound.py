"""A track's sound piece by piece, so that a long clip is never held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Sound = Callable[[int, int | None], tuple[NDArray[Any], int]]
"""``(start, stop)`` in samples to samples in [-1, 1] and their rate; past the end shorter, ``stop`` None for all."""

BLOCK: Final = 10
"""Seconds that are read at once."""


class Samples(Protocol):
    """``n`` samples that slices are taken of: an array, or what is read when a slice asks for it."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, part: slice, /) -> NDArray[np.float32]:
        """``part.start <= n < part.stop``; steps are not for everyone."""


def whole(samples: NDArray[Any], rate: int) -> Sound:
    """An array ``(n,)`` as a `Sound`."""
    return lambda start, stop: (samples[start:stop], rate)


def blocks(sound: Sound) -> Iterator[NDArray[Any]]:
    """All samples in order, ten seconds at a time; nothing for an empty track."""
    size = BLOCK * sound(0, 1)[1]
    start = 0
    while True:
        block, _ = sound(start, start + size)
        if len(block):
            yield block
        if len(block) < size:
            return
        start += size
