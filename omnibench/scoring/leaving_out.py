"""A run's number without each person in turn: small enough to keep, and all that a paired interval needs.

The interval of the difference of two runs' numbers is the delete-one jackknife over people: in each of its parts the
same person is left out of both, so what makes a person easy or hard for both cancels. For whatever adds up to a
number (means, ratios, Fréchet distances) it needs no more than these numbers; a median's jackknife says nothing, and it
has none.

Source: Efron & Tibshirani 1993, chapter 11; `omnibench.metrics.statistics.jackknife_interval`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from omnibench.errors import MetricError
from omnibench.metrics.base import Metric, Parameters, Statistics
from omnibench.metrics.statistics import Interval, groups_of, jackknife_interval
from omnibench.scoring.paired_values import Row

Without = Mapping[str, float]
"""By the person that is left out (the dialogue, where nobody is named): the number of all others."""

_AS_STATED = 1e-6


def without_each(metric: Metric, parameters: Parameters, rows: Mapping[str, Row], value: float) -> Without:
    """The number without each person; empty where it cannot be told.

    Args:
        metric: what the run was measured with.
        parameters: of its protocol.
        rows: by dialogue, what is left of scoring.
        value: the run's number, which all of them have to make again: those of an older version of the metric, or
            without their arrays, do not.
    """
    ids = list(rows)
    own = [row.statistics for row in rows.values()]
    statistics: list[Statistics] = [one for one in own if one is not None]
    if metric.aggregation.interval == "quantile" or len(statistics) < len(own) or len(own) < 2:
        return {}
    people = [row.person for row in rows.values()]
    try:
        if not np.isclose(metric.aggregate(statistics, parameters), value, rtol=_AS_STATED, atol=1e-9):
            return {}
        found = {}
        for unit in groups_of(len(ids), people):
            left_out = set(unit.tolist())
            rest = [one for place, one in enumerate(statistics) if place not in left_out]
            found[people[unit[0]] or ids[unit[0]]] = metric.aggregate(rest, parameters)
    except (MetricError, LookupError, TypeError, ValueError, ArithmeticError):
        return {}
    return found if np.isfinite(list(found.values())).all() else {}


def difference_interval(first: Without, second: Without, difference: float) -> Interval | None:
    """The 95 % interval of a difference of two numbers, over the people of both; None where these are not the same, or
    fewer than three.

    Example:
        >>> one, other = {"a": 2.0, "b": 3.0, "c": 4.0}, {"a": 1.0, "b": 2.0, "c": 3.0}
        >>> found = difference_interval(one, other, 1.0)
        >>> (found.low, found.high)
        (1.0, 1.0)
    """
    if not first or first.keys() != second.keys():
        return None
    parts = np.array([first[person] - second[person] for person in first])

    def value(picks: Sequence[int]) -> float:
        if len(picks) == len(parts):
            return difference
        (left_out,) = set(range(len(parts))) - set(picks)
        return float(parts[left_out])

    return jackknife_interval(value, len(parts))
