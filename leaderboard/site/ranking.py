"""Ranks with their uncertainty: which places a row may hold, given the intervals of all.

A row's best place is one more than the number of rows that are surely better, its worst place the number of rows that
are not surely worse, where *surely* means that the two 95 % intervals do not touch. That is cautious: intervals may
overlap while a paired test (``omnibench compare``) on the same dialogues finds a difference.

Source: Klein, Wright & Wieczorek 2020, "A joint confidence region for an overall ranking of populations" (JRSS C 69),
without its correction for the number of rows.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value with its interval; ``low`` and ``high`` are infinite where nobody knows how sure it is."""

    value: float
    low: float = -math.inf
    high: float = math.inf


def rank_ranges(candidates: Sequence[Candidate], direction: Literal["higher", "lower"]) -> list[tuple[int, int]]:
    """Best and worst place of each, counted from 1.

    Example:
        >>> rank_ranges([Candidate(5, 4, 6), Candidate(3, 2, 4.5), Candidate(1, 0.5, 1.5)], "higher")
        [(1, 2), (1, 2), (3, 3)]
    """
    sign = 1.0 if direction == "higher" else -1.0
    spans = [sorted((sign * c.low, sign * c.high)) for c in candidates]
    lows, highs = sorted(low for low, _ in spans), sorted(high for _, high in spans)
    count = len(spans)
    return [(1 + count - bisect_right(lows, high), count - bisect_left(highs, low)) for low, high in spans]
