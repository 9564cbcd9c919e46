"""Distances between the lips and the voice of one clip at every shift, and what is read off them: SyncNet's arithmetic,
whichever network made the embeddings.

Row ``n`` of both inputs is the window that starts at frame ``n``: `WINDOW` frames of lips at `FPS` and the same 0.2 s
of sound. A positive offset says that the sound comes before the lips by so many frames.

Source: Chung & Zisserman 2016, "Out of time"; ``SyncNetInstance.calc_pdist`` of joonson/syncnet_python @6efbb1c;
Prajwal et al. 2020 (LSE-D, LSE-C).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import Span

FPS: Final = 25
"""Windows a second."""

WINDOW: Final = 5
"""Frames of lips in one window."""

SHIFTS: Final = 15
"""Frames that the sound is moved each way."""

EPSILON: Final = 1e-6
"""What ``torch.nn.functional.pairwise_distance`` adds to every difference."""


class LipSync(NamedTuple):
    """``distance`` (LSE-D, the smallest over the shifts), ``confidence`` (LSE-C, median minus smallest), ``offset`` in
    frames (positive: the sound is early) and ``zero`` (the distance with nothing shifted).
    """

    distance: float
    confidence: float
    offset: int
    zero: float


def shift_distances(video: NDArray[Any], audio: NDArray[Any], shifts: int = SHIFTS) -> NDArray[np.float64]:
    """Distance of every lip window to the sound windows around it; past both ends of the clip the sound is zeros.

    Args:
        video: ``(n, d)`` embeddings of the lips.
        audio: ``(n, d)`` embeddings of the sound.
        shifts: frames each way.

    Returns:
        ``(n, 2 * shifts + 1)``: column ``k`` compares row ``n`` with sound row ``n + k - shifts``.

    Raises:
        ValueError: the two are of different shapes.

    Example:
        >>> shift_distances(np.ones((2, 4)), np.ones((2, 4)), shifts=1).round(3)
        array([[2., 0., 0.],
               [0., 0., 2.]])
    """
    lips, sound = np.asarray(video, dtype=np.float64), np.asarray(audio, dtype=np.float64)
    if lips.ndim != 2 or lips.shape != sound.shape:
        raise ValueError(f"expected two (n, d) arrays of one shape, got {lips.shape} and {sound.shape}")
    return padded_distances(lips, np.pad(sound, ((shifts, shifts), (0, 0))))


def padded_distances(video: NDArray[Any], around: NDArray[Any]) -> NDArray[np.float64]:
    """`shift_distances` of part of a clip: ``around`` ``(n + 2 * shifts, d)`` begins ``shifts`` windows before
    ``video`` ``(n, d)`` does, and ends as many after it.
    """
    lips, sound = np.asarray(video, dtype=np.float64), np.asarray(around, dtype=np.float64)
    columns = len(sound) - len(lips) + 1
    distances = np.empty((len(lips), columns))
    for column in range(columns):
        difference = lips - sound[column : column + len(lips)] + EPSILON
        distances[:, column] = np.sqrt(np.einsum("nd,nd->n", difference, difference))
    return distances


class RunningDistances:
    """`shift_distances` of a clip that comes in parts, in order; only the distances are kept.

    Args:
        shifts: frames each way.
    """

    def __init__(self, shifts: int = SHIFTS) -> None:
        self._shifts = shifts
        self._lips: list[NDArray[Any]] = []
        self._sound: list[NDArray[Any]] = []
        self._done: list[NDArray[np.float64]] = []

    def push(self, video: NDArray[Any], audio: NDArray[Any]) -> None:
        """The next windows: ``(n, d)`` of the lips and ``(n, d)`` of the sound."""
        if not self._sound:
            self._sound.append(np.zeros((self._shifts, audio.shape[1])))
        lips, sound = np.concatenate([*self._lips, video]), np.concatenate([*self._sound, audio])
        ready = max(0, len(sound) - 2 * self._shifts)
        if ready:
            self._done.append(padded_distances(lips[:ready], sound[: ready + 2 * self._shifts]))
        self._lips, self._sound = [lips[ready:]], [sound[ready:]]

    def finish(self) -> NDArray[np.float64]:
        """The distances of all windows, one at least."""
        behind = np.zeros((self._shifts, self._sound[0].shape[1]))
        rest = padded_distances(self._lips[0], np.concatenate([*self._sound, behind]))
        return np.concatenate([*self._done, rest])


def lse(distances: NDArray[Any]) -> LipSync:
    """Mean over the windows, then the smallest over the shifts.

    Args:
        distances: ``(n, 2 * shifts + 1)``, n >= 1.

    Raises:
        ValueError: no window.

    Example:
        >>> lse(np.array([[3.0, 1.0, 2.0], [3.0, 1.0, 4.0]]))
        LipSync(distance=1.0, confidence=2.0, offset=0, zero=1.0)
    """
    if len(distances) == 0:
        raise ValueError("no window to take a mean over")
    means = np.asarray(distances, dtype=np.float64).mean(axis=0)
    middle, best = len(means) // 2, int(means.argmin())
    return LipSync(
        distance=float(means[best]),
        confidence=float(np.median(means) - means[best]),
        offset=middle - best,
        zero=float(means[middle]),
    )


def speech_windows(spans: Sequence[Span], windows: int) -> NDArray[np.bool_]:
    """Which windows are speech: those whose middle, ``(n + WINDOW / 2) / FPS`` seconds, lies in a span.

    Args:
        spans: stretches of speech (`omnibench.features.activity.speech_spans`).
        windows: how many there are.

    Returns:
        ``(windows,)``.

    Example:
        >>> speech_windows([Span(0.2, 0.3)], 6)
        array([False, False, False,  True,  True, False])
    """
    middle = (np.arange(windows) + WINDOW / 2) / FPS
    active = np.zeros(windows, dtype=bool)
    for span in spans:
        active |= (span.start <= middle) & (middle < span.end)
    return active


def whole_windows(windows: int, shifts: int = SHIFTS) -> NDArray[np.bool_]:
    """Which windows have sound at every shift, so that each shift is a mean over the same windows and no zeros of the
    padding enter.

    Returns:
        ``(windows,)``; all False for a clip of ``2 * shifts`` windows or fewer.
    """
    index = np.arange(windows)
    return (index >= shifts) & (index < windows - shifts)
