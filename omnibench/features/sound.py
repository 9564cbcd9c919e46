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

RATE: Final = 16_000
"""Samples per second that networks of speech take."""


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


def at_16_khz(sound: Sound) -> Sound:
    """``sound`` at 16 kHz by a polyphase filter, ``ceil(n * 16000 / rate)`` samples of it, in [-1, 1].

    Every piece has the very samples that the whole track resampled at once would have there.
    """
    rate = sound(0, 1)[1]
    if rate == RATE:
        return lambda start, stop: (_clipped(sound(start, stop)[0]), RATE)
    common = int(np.gcd(RATE, rate))
    up, down = RATE // common, rate // common
    # The filter reaches 10 samples of the lower rate each way; pieces begin where its phase does.
    reach = -(-(10 * max(up, down) // up + 1) // down)

    def read(start: int, stop: int | None) -> tuple[NDArray[np.float32], int]:
        from scipy.signal import resample_poly

        before = max(0, start // up - reach)
        signal, _ = sound(before * down, None if stop is None else (-(-stop // up) + reach) * down)
        if len(signal) == 0:
            return np.zeros(0, np.float32), RATE
        made = _clipped(resample_poly(np.asarray(signal, dtype=np.float32), up, down))
        return made[start - before * up : None if stop is None else stop - before * up], RATE

    return read


def _clipped(samples: NDArray[Any]) -> NDArray[np.float32]:
    return np.clip(np.asarray(samples, dtype=np.float32), -1.0, 1.0)
