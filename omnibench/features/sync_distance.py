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
    padded = np.pad(sound, ((shifts, shifts), (0, 0)))
    distances = np.empty((len(lips), 2 * shifts + 1))
    for column in range(2 * shifts + 1):
        difference = lips - padded[column : column + len(lips)] + EPSILON
        distances[:, column] = np.sqrt(np.einsum("nd,nd->n", difference, difference))
    return distances


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
