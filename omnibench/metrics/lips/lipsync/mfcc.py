"""Mel-frequency cepstral coefficients as SyncNet was trained on them: 13 at 100 Hz, of 16 kHz sound in 16-bit steps.

The same numbers as ``python_speech_features.mfcc`` 0.6 with its defaults (rectangular windows of 25 ms, 512-point
spectra, 26 filters up to 8 kHz, lifter 22, the first coefficient replaced by the log energy).
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000
"""Samples a second."""

HOP: Final = 160
COEFFICIENTS: Final = 13
WINDOW: Final = 20
"""Coefficient vectors in what one embedding is made of."""

_FRAME: Final = 400
_POINTS: Final = 512
_FILTERS: Final = 26
_LIFTER: Final = 22
_EMPHASIS: Final = 0.97
_BLOCK: Final = 4096
_EPS: Final = np.finfo(float).eps


def mfcc(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Coefficients of a track.

    Args:
        samples: ``(n,)`` at 16 kHz in 16-bit units (-32768 to 32767), n >= 1.

    Returns:
        ``(1 + ceil((n - 400) / 160), 13)``, at least one row; the last window is filled up with zeros.

    Raises:
        ValueError: no samples.
    """
    from scipy.fft import dct

    signal = np.asarray(samples, dtype=np.float64)
    if signal.ndim != 1 or signal.size == 0:
        raise ValueError(f"expected (n,) samples, n >= 1, got {signal.shape}")
    emphasised = np.append(signal[0], signal[1:] - _EMPHASIS * signal[:-1])
    rows = 1 if signal.size <= _FRAME else 1 + -(-(signal.size - _FRAME) // HOP)
    padded = np.pad(emphasised, (0, max(0, (rows - 1) * HOP + _FRAME - signal.size)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::HOP][:rows]
    filters, lifter = _filters(), 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / _LIFTER)
    result = np.empty((rows, COEFFICIENTS))
    # Spectra of an hour at once would be gigabytes.
    for start in range(0, rows, _BLOCK):
        power = np.abs(np.fft.rfft(windows[start : start + _BLOCK], _POINTS)) ** 2 / _POINTS
        energy = power.sum(axis=1)
        bands = power @ filters.T
        logs = np.log(np.where(bands == 0, _EPS, bands))
        block = dct(logs, type=2, axis=1, norm="ortho")[:, :COEFFICIENTS] * lifter
        block[:, 0] = np.log(np.where(energy == 0, _EPS, energy))
        result[start : start + _BLOCK] = block
    return result


def sound_windows(coefficients: NDArray[Any], first: int, count: int) -> NDArray[np.float32]:
    """What the sound tower sees of frames ``first`` to ``first + count - 1`` at 25 a second.

    Args:
        coefficients: ``(m, 13)``.
        first: first frame.
        count: frames; the last one needs ``4 * (first + count - 1) + 20 <= m``.

    Returns:
        ``(count, 1, 13, 20)``.
    """
    windows = np.lib.stride_tricks.sliding_window_view(coefficients, WINDOW, axis=0)
    return np.ascontiguousarray(windows[4 * first : 4 * (first + count) : 4][:, None], dtype=np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles between 28 points evenly spaced in mel, on whole bins of the spectrum, ``(26, 257)``."""
    top = 2595 * np.log10(1 + RATE / 2 / 700.0)
    edges = 700 * (10 ** (np.linspace(0, top, _FILTERS + 2) / 2595.0) - 1)
    bins = np.floor((_POINTS + 1) * edges / RATE).astype(int)
    bank = np.zeros((_FILTERS, _POINTS // 2 + 1))
    for row, (left, middle, right) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        bank[row, left:middle] = (np.arange(left, middle) - left) / (middle - left)
        bank[row, middle:right] = (right - np.arange(middle, right)) / (right - middle)
    return bank
