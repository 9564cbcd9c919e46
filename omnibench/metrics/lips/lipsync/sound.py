"""A clip's sound as cepstral coefficients, read piece by piece, and its embeddings where they are asked for."""

from __future__ import annotations

from math import gcd
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.media import Media
from omnibench.metrics.lips.lipsync.mfcc import HOP, RATE, WINDOW, mfcc, sound_windows
from omnibench.metrics.lips.lipsync.networks import Networks

_PIECE: Final = 60
_MARGIN: Final = 1
_CHUNK: Final = 50
_FULL_SCALE: Final = 32768.0


def cepstra(media: Media) -> NDArray[np.float32]:
    """Coefficients ``(m, 13)`` of the whole track at 100 Hz, whatever its rate and however long it is.

    Raises:
        MetricError: the clip has no sound.
    """
    samples, rate = media.sound(0, 1)
    rows: list[NDArray[Any]] = []
    start = 0
    while True:
        before = _MARGIN if start else 0
        samples, rate = media.sound((start - before) * rate, (start + _PIECE + _MARGIN) * rate)
        last = len(samples) <= (before + _PIECE) * rate
        if len(samples) > before * rate:
            piece = mfcc(_at_16k(samples, rate) * _FULL_SCALE)[before * RATE // HOP :]
            rows.append((piece if last else piece[: _PIECE * RATE // HOP]).astype(np.float32))
        if last:
            return np.concatenate(rows) if rows else np.zeros((0, 13), dtype=np.float32)
        start += _PIECE


class SoundEmbeddings:
    """Embeddings of a clip's sound windows at 25 a second, made as they are asked for and dropped behind.

    Args:
        coefficients: ``(m, 13)``.
        networks: whose sound tower is used.
    """

    def __init__(self, coefficients: NDArray[np.float32], networks: Networks) -> None:
        self._coefficients, self._networks = coefficients, networks
        self._chunks: dict[int, NDArray[np.float32]] = {}
        self.windows = max(0, (len(coefficients) - WINDOW) // 4 + 1)

    def between(self, start: int, stop: int) -> NDArray[np.float32]:
        """Embeddings ``(stop - start, d)`` of windows ``start`` to ``stop - 1``, all of which the clip has."""
        wanted = range(start // _CHUNK, (stop - 1) // _CHUNK + 1)
        for chunk in wanted:
            if chunk not in self._chunks:
                first = chunk * _CHUNK
                count = min(_CHUNK, self.windows - first)
                self._chunks[chunk] = self._networks.sound(sound_windows(self._coefficients, first, count))
        for chunk in [chunk for chunk in self._chunks if chunk < wanted[0] - 1]:
            del self._chunks[chunk]
        joined = np.concatenate([self._chunks[chunk] for chunk in wanted])
        return joined[start - wanted[0] * _CHUNK : stop - wanted[0] * _CHUNK]


def _at_16k(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    from scipy.signal import resample_poly

    signal = np.asarray(samples, dtype=np.float64)
    if rate == RATE:
        return signal
    common = gcd(rate, RATE)
    return resample_poly(signal, RATE // common, rate // common)
