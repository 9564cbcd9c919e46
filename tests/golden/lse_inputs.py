"""Inputs by formula, for ours and for the reference implementations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

EMBEDDINGS = ((40, 0), (60, 4), (60, -7), (20, 2), (100, 15), (33, -15), (1, 0))
"""Windows, and frames that the sound is late."""
SOUNDS = (300, 400, 401, 2000)
PICTURES = ((100, 150), (224, 224), (301, 203), (448, 448), (97, 640))
CUTS = ((), (40,), (40, 47, 52, 80), (20, 25, 60, 100))
SEEN, THRESHOLDS = (480, 640), (0.9, 0.5, 0.1)
"""Height and width of the picture with boxes, and what a face is surer than."""
SCENES = ((0, 170), (170, 250), (250, 400))


def embeddings(windows: int, late: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two walks through 16 numbers, one behind the other."""
    n, d = np.arange(windows)[:, None], np.arange(16)[None]

    def walk(at: NDArray[Any]) -> NDArray[Any]:
        return 3 * np.sin(at * 0.37 * (1 + d / 5) + d)

    return walk(n).astype(np.float32), (walk(n - late) + 0.5 * np.cos(n * d)).astype(np.float32)


def sound(samples: int) -> NDArray[np.int16]:
    """Two tones that swell."""
    n = np.arange(samples)
    return (6000 * np.sin(n * 0.11) * np.sin(n * 0.002) + 900 * np.cos(n * 0.9)).astype(np.int16)


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """Three channels of remainders."""
    y, x, channel = np.mgrid[0:height, 0:width, 0:3]
    return ((x * x * 3 + y * y * 5 + x * y * (channel + 1) + channel * 77) % 256).astype(np.uint8)


def cut_pictures(cuts: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """120 small pictures of one colour with a moving bar; the colour changes at every cut."""
    colours = ((200, 60, 40), (30, 90, 210), (80, 220, 90), (230, 230, 40), (20, 20, 30))
    frames = []
    for frame in range(120):
        shown = np.empty((48, 64, 3), dtype=np.uint8)
        shown[:] = colours[sum(frame >= cut for cut in cuts)]
        shown[:, frame % 60 : frame % 60 + 4] //= 2
        frames.append(shown)
    return frames


def faces() -> list[list[tuple[float, float, float, float]]]:
    """Two people who drift, one of them too small, with faces lost for a while and one swap of order."""
    rows = []
    for frame in range(400):
        first = (20 + frame / 4, 30 + np.sin(frame / 9), 150 + frame / 4, 170 + np.cos(frame / 7))
        second = (260 - frame / 10, 40.0, 380 - frame / 10, 155.0)
        small = (400.0, 10.0, 480.0, 95.0)
        row = [] if 60 <= frame < 80 or 300 <= frame < 330 else [first]
        row = [second, *row] if frame % 17 == 0 else [*row, second]
        rows.append([tuple(map(float, box)) for box in [*row, small]])
    return rows


def boxes(count: int = 400) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores ``(n,)``, all unlike, and boxes ``(n, 4)`` in parts of a picture, many of them over one another."""
    rng = np.random.default_rng(7)
    scores = rng.permutation(np.linspace(0.01, 0.999, count))
    corner, side = rng.uniform(-0.05, 0.8, (count, 2)), rng.uniform(0.05, 0.4, (count, 2))
    return scores.astype(np.float32), np.concatenate([corner, corner + side], axis=1).astype(np.float32)


def network_inputs() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """One window of lips, one of sound, one picture for the detector."""
    lips = np.arange(3 * 5 * 224 * 224).reshape(1, 3, 5, 224, 224) % 251
    cepstra = np.sin(np.arange(13 * 20)).reshape(1, 1, 13, 20) * 10
    shown = np.arange(3 * 68 * 120).reshape(1, 3, 68, 120) % 241 - 110
    return lips.astype(np.float32), cepstra.astype(np.float32), shown.astype(np.float32)
