"""Features of speech per video frame, from that frame and those before it only. numpy and scipy only.

Thirteen Kaldi cepstra of the frame's newest 25 ms with their first and second differences, loudness and zero crossings
of its three thirds: the 45 numbers of the ViCo baseline (dc3ea9f/vico_challenge_baseline @16424c0,
``preprocess/extract.py``). There the differences are taken inside one frame, which holds one analysis window, so they
are zero; here they run over the last five frames.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        self._cepstra: Array | None = None
        self._first: Array | None = None

    def push(self, samples: Audio) -> NDArray[np.float32]:
        """``(45,)`` of the frame whose ``(n,)`` samples these are."""
        self._cepstra, first = _joined(self._cepstra, mfcc(_newest(samples, self._rate)[None], self._rate))
        self._first, second = _joined(self._first, first)
        parts = (self._cepstra[-1:], first, second, _thirds(samples[None]))
        return np.concatenate(parts, axis=1)[0].astype(np.float32)


def stream_features(frames: Sequence[Audio], sample_rate: int) -> NDArray[np.float32]:
    """``(T, 45)`` of ``T`` successive frames: what a stream gives, all at once."""
    cepstra = mfcc(np.stack([_newest(samples, sample_rate) for samples in frames]), sample_rate)
    first = _slopes(_preceded(cepstra))
    thirds = np.zeros((len(frames), 2 * THIRDS))
    lengths = np.array([len(samples) for samples in frames])
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        thirds[at] = _thirds(np.stack([frames[int(i)] for i in at]))
    parts = (cepstra, first, _slopes(_preceded(first)), thirds)
    return np.concatenate(parts, axis=1).astype(np.float32)


def mfcc(windows: Array, sample_rate: int) -> Array:
    """``(T, 13)`` cepstra of windows ``(T, n)`` in [-1, 1]; the first one is the logarithm of the energy, before
    pre-emphasis.

    Source: Kaldi's ``compute-mfcc-feats`` with its defaults (Povey window, 23 bands from 20 Hz, lifter 22), no dither.
    """
    from scipy.fft import dct

    length = windows.shape[1]
    centred = windows - windows.mean(axis=1, keepdims=True)
    energy = np.log(np.maximum((centred**2).sum(axis=1), _FLOOR))
    before = np.concatenate([centred[:, :1], centred[:, :-1]], axis=1)
    size = 1 << (length - 1).bit_length()
    power = np.abs(np.fft.rfft((centred - _PREEMPHASIS * before) * _povey(length), size)) ** 2
    bands = np.log(np.maximum(power[:, :-1] @ _filters(sample_rate, size).T, _FLOOR))
    cepstra: Array = dct(bands, norm="ortho", axis=1)[:, :CEPSTRA] * _lifter()
    cepstra[:, 0] = energy
    return cepstra


def _newest(samples: Audio, sample_rate: int) -> Array:
    """The last 25 ms of ``(n,)`` samples; fewer are taken as preceded by silence."""
    length = round(_WINDOW_SECONDS * sample_rate)
    window = np.zeros(length)
    newest = samples[-length:]
    window[length - len(newest) :] = newest
    return window


def _thirds(frames: Audio) -> Array:
    """``(T, 6)``: loudness, then zero crossings of the thirds of frames ``(T, n)`` of equal length."""
    parts = np.array_split(frames.astype(np.float64), THIRDS, axis=1)
    loudness = [np.sqrt((part**2).sum(axis=1) / max(part.shape[1], 1)) for part in parts]
    crossings = [
        (np.signbit(part[:, 1:]) != np.signbit(part[:, :-1])).sum(axis=1) / max(part.shape[1] - 1, 1) for part in parts
    ]
    return np.stack([*loudness, *crossings], axis=1)


def _joined(past: Array | None, newest: Array) -> tuple[Array, Array]:
    """The last five values with ``newest`` ``(1, k)`` among them, and their slope ``(1, k)``."""
    values = _preceded(newest) if past is None else np.concatenate([past[-4:], newest])
    return values, _slopes(values)


def _preceded(values: Array) -> Array:
    """Values ``(T, k)`` with the first one four more times in front."""
    return np.concatenate([np.repeat(values[:1], 4, axis=0), values])


def _slopes(values: Array) -> Array:
    """``(T, k)``: the slope of a regression line over each of ``T + 4`` values and the four before it."""
    slope: Array = (2 * (values[4:] - values[:-4]) + values[3:-1] - values[1:-3]) / 10
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
