"""A figure with its interval: what every part of the report returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from omnibench.errors import MetricError
from omnibench.metrics.statistics import Interval

RESAMPLES: Final = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    ``value`` is None where there is none, and ``note`` then says why. ``human`` is the same quantity of the human
    listener, ``chance`` that of guessing; ``count`` is how many of ``counted`` went in.
    """

    name: str
    value: float | None
    unit: str = ""
    human: float | None = None
    chance: float | None = None
    interval: Interval | None = None
    count: int = 0
    counted: str = ""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """What there is of it; never a null."""
        optional: Mapping[str, Any] = {
            "unit": self.unit,
            "human": self.human,
            "chance": self.chance,
            "note": self.note,
            "interval": None
            if self.interval is None
            else {"low": self.interval.low, "high": self.interval.high, "method": self.interval.method},
        }
        start = {"status": "unavailable"} if self.value is None else {"value": self.value}
        return (
            start
            | {key: value for key, value in optional.items() if value not in (None, "")}
            | ({"n": self.count, "of": self.counted} if self.counted else {})
        )


def resampled(items: Sequence[T], statistic: Callable[[Sequence[T]], float], seed: int = 0) -> Interval | None:
    """Percentile bootstrap interval of a statistic over items (dialogues, turns); None for fewer than three items.

    Resamples on which the statistic does not exist (MetricError, division by zero) are left out, and more than one in
    ten of them means no interval.
    """
    if len(items) < 3:
        return None
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        picked = [items[i] for i in generator.integers(len(items), size=len(items))]
        try:
            values.append(statistic(picked))
        except (MetricError, ZeroDivisionError):
            continue
    if len(values) < 0.9 * RESAMPLES:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(
        float(low), float(high), f"percentile bootstrap, {RESAMPLES} resamples of {len(items)}, seed {seed}"
    )
