"""Log-mel energies of speech at 100 frames a second, in pieces: a long clip is never held whole."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.sound import Sound

RATE: Final = 16_000
HOP: Final = 160
WINDOW: Final = 400
BANDS: Final = 40
_FFT: Final = 512
_LOWEST_HZ: Final = 60.0
_HIGHEST_HZ: Final = 7600.0
_FLOOR: Final = 1e-7


def log_mel(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Natural logarithm of the mean power in `BANDS` mel bands, frame ``m`` over samples ``160 m <= n < 160 m + 400``.

    Args:
        samples: ``(n,)`` in [-1, 1] at 16 kHz.

    Returns:
        ``(1 + (n - 400) // 160, 40)``, never below log(1e-7); no row for fewer than 400 samples.

    Source: triangular bands on the scale of O'Shaughnessy 1987, area 1 each as in Slaney's Auditory Toolbox.
    """
    if len(samples) < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float32), WINDOW)[::HOP]
    taper = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    spectrum = np.fft.rfft(frames * taper, _FFT)
    power = (spectrum.real**2 + spectrum.imag**2) / float((taper**2).sum())
    return np.log(power @ _bands().T + _FLOOR).astype(np.float32)


def log_mel_between(sound: Sound, first: int, last: int) -> NDArray[np.float32]:
    """Rows ``first <= m < last`` of `log_mel` of a track at any rate; past its end there is silence.

    Args:
        sound: at any rate.
        first: the first row.
        last: one past the last row.

    Returns:
        ``(last - first, 40)``.
    """
    begin, end = first * HOP, (last - 1) * HOP + WINDOW
    second = begin // RATE
    samples = _resampled(sound, second, math.ceil(end / RATE))
    return log_mel(samples[begin - second * RATE : end - second * RATE])


def _resampled(sound: Sound, start: int, stop: int) -> NDArray[np.float32]:
    """Seconds ``start`` to ``stop`` at 16 kHz. A second on either side is resampled with them, so that pieces join
    without a seam.
    """
    rate = sound(0, 1)[1]
    before = min(start, 1)
    first, last = (start - before) * rate, (stop + 1) * rate
    samples = np.zeros(last - first, np.float32)
    read = sound(first, last)[0]
    samples[: len(read)] = read
    if rate != RATE:
        from scipy.signal import resample_poly

        shared = math.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // shared, rate // shared).astype(np.float32)
    return samples[before * RATE : (before + stop - start) * RATE]


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float64]:
    """``(40, 257)`` triangles, each summing to 1."""
    lowest, highest = (1127.0 * math.log1p(hertz / 700.0) for hertz in (_LOWEST_HZ, _HIGHEST_HZ))
    corners = 700.0 * np.expm1(np.linspace(lowest, highest, BANDS + 2) / 1127.0)
    bins = np.arange(_FFT // 2 + 1) * RATE / _FFT
    rising = (bins - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    falling = (corners[2:, None] - bins) / (corners[2:] - corners[1:-1])[:, None]
    triangles = np.clip(np.minimum(rising, falling), 0.0, None)
    return triangles / triangles.sum(axis=1, keepdims=True)
