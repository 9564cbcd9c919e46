"""How sure a number is: 95 % intervals over dialogues.

The dialogue is the unit of resampling, for frames and words of one clip are not independent; where the data set names
its people, the unit is the person, whose dialogues resemble each other. Which method a metric needs depends on what it
is:

* a mean over dialogues: the studentised bootstrap, which keeps its promise on skewed values where percentiles do not;
* ``bootstrap``: a ratio of sums over the corpus: bias-corrected and accelerated (BCa);
* ``quantile``: a median or another quantile over the corpus: BCa too;
* ``jackknife``: a corpus statistic that repeated dialogues would bias, like the share of unique bigrams;
* ``subsample``: a Fréchet distance, likewise: the spread over random halves, drawn without replacement.

With fewer than `FEW` units nothing is resampled: 5 people have too few different samples. The delete-one jackknife
with Student's t on the units less one stands in, except for quantiles, for which it is not consistent: there the values
of all subsets of the units do. How often each holds the true value is measured in
``tests/benchmarks/bench_interval_coverage.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.aggregation import IntervalMethod

RESAMPLES: Final = 2000
HALVES: Final = 200
LEVEL: Final = 0.95
FEW: Final = 10
LEAST: Final = 3
Statistic = Callable[[Sequence[int]], float]
Units = list[NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval and how it was made."""

    low: float
    high: float
    method: str


def units_of(count: int, people: Sequence[str] | None = None) -> Units:
    """What is resampled: index arrays, one for each person, in order of first appearance.

    Args:
        count: number of dialogues.
        people: the person of each; ``""`` where nobody says, which makes the dialogue a unit of its own. With fewer
            than `LEAST` people every dialogue is one: what is known is then known of these people only.

    Example:
        >>> [unit.tolist() for unit in units_of(4, ["a", "b", "a", "c"])]
        [[0, 2], [1], [3]]
    """
    found = groups_of(count, people)
    return found if len(found) >= LEAST else [np.array([index]) for index in range(count)]


def groups_of(count: int, people: Sequence[str] | None = None) -> Units:
    """The dialogues of each person, however few people there are; arguments as `units_of`."""
    found: dict[str, list[int]] = {}
    for index, person in enumerate(people or [""] * count):
        found.setdefault(person or f"\0{index}", []).append(index)
    return [np.array(indices) for indices in found.values()]


def bootstrap_interval(
    values: Sequence[float], people: Sequence[str] | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> Interval | None:
    """Interval of a mean over dialogues: studentised bootstrap of the units, never beyond the values seen.

    Args:
        values: one number a dialogue.
        people: see `units_of`.
        seed: of the resampling; fixed, so that the same scores print the same interval.
        resamples: how many.

    Returns:
        The interval, or None for fewer than three dialogues.

    Source: Efron & Tibshirani 1993, section 12.5; the error of a mean over people of unequal weight is that of a ratio
    (Cochran 1977, section 6.3).
    """
    data = np.asarray(values, dtype=np.float64)
    if len(data) < LEAST:
        return None
    units = units_of(len(data), people)
    if len(units) < FEW:
        found = jackknife_interval(lambda picks: float(data[np.asarray(picks)].mean()), len(data), people)
        return None if found is None else _within(found, data)
    sums = np.array([data[unit].sum() for unit in units])
    sizes = np.array([float(len(unit)) for unit in units])
    mean, error = data.mean(), _ratio_error(sums, sizes)
    picks = np.random.default_rng(seed).integers(0, len(units), size=(resamples, len(units)))
    drawn, weights = sums[picks], sizes[picks]
    errors = _ratio_error(drawn, weights)
    told = errors > 1e-9 * error
    if not told.any():
        return Interval(float(data.min()), float(data.max()), "all dialogues score the same")
    scaled = (drawn.sum(axis=1) / weights.sum(axis=1) - mean)[told] / errors[told]
    low, high = mean - np.quantile(scaled, [(1 + LEVEL) / 2, (1 - LEVEL) / 2]) * error
    method = f"studentised bootstrap, {resamples} resamples of {_named(units, len(data))}, seed {seed}"
    return _within(Interval(float(low), float(high), method), data)


def bootstrap_statistic(
    statistic: Statistic,
    count: int,
    people: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """BCa bootstrap interval of a corpus statistic: ratios of sums, medians, quantiles. Its quantiles are Student's
    instead of the normal ones, wider by what the resampling of few units is too narrow.

    Args:
        statistic: its value on dialogue indices, repeats included.
        count: number of dialogues.
        people: see `units_of`.
        seed: of the resampling.
        resamples: how many.

    Returns:
        The interval, or None for fewer than three dialogues, or where the statistic does not exist (MetricError, or not
        finite) on the whole or on more than one resample in ten.

    Source: Efron 1987; Efron & Tibshirani 1993, section 14.3; Hesterberg 2015 on expanded percentiles.
    """
    from scipy.special import ndtr, ndtri, stdtrit

    if count < LEAST:
        return None
    units = units_of(count, people)
    if len(units) < FEW:
        return jackknife_interval(statistic, count, people)
    full = _value(statistic, np.arange(count))
    draws = np.random.default_rng(seed).integers(0, len(units), size=(resamples, len(units)))
    alone = len(units) == count
    drawn = np.array([_value(statistic, row if alone else np.concatenate([units[i] for i in row])) for row in draws])
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(full) or len(drawn) < 0.9 * resamples:
        return None
    below = ((drawn < full).sum() + (drawn <= full).sum()) / 2
    bias = float(ndtri(np.clip(below, 0.5, len(drawn) - 0.5) / len(drawn)))
    acceleration = _acceleration(np.array([_value(statistic, rest) for rest in _without_each(units)]))
    reach = np.sqrt(len(units) / (len(units) - 1)) * stdtrit(len(units) - 1, (1 + LEVEL) / 2)
    ends = np.array([-reach, reach])
    low, high = np.quantile(drawn, ndtr(bias + (bias + ends) / (1 - acceleration * (bias + ends))))
    method = f"BCa bootstrap, {resamples} resamples of {_named(units, count)}, seed {seed}"
    return Interval(float(low), float(high), method)


def jackknife_interval(statistic: Statistic, count: int, people: Sequence[str] | None = None) -> Interval | None:
    """Delete-one jackknife interval of a corpus statistic, with Student's t on the units less one.

    Args:
        statistic: its value on a subset of dialogue indices.
        count: number of dialogues.
        people: see `units_of`.

    Returns:
        The interval around the full value, or None for fewer than three dialogues or a value that does not exist.

    Source: Efron & Tibshirani 1993, chapter 11; Bell & McCaffrey 2002 on few clusters.
    """
    if count < LEAST:
        return None
    units = units_of(count, people)
    parts = np.array([_value(statistic, rest) for rest in _without_each(units)])
    error = np.sqrt((len(units) - 1) / len(units) * ((parts - parts.mean()) ** 2).sum())
    method = f"delete-one jackknife over {_named(units, count)}, Student's t"
    return _around(_value(statistic, np.arange(count)), float(error), len(units), method)


def subsample_interval(
    statistic: Statistic,
    count: int,
    people: Sequence[str] | None = None,
    seed: int = 0,
    halves: int = HALVES,
) -> Interval | None:
    """Delete-half jackknife: the spread over random halves of the units, drawn without replacement.

    A Fréchet distance grows as samples shrink, so halves and the whole have different biases: only the spread of the
    halves is used, which for half of the units is that of the whole. The interval is for the distance at this number of
    dialogues.

    Args:
        statistic: its value on a subset of dialogue indices.
        count: number of dialogues.
        people: see `units_of`.
        seed: of the halves.
        halves: how many.

    Returns:
        The interval around the full value, or None for fewer than three dialogues or a value that does not exist.

    Source: Shao & Wu 1989; Politis, Romano & Wolf 1999, section 2.2.
    """
    if count < LEAST:
        return None
    units = units_of(count, people)
    if len(units) < FEW:
        return jackknife_interval(statistic, count, people)
    rng, kept = np.random.default_rng(seed), len(units) // 2
    chosen = [np.sort(rng.permutation(len(units))[:kept]) for _ in range(halves)]
    parts = np.array([_value(statistic, np.sort(np.concatenate([units[i] for i in half]))) for half in chosen])
    error = parts.std(ddof=1) * np.sqrt(kept / (len(units) - kept))
    method = f"delete-half jackknife, {halves} halves of {_named(units, count)} without replacement, seed {seed}"
    return _around(_value(statistic, np.arange(count)), float(error), len(units), method)


def subsets_interval(statistic: Statistic, count: int, people: Sequence[str] | None = None) -> Interval | None:
    """Interval of a quantile from few units: between values of it on subsets of them.

    The true value is as likely in any gap between the ordered values of all ``2^n - 1`` subsets as in any other, so
    leaving out as many at both ends as 95 % allows gives the interval; 5 units allow 93.75 % at most.

    Args:
        statistic: its value on a subset of dialogue indices.
        count: number of dialogues.
        people: see `units_of`.

    Returns:
        The interval, or None for fewer than three dialogues, or where more than one subset in ten has no value.

    Source: Hartigan 1969, "Using subsample values as typical values" (exact for means of symmetric values; for medians
    as their number grows).
    """
    if count < LEAST:
        return None
    units = units_of(count, people)
    ways = 2 ** len(units)
    subsets = ([unit for place, unit in enumerate(units) if way >> place & 1] for way in range(1, ways))
    values = np.sort([_value(statistic, np.sort(np.concatenate(chosen))) for chosen in subsets])
    values = values[np.isfinite(values)]
    if len(values) < 0.9 * (ways - 1):
        return None
    left_out = max(0, int(ways * (1 - LEVEL) / 2) - 1)
    level = 100 * min(LEVEL, 1 - 2 * (left_out + 1) / ways)
    method = f"values of all {ways - 1} subsets of {_named(units, count)}, {level:.4g} %"
    return Interval(float(values[left_out]), float(values[-1 - left_out]), method)


def corpus_interval(
    method: IntervalMethod,
    statistic: Statistic,
    count: int,
    limits: tuple[float, float] = (-np.inf, np.inf),
    people: Sequence[str] | None = None,
) -> Interval | None:
    """The interval of a corpus statistic by the method that its metric declares.

    Args:
        method: ``bootstrap``, ``quantile``, ``jackknife`` or ``subsample``; the module says which is for what.
        statistic: its value on dialogue indices.
        count: number of dialogues.
        limits: the statistic's lowest and highest possible values; the interval is cut there.
        people: see `units_of`.
    """
    if method == "quantile" and len(units_of(count, people)) < FEW:
        found = subsets_interval(statistic, count, people)
    elif method in ("quantile", "bootstrap"):
        found = bootstrap_statistic(statistic, count, people)
    elif method == "subsample":
        found = subsample_interval(statistic, count, people)
    else:
        found = jackknife_interval(statistic, count, people)
    return None if found is None else _within(found, np.array(limits))


def _value(statistic: Statistic, picks: NDArray[np.int64]) -> float:
    try:
        return float(statistic(picks.tolist()))
    except MetricError:
        # Nothing to sum up in this subset, like a median over transfers of which it has none.
        return float("nan")


def _without_each(units: Units) -> list[NDArray[np.int64]]:
    return [np.sort(np.concatenate([*units[:i], *units[i + 1 :]])) for i in range(len(units))]


def _ratio_error(sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error of ``sum(sums) / sum(sizes)`` over the last axis."""
    count, whole = sums.shape[-1], sizes.sum(axis=-1)
    ratio = sums.sum(axis=-1) / whole
    squares = ((sums - ratio[..., None] * sizes) ** 2).sum(axis=-1)
    return np.sqrt(count / (count - 1) * squares) / whole


def _acceleration(parts: NDArray[np.float64]) -> float:
    deviations = parts[np.isfinite(parts)]
    deviations = deviations.mean() - deviations if deviations.size else deviations
    squares = float((deviations**2).sum())
    return float((deviations**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def _around(full: float, error: float, units: int, method: str) -> Interval | None:
    from scipy.special import stdtrit

    reach = float(stdtrit(units - 1, (1 + LEVEL) / 2)) * error
    if not (np.isfinite(full) and np.isfinite(reach)):
        return None
    return Interval(float(full - reach), float(full + reach), method)


def _within(interval: Interval, data: NDArray[np.float64]) -> Interval:
    low, high = np.clip([interval.low, interval.high], data.min(), data.max())
    return Interval(float(low), float(high), interval.method)


def _named(units: Units, count: int) -> str:
    return f"{count} dialogues" if len(units) == count else f"{len(units)} people ({count} dialogues)"
