"""Two systems on the same dialogues: one test and one interval, from the same swaps of the same units.

The unit is the person where the data set names people, else the dialogue (`omnibench.metrics.statistics.groups_of`).
Were the systems alike, a person's dialogues could as well have come from the other system, all of them at once:
dialogues of one person resemble each other, and swapped one by one they pass for independent ones. So the units' sides
are swapped and the aggregates taken anew, which holds for corpus metrics too. With few units every way to swap is
tried: p is exact.

The interval is the test turned round: the differences that it does not reject. To test a difference ``d``, every unit's
part is shifted by ``d`` before it is swapped; an aggregate then moves by ``d`` times the units' weights that stay minus
those that are swapped. For a mean that is exact, and the ends are differences of subsets of the people (Hartigan's
typical values); for other aggregates it is their linear part. At ``d = 0`` nothing is approximated, so the interval
holds 0 where, and only where, the test finds nothing.

``n`` units have ``2^(n - 1)`` ways to swap that differ by more than a sign: p is never below ``1 / 2^(n - 1)``, with 5
people .0625, and so many people allow no interval at 95 %, but one at 1 - .0625.

Source: Fisher 1935, section 21; Noreen 1989, chapter 2; Hartigan 1969 (typical values); Winkler et al. 2015 (whole
blocks exchanged); Canay, Romano & Shaikh 2017 (few clusters); Holm 1979.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.statistics import LEAST, LEVEL

Swaps = NDArray[np.bool_]
Difference = Callable[[Swaps], NDArray[np.float64]]
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A two-sided p value and the interval of the same test.

    ``low`` and ``high`` are infinite where so few units allow no interval; ``level`` is 0.95, or what they allow.
    ``smallest_p`` is the smallest that could have come out, ``ways`` how many swaps were tried (``exact``: all there
    are), ``undefined`` of how many no difference exists: they speak against a finding.
    """

    difference: float
    p_value: float
    low: float
    high: float
    level: float
    smallest_p: float
    ways: int
    exact: bool
    undefined: int = 0


def paired_test(difference: Difference, weights: Sequence[float], most: int, seed: int = 0) -> PairedTest:
    """Test a difference of two aggregates by swapping the sides of units.

    Args:
        difference: of the aggregates for swaps ``(k, units)``, True where a unit's sides are swapped: ``(k,)``, NaN
            where a swap leaves no aggregate. Swapping all units must change the sign alone.
        weights: of the units, like their numbers of dialogues.
        most: how many swaps to try. With no more different ones all are tried; else that many are drawn, and p is
            ``(reached + 1) / (most + 1)``, the swap of nobody being the one more.
        seed: of the drawing.

    Example:
        >>> gains = np.array([3.0, 1.0, 2.0])
        >>> found = paired_test(lambda swaps: np.where(swaps, -gains, gains).mean(axis=1), [1, 1, 1], 1000)
        >>> found.p_value, round(found.low, 9), found.high, found.level
        (0.25, 1.0, 3.0, 0.75)
    """
    count = len(weights)
    swaps, exact = ways_to_swap(count, most, seed)
    found = difference(swaps)
    observed = float(found[0])
    undefined = ~np.isfinite(found)
    tied = np.abs(np.abs(found) - abs(observed)) <= _ROUNDING * abs(observed)
    found = np.where(tied, np.copysign(observed, found), found)
    stay = 1 - 2 * swaps @ (np.asarray(weights, dtype=np.float64) / np.sum(weights))
    # The swap counts for every d with |found - d stay| >= |observed - d|: those between the two roots.
    lows, highs = roots(observed, found, stay)
    lows[undefined], highs[undefined] = -np.inf, np.inf
    ways = len(swaps)
    index = min(max(1, int((1 - LEVEL) * ways + _ROUNDING)), ways - 1) if count >= LEAST else 0
    return PairedTest(
        difference=observed,
        p_value=float(((lows <= 0) & (highs >= 0)).mean()),
        low=float(np.sort(lows)[index]),
        high=float(np.sort(highs)[::-1][index]),
        level=min(LEVEL, 1 - index / ways),
        smallest_p=1 / ways,
        ways=ways,
        exact=exact,
        undefined=int(undefined.sum()),
    )


def ways_to_swap(count: int, most: int, seed: int = 0) -> tuple[Swaps, bool]:
    """Swaps ``(k, count)`` of so many units, of nobody first; whether these are all that differ by more than a sign."""
    if 2 ** (count - 1) <= most:
        # The last unit stays: with all others swapped instead, only the sign would differ.
        return (np.arange(2 ** (count - 1))[:, None] >> np.arange(count) & 1).astype(np.bool_), True
    swaps = np.random.default_rng(seed).random((most + 1, count)) < 0.5
    swaps[0] = False
    return swaps, False


def roots(
    observed: float | NDArray[np.float64], found: NDArray[np.float64], stay: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the differences for which a swap speaks against a finding, where the swaps found these differences
    and of the weights so much stays; any shapes that broadcast.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (observed - found) / (1 - stay), (observed + found) / (1 + stay)
    # Swapping nobody (or all) counts for every d, and so does what differs from it by rounding.
    always = np.abs(stay) > 1 - _ROUNDING
    return (
        np.where(always, -np.inf, np.fmin(first, second)),
        np.where(always, np.inf, np.fmax(first, second)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: what each p is worth among all that were looked at, in the given order.

    Source: Holm 1979.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected, reached = [0.0] * len(p_values), 0.0
    for step, place in enumerate(order):
        reached = max(reached, min(1.0, (len(p_values) - step) * p_values[place]))
        corrected[place] = reached
    return corrected
