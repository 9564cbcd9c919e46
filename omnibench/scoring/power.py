"""How small a difference a data set can show: the power of the paired test, from real runs on it.

For two runs under one metric, the smallest true difference that ``omnibench compare`` would find, on the right side and
at .05 for that metric alone, in 80 % of draws of ``n`` dialogues. It is a property of how much the two runs' difference
varies from person to person, so it is asked of every pair of runs.

A draw is one of people, with replacement: the unit of the test, the person whom the data set names as the listener
(else the dialogue). The answers are held against that person; who spoke makes dialogues alike as well, and is left out
here as it is in the test. ``n`` dialogues are as many people as hold that many on average in the split. A split of
fewer is asked to stand for a larger one like it: such a number is extrapolated.

How, by what the metric is:

* ``test``, of means over dialogues: the pair's differences, centred, are drawn and the test itself is turned round in
  each draw (`omnibench.scoring.paired_test`). Its interval moves with the differences, so one draw tells for every true
  difference whether it is found: where the interval, moved by it, leaves out 0. The answer is the 80th percentile.
* ``linear``, of what the corpus has as a whole, like ratios and Fréchet distances: the same, with the parts of people
  that leaving each out in turn tells, ``(W - w)(D - D without them)`` for their weight w of W. For a mean that is their
  part itself; elsewhere its linear share (the infinitesimal jackknife).
* ``spread``, of medians, of which leaving out tells nothing: the corpus is drawn anew, and with the differences' spread
  s the answer is ``(t(.975) + t(.80)) s`` at the number of people less one.

Drawn people vary less than people do, by ``(K - 1) / K`` in variance for K of them; that is made up for.

Source: Efron & Tibshirani 1993, sections 6.5, 11 and 25 (draws for power); Cohen 1988 (80 %); Card et al. 2020, "With
little power comes great responsibility" (power from the runs of others); paired test: see there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import Metric, Parameters, Statistics
from omnibench.metrics.statistics import LEVEL, Units, groups_of
from omnibench.scoring.paired_test import Swaps, roots, ways_to_swap
from omnibench.scoring.paired_values import Corpus, Row, paired_values

SIZES: Final = (24, 60, 120)
"""Dialogues."""

POWER: Final = 0.8
DRAWS: Final = 100
SWAPS: Final = 511
"""Beside that of nobody. The test draws more; fewer find the same on average, and its p stays valid."""

How = Literal["test", "linear", "spread"]
Rows = Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class PairPower:
    """Two runs under one metric: the difference of their numbers, and for each size the smallest that would be seen;
    None where so few people can show none.
    """

    a: str
    b: str
    difference: float
    smallest: tuple[float | None, ...]

    def told(self, place: int) -> bool:
        """Whether a difference as large as theirs would be seen at the size of that place."""
        found = self.smallest[place]
        return found is not None and abs(self.difference) >= found


@dataclass(frozen=True, slots=True)
class MetricPower:
    """All pairs under one metric. ``units`` are people (or dialogues) and ``drawn`` how many make each size; of
    ``equal`` pairs no dialogue differs, so that there is nothing to draw. ``pairs`` is empty where none has a value.
    """

    metric: str
    how: How
    dialogues: int
    units: int
    drawn: tuple[int, ...]
    pairs: tuple[PairPower, ...]
    equal: int


def metric_power(
    metric: Metric, parameters: Parameters, runs: Mapping[str, Rows], sizes: Sequence[int] = SIZES, seed: int = 0
) -> MetricPower:
    """The power of every pair of runs under one metric.

    Args:
        metric: what they were measured with.
        parameters: of its protocol.
        runs: by name, what each has of its dialogues, by id.
        sizes: numbers of dialogues.
        seed: of the draws and swaps; every pair gets the same ones.
    """
    analysis = _Analysis(metric, parameters, runs, tuple(sizes), seed)
    found = [one for one in (analysis.pair(a, b) for a, b in combinations(runs, 2)) if one is not None]
    most = max(found, key=lambda one: one.dialogues, default=None)
    return MetricPower(
        metric.spec.name,
        max((one.how for one in found), key=_ORDER.index, default="test"),
        most.dialogues if most else 0,
        most.units if most else 0,
        most.drawn if most else (0,) * len(sizes),
        tuple(one.power for one in found if one.power is not None),
        sum(one.power is None for one in found),
    )


_ORDER: Final[tuple[How, ...]] = ("test", "linear", "spread")


@dataclass(frozen=True, slots=True)
class _Found:
    how: How
    dialogues: int
    units: int
    drawn: tuple[int, ...]
    power: PairPower | None


@dataclass(slots=True)
class _Analysis:
    """One metric's. ``known`` keeps a run's aggregates on subsets of its dialogues, which other pairs ask for too."""

    metric: Metric
    parameters: Parameters
    runs: Mapping[str, Rows]
    sizes: tuple[int, ...]
    seed: int
    known: dict[tuple[str, str, tuple[str, ...]], NDArray[np.float64]] = field(default_factory=dict)

    def pair(self, a: str, b: str) -> _Found | None:
        """None where the two have nothing in common that has a value."""
        both = [i for i in self.runs[a] if i in self.runs[b]]
        try:
            pairs = [(self.runs[a][i], self.runs[b][i]) for i in both]
            numbers, kept = paired_values(self.metric, self.parameters, pairs)
        except MetricError:
            return None
        if len(kept) < 2:
            return None
        ids, people = tuple(both[place] for place in kept), [pairs[place][0].person for place in kept]
        units = groups_of(len(ids), people)
        drawn = tuple(max(1, round(size * len(units) / len(ids))) for size in self.sizes)
        weights = np.array([len(own) for own in units], dtype=np.float64)
        how: How = "test"
        if isinstance(numbers, Corpus):
            how = "spread" if self.metric.aggregation.interval == "quantile" else "linear"
            everything = np.arange(len(ids))
            rest = [everything, *(np.setdiff1d(everything, own) for own in units)]
            values = self._aggregates(a, ids, "rest", rest) - self._aggregates(b, ids, "rest", rest)
            difference, parts = float(values[0]), (weights.sum() - weights) * (values[0] - values[1:])
        else:
            gains = numbers.sides[:, 0] - numbers.sides[:, 1]
            difference, parts = float(gains.mean()), np.array([gains[own].sum() for own in units])
        if not np.isfinite(difference):
            return None
        if how == "spread":
            smallest = tuple(self._by_spread(a, b, ids, units, count) for count in drawn)
        else:
            parts = (parts - weights * parts.sum() / weights.sum()) * _unshrunk(len(units))
            smallest = tuple(_by_test(parts, weights, count, self.seed) for count in drawn)
        alike = not difference and not any(smallest)
        power = None if alike else PairPower(a, b, difference, smallest)
        return _Found(how, len(ids), len(units), drawn, power)

    def _by_spread(self, a: str, b: str, ids: tuple[str, ...], units: Units, count: int) -> float | None:
        from scipy.special import stdtrit

        if len(units) < 2 or _left_out(len(ways_to_swap(count, SWAPS)[0])) < 1:
            return None
        picks = [np.concatenate([units[i] for i in row]) for row in _draws(len(units), count, self.seed)]
        name = f"draws of {count}"
        drawn = self._aggregates(a, ids, name, picks) - self._aggregates(b, ids, name, picks)
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) < 0.9 * DRAWS:
            return None
        reach = float(stdtrit(count - 1, (1 + LEVEL) / 2) + stdtrit(count - 1, POWER))
        return reach * float(drawn.std(ddof=1)) * _unshrunk(len(units))

    def _aggregates(
        self, run: str, ids: tuple[str, ...], name: str, subsets: Sequence[NDArray[np.int64]]
    ) -> NDArray[np.float64]:
        """Of one run on subsets of these dialogues; NaN where there is nothing to sum up."""
        key = (run, name, ids)
        if key not in self.known:
            own = [self.runs[run][i].statistics or {} for i in ids]
            self.known[key] = np.array([self._aggregate([own[i] for i in subset]) for subset in subsets])
        return self.known[key]

    def _aggregate(self, statistics: Sequence[Statistics]) -> float:
        try:
            return self.metric.aggregate(statistics, self.parameters)
        except MetricError:
            return float("nan")


def _by_test(parts: NDArray[np.float64], weights: NDArray[np.float64], count: int, seed: int) -> float | None:
    """The smallest difference that the test sees in draws of so many of the units, whose parts ``(K,)`` sum up to 0;
    None where it can see none.
    """
    swaps, _ = ways_to_swap(count, SWAPS, seed)
    left_out = _left_out(len(swaps))
    if left_out < 1 or len(parts) < 2 or not np.isfinite(parts).all():
        return None
    picks = _draws(len(parts), count, seed)
    lows, highs = _ends(parts[picks], weights[picks], swaps, left_out)
    return float(np.quantile(np.concatenate([-lows, highs]), POWER))


def _ends(
    parts: NDArray[np.float64], weights: NDArray[np.float64], swaps: Swaps, left_out: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The test's intervals ``(draws,)`` for parts and weights ``(draws, units)``."""
    signs, whole = 1.0 - 2.0 * swaps.T, weights.sum(axis=1, keepdims=True)
    lows, highs = roots(parts.sum(axis=1, keepdims=True) / whole, parts @ signs / whole, weights @ signs / whole)
    low = np.partition(lows, left_out, axis=1)[:, left_out]
    return low, -np.partition(-highs, left_out, axis=1)[:, left_out]


def _left_out(ways: int) -> int:
    """How many of so many ways may speak against a finding; with none there is no finding."""
    return int((1 - LEVEL) * ways + 1e-9)


def _draws(units: int, count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, units, count)).integers(0, units, size=(DRAWS, count))


def _unshrunk(units: int) -> float:
    return float(np.sqrt(units / (units - 1))) if units > 1 else 1.0
