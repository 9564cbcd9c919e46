"""Whether the words that an answer claims and the sound that it makes are of one piece: heard at all, alone, or late.

Three figures a dialogue, of the answer alone. They add up over a split, where what one short answer hides is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import FLOOR_DB, HOP
from omnibench.types import Word

REACH: Final = 0.75
"""Seconds around a claimed word in which its voice may be heard: a constant lag is `delay`'s to find."""
GRID: Final = 0.02
FURTHEST: Final = 2.0
"""Seconds that a delay is looked for, either way."""

Spans = Iterable[tuple[float, float]]


def unheard(words: Sequence[Word], voice: Sequence[tuple[float, float]], reach: float = REACH) -> int:
    """How many of the words have no voice within ``reach`` seconds.

    Example:
        >>> unheard([Word("yes", 1.0, 1.3), Word("no", 5.0, 5.2)], [(0.5, 1.2)])
        1
    """
    return sum(all(end < word.start - reach or start > word.end + reach for start, end in voice) for word in words)


def wordless(level: NDArray[np.float64], words: Sequence[Word], voice: Spans, reach: float = REACH) -> float | None:
    """The share of the sound's energy, 0 to 1, where no voice is heard or no word is claimed within ``reach`` seconds.

    Energy and not time: the noise of a room lasts long and weighs little.

    Args:
        level: root mean squares every `HOP` seconds (`omnibench.features.activity.levels`).
        words: that are claimed.
        voice: stretches, ``(start, end)`` in seconds.
        reach: of a claimed word, and of a stretch of voice a third of it.

    Returns:
        None where nothing is louder than -50 dBFS.
    """
    energy = np.where(level > 10 ** (FLOOR_DB / 20), level**2, 0.0)
    total = float(energy.sum())
    if total == 0:
        return None
    claimed = _mask(((word.start - reach, word.end + reach) for word in words), len(level), HOP)
    voiced = _mask(((start - reach / 3, end + reach / 3) for start, end in voice), len(level), HOP)
    return float(energy[~(claimed & voiced)].sum()) / total


@dataclass
class Delay:
    """By how much the voice is later than the claimed words, over a split: where their masks correlate most."""

    products: NDArray[np.float64]
    """``(lags,)``: sums of products of the masks about their means, by lag from -2 to 2 s."""
    said: float = 0.0
    heard: float = 0.0

    @classmethod
    def none(cls) -> Delay:
        """Before anything is added."""
        return cls(np.zeros(2 * round(FURTHEST / GRID) + 1))

    def add(self, words: Sequence[Word], voice: Spans, seconds: float) -> None:
        """One dialogue of ``seconds``."""
        count = round(seconds / GRID)
        masks = (_mask(((w.start, w.end) for w in words), count, GRID), _mask(voice, count, GRID))
        said, heard = (np.where(mask, 1.0, 0.0) - mask.mean() if count else np.zeros(0) for mask in masks)
        furthest = len(self.products) // 2
        self.said += float(said @ said)
        self.heard += float(heard @ heard)
        for place, lag in enumerate(range(-furthest, furthest + 1)):
            if abs(lag) < count:
                self.products[place] += (
                    said[max(0, -lag) : count - max(0, lag)] @ heard[max(0, lag) : count + min(0, lag)]
                )

    def found(self) -> tuple[float, float, float]:
        """``(lag, correlation there, correlation without a lag)``; ``lag`` in seconds, positive where the voice is
        later. All 0 where words or voice are missing.
        """
        norm = (self.said * self.heard) ** 0.5
        if norm == 0:
            return 0.0, 0.0, 0.0
        middle, best = len(self.products) // 2, int(np.argmax(self.products))
        return (best - middle) * GRID, float(self.products[best]) / norm, float(self.products[middle]) / norm


def _mask(spans: Spans, count: int, step: float) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    for start, end in spans:
        mask[max(0, round(start / step)) : max(0, round(end / step))] = True
    return mask
