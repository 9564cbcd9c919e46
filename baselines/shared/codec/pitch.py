"""Fundamental frequency of clean speech, frame by frame: window-normalised autocorrelation and a best path through it.

Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
sampled sound" (1993): the autocorrelation of a windowed frame is divided by the window's own (equation 9), and dynamic
programming chooses one lag or "unvoiced" for each frame, with costs for jumps and for changes of voicing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
HOP: Final = 160
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 450.0
_STATES_PER_OCTAVE: Final = 48
_WINDOW: Final = 768
_FFT: Final = 2048
_OVERSAMPLING: Final = 4
_SILENT_RMS: Final = 1e-3
_VOICING_THRESHOLD: Final = 0.5
_OCTAVE_REWARD: Final = 0.02
_JUMP_COST: Final = 1.5
_VOICING_COST: Final = 0.2
_BLOCK: Final = 512


def frames_at(audio: NDArray[np.float32], window: int, count: int) -> NDArray[np.float32]:
    """Slices of ``window`` samples centred on the frame instants ``(j + 1) * HOP``, zeros beyond the ends.

    Returns:
        (count, window), a view into a padded copy.
    """
    padded = np.zeros(window + (count + 1) * HOP, np.float32)
    start = window // 2
    kept = min(len(audio), len(padded) - start)
    padded[start : start + kept] = audio[:kept]
    return np.lib.stride_tricks.sliding_window_view(padded, window)[HOP::HOP][:count]


def track_pitch(audio: NDArray[np.float32], count: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """F0 and voicing at the instants ``(j + 1) * HOP``.

    Args:
        audio: (n,) float32 in [-1, 1] at 16 kHz.
        count: number of frames.

    Returns:
        f0 (count,) in Hz, interpolated through unvoiced frames (the geometric middle of the range where nothing is
        voiced), and voiced (count,).
    """
    grid = LOWEST_HZ * 2 ** (
        np.arange(int(np.log2(HIGHEST_HZ / LOWEST_HZ) * _STATES_PER_OCTAVE) + 1) / _STATES_PER_OCTAVE
    )
    correlation, loudness = _correlations(audio, count, grid)
    path = _best_path(correlation, loudness, grid)
    voiced = path >= 0
    f0 = np.full(count, np.sqrt(LOWEST_HZ * HIGHEST_HZ))
    if voiced.any():
        at = np.flatnonzero(voiced)
        f0 = np.exp(np.interp(np.arange(count), at, np.log(_refine(correlation[at], path[at], grid))))
    return f0.astype(np.float32), voiced


def _correlations(
    audio: NDArray[np.float32], count: int, grid: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Normalised autocorrelation at the grid's lags (count, states) and root mean square of each frame (count,)."""
    window = np.hanning(_WINDOW + 2)[1:-1].astype(np.float32)
    own = _autocorrelation(window[None])[0]
    lags = SAMPLE_RATE / grid * _OVERSAMPLING
    below = lags.astype(int)
    fraction = (lags - below).astype(np.float32)
    frames = frames_at(audio, _WINDOW, count)
    correlation = np.zeros((count, len(grid)), np.float32)
    loudness = np.empty(count, np.float32)
    for start in range(0, count, _BLOCK):
        loudness[start : start + _BLOCK] = np.sqrt((frames[start : start + _BLOCK] ** 2).mean(axis=1))
    sounding = np.flatnonzero(loudness >= _SILENT_RMS)
    for start in range(0, len(sounding), _BLOCK):
        at = sounding[start : start + _BLOCK]
        block = frames[at]
        block = block - block.mean(axis=1, keepdims=True)
        values = _autocorrelation(block * window) / own
        correlation[at] = values[:, below] * (1 - fraction) + values[:, below + 1] * fraction
    return correlation, loudness


def _autocorrelation(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Autocorrelation over the zero-lag value at ``_OVERSAMPLING`` points a sample, up to the longest lag."""
    power = np.abs(np.fft.rfft(frames, _FFT)) ** 2
    longest = int(SAMPLE_RATE / LOWEST_HZ * _OVERSAMPLING) + 3
    values = np.fft.irfft(power, _FFT * _OVERSAMPLING)[:, :longest]
    return (values / (values[:, :1] + 1e-9)).astype(np.float32)


def _best_path(
    correlation: NDArray[np.float32], loudness: NDArray[np.float32], grid: NDArray[np.float64]
) -> NDArray[np.int64]:
    """State of each frame on the path of highest total score; -1 is unvoiced."""
    count, states = correlation.shape
    octaves = np.log2(grid)
    jump = _JUMP_COST * np.abs(octaves[:, None] - octaves[None, :])
    strength = correlation + _OCTAVE_REWARD * (octaves - octaves[0])
    silent = loudness < _SILENT_RMS
    best = strength[0].astype(np.float64) if count else np.zeros(states)
    best_unvoiced = _VOICING_THRESHOLD
    came_from = np.full((count, states), -1, np.int64)
    unvoiced_from = np.full(count, -1, np.int64)
    for j in range(1, count):
        moves = best[None, :] - jump
        source = moves.argmax(axis=1)
        stayed = moves[np.arange(states), source]
        started = best_unvoiced - _VOICING_COST
        came_from[j] = np.where(stayed >= started, source, -1)
        top = int(best.argmax())
        ended = best[top] - _VOICING_COST
        unvoiced_from[j] = top if ended > best_unvoiced else -1
        best_unvoiced = max(ended, best_unvoiced) + _VOICING_THRESHOLD + float(silent[j])
        best = np.maximum(stayed, started) + strength[j]
    path = np.full(count, -1, np.int64)
    if count:
        path[-1] = int(best.argmax()) if best.max() > best_unvoiced else -1
    for j in range(count - 1, 0, -1):
        path[j - 1] = came_from[j, path[j]] if path[j] >= 0 else unvoiced_from[j]
    return path


def _refine(
    correlation: NDArray[np.float32], states: NDArray[np.int64], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    """F0 at the top of a parabola through the chosen state and its neighbours, (m,) in Hz."""
    middle = np.clip(states, 1, len(grid) - 2)
    rows = np.arange(len(middle))
    left, top, right = (correlation[rows, middle + step].astype(np.float64) for step in (-1, 0, 1))
    curvature = left - 2 * top + right
    offset = np.where(curvature < -1e-9, 0.5 * (left - right) / np.minimum(curvature, -1e-9), 0.0)
    return np.exp2(np.log2(grid[middle]) + np.clip(offset, -1.0, 1.0) / _STATES_PER_OCTAVE)
