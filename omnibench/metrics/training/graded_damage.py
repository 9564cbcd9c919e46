"""Damage in grades: does a video network's Fréchet distance grow with what is wrong with the videos?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.training.faces import DrawnTrack
from omnibench.metrics.video.fvd_arithmetic import distance
from omnibench.metrics.video.video_mini import FRAMES

Windows = NDArray[np.uint8]
Embed = Callable[[Windows], NDArray[np.float64]]

SHARES: Final = (0.25, 0.5, 0.75, 1.0)
STRIDE: Final = 16


def windows_of(pictures: Windows) -> Windows:
    """``(n, 16, 64, 64, 3)``: windows one after another of ``(m, 64, 64, 3)``."""
    return np.stack([pictures[at : at + FRAMES] for at in range(0, len(pictures) - FRAMES + 1, STRIDE)])


def gaussian_blur(pictures: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """``(..., 64, 64, 3)`` blurred by ``sigma`` pixels; at the edges the weights that are left are scaled up to 1."""
    pixels = np.arange(pictures.shape[-2])
    weights = np.exp(-0.5 * ((pixels[:, None] - pixels) / sigma) ** 2)
    rows = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    planes: NDArray[np.float32] = rows @ np.moveaxis(pictures, -1, -3) @ rows.T
    return np.moveaxis(planes, -3, -1)


def blurred(windows: Windows, sigma: float) -> Windows:
    """A Gaussian blur of ``sigma`` pixels."""
    return np.rint(gaussian_blur(windows.astype(np.float32), sigma)).astype(np.uint8)


def noisy(windows: Windows, deviation: float) -> Windows:
    """Independent noise on every value."""
    noise = np.random.default_rng(0).normal(0.0, deviation, windows.shape)
    return np.clip(windows + noise, 0, 255).astype(np.uint8)


def frozen(windows: Windows, share: float) -> Windows:
    """The last ``share`` of every window stands still."""
    still = windows.copy()
    last = FRAMES - 1 - round(share * (FRAMES - 1))
    still[:, last:] = windows[:, last : last + 1]
    return still


def shaken(windows: Windows, pixels: float) -> Windows:
    """Every picture is moved by up to ``pixels`` in both directions."""
    rng, moved = np.random.default_rng(0), windows.copy()
    for window in moved:
        for picture in window:
            picture[:] = np.roll(picture, tuple(rng.integers(-int(pixels), int(pixels) + 1, 2)), axis=(0, 1))
    return moved


def reversed_in_time(windows: Windows, share: float) -> Windows:
    """The first ``share`` of the windows runs backwards."""
    turned, count = windows.copy(), round(share * len(windows))
    turned[:count] = windows[:count, ::-1]
    return turned


def shuffled(windows: Windows, share: float) -> Windows:
    """In the first ``share`` of the windows the pictures come in any order."""
    rng, mixed = np.random.default_rng(0), windows.copy()
    for index in range(round(share * len(windows))):
        mixed[index] = windows[index, rng.permutation(FRAMES)]
    return mixed


DAMAGES: Final[Mapping[str, tuple[Callable[[Windows, float], Windows], tuple[float, ...]]]] = {
    "blur": (blurred, (0.4, 0.8, 1.6, 3.2)),
    "noise": (noisy, (3.0, 6.0, 12.0, 24.0)),
    "frozen": (frozen, SHARES),
    "shaken": (shaken, (1.0, 2.0, 3.0, 4.0)),
    "reversed in time": (reversed_in_time, SHARES),
    "shuffled": (shuffled, SHARES),
}


def graded(embed: Embed, tracks: Sequence[DrawnTrack]) -> dict[str, tuple[float, float]]:
    """For every damage: Spearman's correlation of the distance with the grade (0 included), and the distance at the
    worst grade over the distance between random halves of the undamaged tracks.

    ``other people`` replaces a growing share of the tracks of one half of the people by tracks of the other half.
    """
    parts = [windows_of(track.pictures) for track in tracks]
    clean = np.concatenate(parts)
    real = embed(clean)
    rows = np.split(real, np.cumsum([len(part) for part in parts])[:-1])
    rng = np.random.default_rng(0)
    halves = []
    for _ in range(20):
        order = rng.permutation(len(rows))
        halves.append(distance(*(np.concatenate([rows[k] for k in side]) for side in np.array_split(order, 2))))
    floor = float(np.mean(halves))
    results = {}
    for name, (damage, grades) in DAMAGES.items():
        results[name] = _judged([distance(embed(damage(clean, grade)), real) for grade in grades], floor)
    results["other people"] = _judged(_other_people(rows, [track.person for track in tracks]), floor)
    return results


def _other_people(rows: Sequence[NDArray[np.float64]], people: Sequence[str]) -> list[float]:
    first = set(sorted(set(people))[::2])
    own = [row for row, person in zip(rows, people, strict=True) if person in first]
    others = [row for row, person in zip(rows, people, strict=True) if person not in first]
    count = min(len(own), len(others))
    real, distances = np.concatenate(own[:count]), []
    for share in SHARES:
        replaced = round(share * count)
        distances.append(distance(np.concatenate([*others[:replaced], *own[replaced:count]]), real))
    return distances


def _judged(distances: Sequence[float], floor: float) -> tuple[float, float]:
    from scipy.stats import spearmanr

    return float(spearmanr(range(len(distances) + 1), [0.0, *distances]).statistic), distances[-1] / floor
