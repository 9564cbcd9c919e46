"""Spectral envelope of speech at a known pitch, on 60 bands evenly spaced in mel.

CheapTrick (M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech synthesis", 2015): power
spectrum of three periods, smoothed over 2/3 of the pitch, liftered so that neither harmonics nor the window remain.
Power spectra are densities: white noise of variance 1 is 1.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from baselines.shared.codec.pitch import SAMPLE_RATE, frames_at

BANDS: Final = 60
FFT: Final = 1024
BINS: Final = FFT // 2 + 1
FLOOR: Final = 1e-9
_UNVOICED_HZ: Final = 400.0
_COMPENSATION: Final = -0.15
_PERIODS: Final = 3.0
_BLOCK: Final = 1024


def mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mel scale (O'Shaughnessy)."""
    return 2595.0 * np.log10(1.0 + hertz / 700.0)


def band_centres_hz() -> NDArray[np.float64]:
    """(BANDS,) frequencies, evenly spaced in mel from 0 to 8 kHz, at which envelopes are kept."""
    points = np.linspace(0.0, float(mel(np.array(SAMPLE_RATE / 2.0))), BANDS)
    return 700.0 * (10.0 ** (points / 2595.0) - 1.0)


def band_to_bin_matrix() -> NDArray[np.float32]:
    """(BINS, BANDS) weights that interpolate a band envelope linearly in mel to the bins of a 1024-point spectrum."""
    bins = mel(np.linspace(0.0, SAMPLE_RATE / 2.0, BINS))
    centres = mel(band_centres_hz())
    return np.stack([np.interp(bins, centres, row) for row in np.eye(BANDS)], axis=1).astype(np.float32)


def bin_to_band_matrix() -> NDArray[np.float32]:
    """(BINS, BANDS) triangular averages around the band centres, columns summing to one."""
    bins = np.linspace(0.0, SAMPLE_RATE / 2.0, BINS)
    centres = band_centres_hz()
    resolution = SAMPLE_RATE / FFT
    columns = []
    for i, centre in enumerate(centres):
        lower = max(centre - centres[i - 1], resolution) if i else resolution
        upper = max(centres[i + 1] - centre, resolution) if i + 1 < BANDS else resolution
        rising, falling = 1 - (centre - bins) / lower, 1 - (bins - centre) / upper
        columns.append(np.clip(np.where(bins < centre, rising, falling), 0.0, None))
    weights = np.stack(columns, axis=1)
    return (weights / weights.sum(axis=0)).astype(np.float32)


def spectral_envelope(
    audio: NDArray[np.float32], f0: NDArray[np.float32], voiced: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Envelope at the instants ``(j + 1) * HOP``.

    Args:
        audio: (n,) float32 in [-1, 1] at 16 kHz.
        f0: (T,) Hz.
        voiced: (T,).

    Returns:
        (T, BANDS) log10 of the power density, at least log10(FLOOR).
    """
    count = len(f0)
    pitch = np.where(voiced, np.maximum(f0, 55.0), _UNVOICED_HZ).astype(np.float64)
    frames = frames_at(audio, FFT, count)
    to_bands = bin_to_band_matrix()
    envelope = np.full((count, BANDS), np.log10(FLOOR), np.float32)
    sounding = np.flatnonzero(frames.any(axis=1))
    for start in range(0, len(sounding), _BLOCK):
        at = sounding[start : start + _BLOCK]
        envelope[at] = _cheaptrick(frames[at], pitch[at]) @ to_bands
    return np.maximum(envelope, np.float32(np.log10(FLOOR)))


def _power(frames: NDArray[np.float32], pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power density (m, BINS) through Hann windows of three pitch periods."""
    offset = np.arange(FFT) - FFT // 2
    half = np.minimum(_PERIODS / 2 * SAMPLE_RATE / pitch, FFT / 2)[:, None]
    window = np.where(np.abs(offset) < half, 0.5 + 0.5 * np.cos(np.pi * offset / half), 0.0)
    energy = (window**2).sum(axis=1, keepdims=True)
    windowed = frames * window
    windowed -= window * (windowed.sum(axis=1, keepdims=True) / window.sum(axis=1, keepdims=True))
    return np.abs(np.fft.rfft(windowed, FFT)) ** 2 / energy


def _cheaptrick(frames: NDArray[np.float32], pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 envelope (m, BINS)."""
    power = _power(frames, pitch)
    bins = np.arange(BINS)
    width = SAMPLE_RATE / FFT
    # Below the pitch a window without its mean sees nothing: mirror what lies between half the pitch and the pitch.
    mirrored = np.clip(np.round(pitch[:, None] / width - bins).astype(int), 0, BINS - 1)
    below = bins * width < pitch[:, None] / 2
    power = np.where(below, np.take_along_axis(power, mirrored, axis=1), power)
    smooth = np.log(_box(power, pitch * 2 / 3 / width) + FLOOR)
    cepstrum = np.fft.irfft(smooth, FFT)
    quefrency = np.minimum(np.arange(FFT), FFT - np.arange(FFT)) / SAMPLE_RATE
    turns = pitch[:, None] * quefrency
    lifter = np.sinc(turns) * (1 - 2 * _COMPENSATION + 2 * _COMPENSATION * np.cos(2 * np.pi * turns))
    return np.fft.rfft(cepstrum * lifter, FFT).real / np.log(10.0)


def _box(power: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running mean over ``width`` (m,) bins, spectra mirrored at both ends."""
    margin = int(np.ceil(width.max())) + 2
    extended = np.concatenate([power[:, margin:0:-1], power, power[:, -2 : -margin - 2 : -1]], axis=1)
    total = np.cumsum(extended, axis=1)
    rows = np.arange(len(power))[:, None]

    def total_at(position: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = np.floor(position).astype(int)
        left, right = total[rows, whole], total[rows, whole + 1]
        return left + (right - left) * (position - whole)

    centre = np.arange(BINS)[None, :] + margin - 0.5
    half = width[:, None] / 2
    return np.maximum(total_at(centre + half) - total_at(centre - half), 0.0) / width[:, None]
