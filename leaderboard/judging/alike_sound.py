"""How much an answer sounds like the human listener, whatever was done to its tempo, pitch, loudness and noise floor.

Pieces of a second of the human's speech are looked for in the answer: by normalised cross-correlation of how the
energies of log-spaced bands move, over tempo, a shift along the bands and time. A piece keeps its place when pauses
around it are stretched, so that answers with other gaps are found too; energies are compressed by their cube root, as
loudness is, which lets noise weigh less than a logarithm does (Stevens 1957; Hermansky, "Perceptual linear predictive
analysis of speech", JASA 1990).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

HOP_SECONDS: Final = 0.02
WINDOW_SECONDS: Final = 0.04
BANDS: Final = 22
LOWEST_HZ, HIGHEST_HZ = 150.0, 3800.0
PIECE: Final = 50
"""Frames of a piece: one second."""
MOST_PIECES: Final = 12
LEAST_PIECES: Final = 2
TEMPOS: Final = (0.82, 0.85, 0.88, 0.91, 0.94, 0.97, 1.0, 1.03, 1.06, 1.09, 1.12, 1.15, 1.18)
BAND_SHIFTS: Final = (-1, 0, 1)
"""A band is 2.5 semitones wide."""
_DRIFT, _LAG_SECONDS = 0.2, 3.0
_SPEECH_BELOW_PEAK_DB: Final = -35.0
_SPEECH_SHARE: Final = 0.6
_STILL: Final = 1e-3

Bands = NDArray[np.float64]


def bands_of(samples: NDArray[np.floating], rate: int) -> Bands:
    """``(frames, BANDS)`` compressed energies of mono samples ``(n,)`` at ``rate`` Hz, 1 where they are loudest."""
    size, step = round(WINDOW_SECONDS * rate), HOP_SECONDS * rate
    count = max(0, int((len(samples) - size) / step) + 1)
    points = 1 << (size - 1).bit_length()
    hertz = np.fft.rfftfreq(points, 1 / rate)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 2)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.maximum(0, np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)))
    starts = np.round(np.arange(count) * step).astype(np.int64)
    energies = np.empty((count, BANDS))
    for first in range(0, count, 4096):
        pieces = samples[starts[first : first + 4096, None] + np.arange(size)]
        power = np.abs(np.fft.rfft(pieces * np.hanning(size), points, axis=1)) ** 2
        energies[first : first + 4096] = power @ triangles.T
    loudest = float(energies.sum(axis=1).max()) if count else 0.0
    return np.cbrt(energies / loudest) if loudest > 0 else energies


def sound_likeness(answer: Bands, human: Bands) -> float | None:
    """How well the human's pieces of speech are found in the answer, at best 1: the mean of their correlations.

    Returns:
        None where the human speaks for less than two pieces, or the answer is shorter than one.
    """
    pieces = speech_pieces(human)
    if len(pieces) < LEAST_PIECES or len(answer) < PIECE / min(TEMPOS) or not answer.any():
        return None
    return float(np.mean([_found(answer, start, human[start : start + PIECE]) for start in pieces]))


def speech_pieces(human: Bands) -> list[int]:
    """Where pieces of a second begin that are mostly speech, at most `MOST_PIECES` evenly over the dialogue."""
    loud = (human**3).sum(axis=1)
    speech = loud > loud.max(initial=0.0) * 10 ** (_SPEECH_BELOW_PEAK_DB / 10)
    starts, frame = [], 0
    while frame + PIECE <= len(human):
        found = speech[frame : frame + PIECE].mean() >= _SPEECH_SHARE
        starts += [frame] if found else []
        frame += PIECE // 2 if found else PIECE // 10
    if len(starts) <= MOST_PIECES:
        return starts
    return [starts[i] for i in np.linspace(0, len(starts) - 1, MOST_PIECES).round().astype(int)]


def _found(answer: Bands, start: int, piece: Bands) -> float:
    """The highest correlation of a piece with the answer, where a copy of it could be."""
    reach = round(_LAG_SECONDS / HOP_SECONDS + _DRIFT * start)
    near = answer[max(0, start - reach) : start + reach + round(PIECE / min(TEMPOS))]
    best = 0.0
    for warped in _warped(piece):
        for shift in BAND_SHIFTS:
            mine = near[:, max(0, shift) : BANDS + min(0, shift)]
            theirs = warped[:, max(0, -shift) : BANDS + min(0, -shift)]
            best = max(best, _correlation(mine, theirs))
    return best


def _warped(piece: Bands) -> Iterator[Bands]:
    for tempo in TEMPOS:
        place = np.linspace(0, len(piece) - 1, round(len(piece) / tempo))
        left = np.minimum(place.astype(int), len(piece) - 2)
        share = (place - left)[:, None]
        yield piece[left] * (1 - share) + piece[left + 1] * share


def _correlation(mine: Bands, theirs: Bands) -> float:
    """The highest over time, each band about its own mean, so that no filter or steady noise matters."""
    length = len(theirs)
    if len(mine) < length:
        return 0.0
    moving = theirs - theirs.mean(axis=0)
    windows = np.lib.stride_tricks.sliding_window_view(mine, length, axis=0)
    product = np.tensordot(windows, moving, axes=([2, 1], [0, 1]))
    sums, squares = (np.cumsum(np.vstack([np.zeros(mine.shape[1]), x]), axis=0) for x in (mine, mine**2))
    spread = (squares[length:] - squares[:-length] - (sums[length:] - sums[:-length]) ** 2 / length).sum(axis=1)
    norm = np.sqrt(np.maximum(spread, _STILL) * np.square(moving).sum())
    return float((product / np.maximum(norm, _STILL)).max())
