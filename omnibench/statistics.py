"""How sure a number is: intervals over dialogues.

The dialogue is the unit of resampling throughout: frames and words of one clip are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from omnibench.errors import MetricError

RESAMPLES: Final = 2000
LEVEL: Final = 0.95
IntervalMethod = Literal["bootstrap", "jackknife"]
_Z: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval and how it was made."""

    low: float
    high: float
    method: str


def bootstrap_interval(values: Sequence[float], seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Percentile bootstrap interval of the mean over dialogues.

    Args:
        values: one number a dialogue, at least one.
        seed: of the resampling; fixed, so that the same scores print the same interval.
        resamples: how many.

    Source: Efron & Tibshirani 1993, chapter 13.
    """
    data = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(data), size=(resamples, len(data)))
    low, high = np.quantile(data[picks].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(
        float(low), float(high), f"percentile bootstrap, {resamples} resamples of {len(data)} dialogues, seed {seed}"
    )


def bootstrap_statistic(
    statistic: Callable[[Sequence[int]], float], count: int, seed: int = 0, resamples: int = RESAMPLES
) -> Interval | None:
    """Percentile bootstrap interval of a corpus statistic: ratios of sums, medians, quantiles, for which the delete-one
    jackknife is not consistent.

    Args:
        statistic: its value on dialogue indices, repeats included.
        count: number of dialogues.
        seed: of the resampling.
        resamples: how many.

    Returns:
        The interval, or None for fewer than three dialogues, or where the statistic does not exist (MetricError, or not
        finite) on more than one resample in ten.

    Source: Efron & Tibshirani 1993, chapter 13.
    """
    if count < 3:
        return None
    values = []
    for picks in np.random.default_rng(seed).integers(0, count, size=(resamples, count)).tolist():
        try:
            values.append(statistic(picks))
        except MetricError:
            continue
    finite = [value for value in values if np.isfinite(value)]
    if len(finite) < 0.9 * resamples:
        return None
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(
        float(low), float(high), f"percentile bootstrap, {resamples} resamples of {count} dialogues, seed {seed}"
    )


def jackknife_interval(
    statistic: Callable[[Sequence[int]], float], count: int, minimum: float = -np.inf
) -> Interval | None:
    """Delete-one jackknife interval of a corpus statistic, for those that resampling with replacement would bias.

    Args:
        statistic: its value on a subset of dialogue indices.
        count: number of dialogues.
        minimum: the statistic's lowest possible value; the interval is cut there.

    Returns:
        The interval around the full value, or None for fewer than three dialogues or a value that is not finite.

    Source: Efron & Tibshirani 1993, chapter 11.
    """
    if count < 3:
        return None
    everything = range(count)
    full = statistic(everything)
    parts = np.array([statistic([i for i in everything if i != left_out]) for left_out in everything])
    if not (np.isfinite(full) and np.isfinite(parts).all()):
        return None
    error = float(np.sqrt((count - 1) / count * ((parts - parts.mean()) ** 2).sum()))
    low, high = max(full - _Z * error, minimum), full + _Z * error
    return Interval(float(low), float(high), f"delete-one jackknife over {count} dialogues, normal")


def corpus_interval(
    method: IntervalMethod, statistic: Callable[[Sequence[int]], float], count: int, minimum: float = -np.inf
) -> Interval | None:
    """The interval of a corpus statistic by the method that its metric declares.

    Args:
        method: ``bootstrap`` or ``jackknife``.
        statistic: its value on dialogue indices.
        count: number of dialogues.
        minimum: where the jackknife's interval is cut; a bootstrap's never leaves the statistic's range.
    """
    if method == "bootstrap":
        return bootstrap_statistic(statistic, count)
    return jackknife_interval(statistic, count, minimum)
