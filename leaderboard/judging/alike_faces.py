"""How much a face moves as the human listener's, whatever was done to its size, sign, tempo, delay and smoothness.

Curves are kept between 0.3 and 5 Hz, so that neither pose nor trembling counts, and compared at a common tempo and lag
by the mean of their absolute correlations. Mouth, upper face and head are compared apart: any of them may be the copy.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from omnibench.media.face import BLENDSHAPES, ROTATION_COLUMNS, TRANSLATION_COLUMNS

BAND_HZ: Final = (0.3, 5.0)
TEMPOS: Final = (0.85, 0.88, 0.91, 0.94, 0.97, 1.0, 1.03, 1.06, 1.09, 1.12, 1.15)
LAG_SECONDS: Final = 2.5
PIECE_SECONDS: Final = 14.0
MOST_PIECES: Final = 6
LIVELIEST: Final = 10
LEAST_CURVES: Final = 3
_LEAST_SPREAD, _STILL_BESIDE = 1e-3, 0.05
_LEAST_FRAMES: Final = 60
_DRIFT: Final = 0.18


def _named(*starts: str) -> tuple[int, ...]:
    return tuple(i for i, name in enumerate(BLENDSHAPES) if name.startswith(starts))


GROUPS: Final = (
    _named("mouth", "jaw", "tongue", "cheek"),
    _named("brow", "eye", "nose"),
    (*ROTATION_COLUMNS, *TRANSLATION_COLUMNS),
)
"""Mouth, upper face, head."""

Curves = NDArray[np.float64]


def face_likeness(answer: NDArray[np.floating], human: NDArray[np.floating], fps: float) -> float | None:
    """The highest likeness of a group of curves, from 0 to 1.

    Args:
        answer: ``(frames, 64)``, finite.
        human: likewise; lost faces (NaN) stand still.
        fps: frames per second of both.

    Returns:
        None where the human's face or the answer's moves too little, or for less than `_LEAST_FRAMES` frames.
    """
    frames = min(len(answer), len(human))
    if frames < _LEAST_FRAMES:
        return None
    mine, theirs = (_moving(curves[:frames], fps) for curves in (answer, human))
    found = [_group(mine, theirs, columns, fps) for columns in GROUPS]
    return max((value for value in found if value is not None), default=None)


def _moving(curves: NDArray[np.floating], fps: float) -> Curves:
    """Between the lowest and highest frequency; a frame without a face is the one before it."""
    whole = np.isfinite(curves).all(axis=1)
    last = np.maximum.accumulate(np.where(whole, np.arange(len(curves)), -1))
    known = np.where((last >= 0)[:, None], curves[np.maximum(last, 0)], 0.0).astype(np.float64)
    low, high = BAND_HZ[0], min(BAND_HZ[1], 0.45 * fps)
    kept: Curves = sosfiltfilt(butter(2, (low, high), "bandpass", fs=fps, output="sos"), known, axis=0)
    return kept


def _group(mine: Curves, theirs: Curves, columns: tuple[int, ...], fps: float) -> float | None:
    spread = theirs[:, columns].std(axis=0)
    liveliest = np.argsort(-spread)[:LIVELIEST]
    chosen = [columns[i] for i in liveliest if spread[i] > max(_LEAST_SPREAD, _STILL_BESIDE * spread.max())]
    moving = [column for column in chosen if mine[:, column].std() > _LEAST_SPREAD / 10]
    if len(chosen) < LEAST_CURVES or 2 * len(moving) < len(chosen) or len(moving) < LEAST_CURVES:
        return None
    mine, theirs = mine[:, moving], theirs[:, moving]
    return float(np.mean([_best(mine, theirs, start, fps) for start in _pieces(len(theirs), fps)]))


def _pieces(frames: int, fps: float) -> list[int]:
    """Where pieces of the human's curves begin, evenly over the dialogue."""
    length = min(frames, round(PIECE_SECONDS * fps))
    return [int(start) for start in np.linspace(0, frames - length, min(MOST_PIECES, max(1, frames // length)))]


def _best(mine: Curves, theirs: Curves, start: int, fps: float) -> float:
    """The highest mean correlation of a piece over tempo and lag; the lag may grow with the time before it."""
    reach = round(LAG_SECONDS * fps + _DRIFT * start)
    piece = theirs[start : start + round(PIECE_SECONDS * fps)]
    first = max(0, start - reach)
    near = mine[first : start + len(piece) + reach]
    best = 0.0
    for tempo in TEMPOS:
        place = np.arange(0, len(piece) - 1, tempo)
        left = place.astype(int)
        share = (place - left)[:, None]
        paced = piece[left] * (1 - share) + piece[left + 1] * share
        best = max(best, _correlation(near, paced, start - first, reach))
    return best


def _correlation(mine: Curves, theirs: Curves, place: int, reach: int) -> float:
    """The highest mean over curves of their absolute correlations, within ``reach`` frames of ``place``, where at least
    half of the piece overlaps.
    """
    points = 1 << (len(mine) + len(theirs)).bit_length()

    def products(first: Curves, second: Curves) -> Curves:
        spectrum = np.conj(np.fft.rfft(first, points, axis=0)) * np.fft.rfft(second, points, axis=0)
        return np.fft.irfft(spectrum, points, axis=0)

    here, there = np.ones((len(theirs), 1)), np.ones((len(mine), 1))
    energy = products(here, mine**2) * products(theirs**2, there)
    likeness = np.abs(products(theirs, mine)) / np.sqrt(np.maximum(energy, 1e-12))
    lag = np.arange(points)
    lag[lag > points // 2] -= points
    allowed = (np.abs(lag - place) <= reach) & (products(here, there)[:, 0] >= 0.5 * len(theirs))
    return float(likeness[allowed].mean(axis=1).max(initial=0.0))
