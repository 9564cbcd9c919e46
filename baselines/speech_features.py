"""Features of speech per video frame, from that frame and those before it only. numpy and scipy only.

Thirteen Kaldi cepstra of the frame's newest 25 ms with their first and second differences, loudness and zero crossings
of its three thirds: the 45 numbers of the ViCo baseline (dc3ea9f/vico_challenge_baseline @16424c0,
``preprocess/extract.py``). There the differences are taken inside one frame, which holds one analysis window, so they
are zero; here they run over the last five frames.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.types import Audio

CEPSTRA: Final = 13
THIRDS: Final = 3
WIDTH: Final = 3 * CEPSTRA + 2 * THIRDS
_BANDS: Final = 23
_LOWEST_HZ: Final = 20.0
_WINDOW_SECONDS: Final = 0.025
_PREEMPHASIS: Final = 0.97
_LIFTER: Final = 22.0
_FLOOR: Final = float(np.finfo(np.float32).eps)
Array = NDArray[np.float64]


class SpeechFeatures:
    """The stream of one person's features."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._cepstra: deque[Array] = deque(maxlen=5)
        self._first: deque[Array] = deque(maxlen=5)

    def push(self, samples: Audio) -> NDArray[np.float32]:
        """``(45,)`` of the frame whose ``(n,)`` samples these are."""
        cepstra = mfcc(samples, self._rate)
        first = _difference(self._cepstra, cepstra)
        second = _difference(self._first, first)
        thirds = [part.astype(np.float64) for part in np.array_split(samples, THIRDS)]
        loudness = [float(np.sqrt(np.mean(part**2))) if len(part) else 0.0 for part in thirds]
        crossings = [float(np.mean(np.signbit(p[1:]) != np.signbit(p[:-1]))) if len(p) > 1 else 0.0 for p in thirds]
        return np.concatenate([cepstra, first, second, loudness, crossings]).astype(np.float32)


def stream_features(frames: tuple[Audio, ...], sample_rate: int) -> NDArray[np.float32]:
    """``(T, 45)`` of ``T`` successive frames, as a stream gives them."""
    stream = SpeechFeatures(sample_rate)
    return np.stack([stream.push(samples) for samples in frames])


def mfcc(samples: Audio, sample_rate: int) -> Array:
    """``(13,)`` cepstra of the last 25 ms of ``(n,)`` samples in [-1, 1]; fewer are taken as preceded by silence.

    The first one is the logarithm of the energy, before pre-emphasis.

    Source: Kaldi's ``compute-mfcc-feats`` with its defaults (Povey window, 23 bands from 20 Hz, lifter 22), no dither.
    """
    from scipy.fft import dct

    length = round(_WINDOW_SECONDS * sample_rate)
    window = np.zeros(length)
    newest = samples[-length:]
    window[length - len(newest) :] = newest
    window -= window.mean()
    energy = np.log(max(float(window @ window), _FLOOR))
    emphasised = window - _PREEMPHASIS * np.concatenate([window[:1], window[:-1]])
    size = 1 << (length - 1).bit_length()
    power = np.abs(np.fft.rfft(emphasised * _povey(length), size)) ** 2
    bands = np.log(np.maximum(_filters(sample_rate, size) @ power[:-1], _FLOOR))
    cepstra: Array = dct(bands, norm="ortho")[:CEPSTRA] * _lifter()
    cepstra[0] = energy
    return cepstra


def _difference(past: deque[Array], newest: Array) -> Array:
    """Slope of a regression line over the last five values, which ``newest`` joins; before the first one, it counts."""
    if not past:
        past.extend([newest] * 4)
    past.append(newest)
    slope: Array = (2 * (past[4] - past[0]) + past[3] - past[1]) / 10
    return slope


@cache
def _povey(length: int) -> Array:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))
    return np.asarray(hann**0.85)


@cache
def _lifter() -> Array:
    return np.asarray(1 + 0.5 * _LIFTER * np.sin(np.pi * np.arange(CEPSTRA) / _LIFTER))


@cache
def _filters(sample_rate: int, size: int) -> Array:
    """``(23, size / 2)`` triangles of height one on the mel scale."""
    edges = np.linspace(_mel(_LOWEST_HZ), _mel(sample_rate / 2), _BANDS + 2)
    bins = _mel(np.arange(size // 2) * sample_rate / size)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def _mel(hertz: Array | float) -> Array:
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))
