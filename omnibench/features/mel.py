"""Mel spectra, as librosa makes them with its default settings. numpy and scipy only."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_LINEAR: Final = 200.0 / 3.0
_BREAK: Final = 1000.0
_LOG_STEP: Final = np.log(6.4) / 27.0
TOP_DB: Final = 80.0


def mel_power(samples: Array, rate: int, n_fft: int, hop: int, window: int, mels: int) -> Array:
    """Power in mel bands.

    Args:
        samples: ``(n,)``.
        rate: samples per second.
        n_fft: length of the transform; frames are centred, with zeros beyond both ends.
        hop: samples between frames.
        window: length of the Hann window, at most ``n_fft``.
        mels: bands from 0 to ``rate / 2``.

    Returns:
        ``(mels, n // hop + 1)`` float32, none negative.

    Source: ``librosa.feature.melspectrogram`` of librosa 0.11.
    """
    from numpy.lib.stride_tricks import sliding_window_view
    from scipy.fft import rfft

    padded = np.pad(np.asarray(samples, dtype=np.float32), n_fft // 2)
    frames = sliding_window_view(padded, n_fft)[::hop] * _hann(window, n_fft)
    # In 64 bits, as librosa: 80 dB below the loudest, the rounding of a 32-bit transform would show.
    spectrum = rfft(frames, axis=1).astype(np.complex64)
    power = (np.abs(spectrum) ** 2).T
    # librosa's own sum: zeros and all, because a BLAS's order of summation is the last bit of the result.
    bands: Array = np.einsum("ft,mf->mt", power, _filters(rate, n_fft, mels), optimize=True)
    return bands


def mel_decibels(samples: Array, rate: int, n_fft: int, hop: int, window: int, mels: int) -> Array:
    """`mel_power` in dB below the loudest, cut at -80: ``(mels, n // hop + 1)`` float32 in [-80, 0].

    Source: ``librosa.power_to_db(ref=np.max)`` of librosa 0.11.
    """
    bands = np.maximum(mel_power(samples, rate, n_fft, hop, window, mels), np.float32(1e-10))
    decibels = 10.0 * np.log10(bands) - 10.0 * np.log10(bands.max())
    result: Array = np.maximum(decibels, -TOP_DB)
    return result


@cache
def _hann(window: int, n_fft: int) -> NDArray[np.float64]:
    """A periodic Hann window in the middle of ``n_fft`` samples."""
    from scipy.signal import get_window

    left = (n_fft - window) // 2
    return np.pad(get_window("hann", window), (left, n_fft - window - left))


@cache
def _filters(rate: int, n_fft: int, mels: int) -> Array:
    """``(mels, n_fft // 2 + 1)`` triangles of unit area on Slaney's mel scale."""
    edges = _hertz(np.linspace(0.0, _mel(rate / 2), mels + 2))
    bins = np.fft.rfftfreq(n_fft, 1.0 / rate)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    # In place, so that the products are of 64 bits and their results of 32.
    triangles *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return triangles


def _mel(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz / _LINEAR
    return _BREAK / _LINEAR + float(np.log(hertz / _BREAK)) / _LOG_STEP


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = mel >= _BREAK / _LINEAR
    return np.where(above, _BREAK * np.exp(_LOG_STEP * (mel - _BREAK / _LINEAR)), mel * _LINEAR)
