"""The dialogues of two runs under one metric, side by side: what a paired test swaps and a power analysis draws.

A dialogue that a model failed on has its metric's worst value here too. Others without a score on either side are left
out of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MetricError
from omnibench.files.faults import shown
from omnibench.metrics.base import Metric, Parameters, Statistics
from omnibench.scoring.paired_test import Swaps
from omnibench.scoring.scores import STATISTICS, read_samples, read_statistics


@dataclass(frozen=True, slots=True)
class Row:
    """One dialogue of one run under one metric. ``statistics`` is None where the model failed."""

    person: str
    statistics: Statistics | None


def paired_values(
    metric: Metric, parameters: Parameters, pairs: Sequence[tuple[Row, Row]]
) -> tuple[Means | Corpus, list[int]]:
    """What the metric makes of both sides, and which of the pairs enter it.

    Plain means where the metric's number is one, else aggregates of the statistics.

    Raises:
        MetricError: there is nothing to sum up.
    """
    if metric.aggregation.level == "sample":
        values = [(_mean_part(metric, a), _mean_part(metric, b)) for a, b in pairs]
        kept = [place for place, (a, b) in enumerate(values) if a is not None and b is not None]
        sides = np.array([values[place] for place in kept], dtype=np.float64)
        if not kept or not _weighs(metric, parameters, [pairs[place] for place in kept], sides):
            return Means(sides), kept
    kept = [place for place, (a, b) in enumerate(pairs) if a.statistics is not None and b.statistics is not None]
    both = [(pairs[place][0].statistics or {}, pairs[place][1].statistics or {}) for place in kept]
    return Corpus(metric, parameters, both), kept


def _mean_part(metric: Metric, row: Row) -> float | None:
    return metric.spec.worst if row.statistics is None else metric.sample_value(row.statistics)


def _weighs(
    metric: Metric, parameters: Parameters, pairs: Sequence[tuple[Row, Row]], sides: NDArray[np.float64]
) -> bool:
    """Whether the metric's own number is no plain mean of its dialogues, as the official LSE-D is one of tracks; with
    failed dialogues at their worst it is (`omnibench.scoring.aggregation`).
    """
    rows = [[row.statistics for row in side] for side in zip(*pairs, strict=True)]
    if any(statistics is None for side in rows for statistics in side):
        return False
    own = [metric.aggregate([s for s in side if s is not None], parameters) for side in rows]
    return not np.allclose(own, sides.mean(axis=0), rtol=1e-9, atol=1e-12)


@dataclass(frozen=True, slots=True)
class Means:
    """Means of ``sides`` ``(dialogues, 2)``, and their differences under swaps of dialogues ``(k, dialogues)``."""

    sides: NDArray[np.float64]

    def values(self) -> tuple[float, float]:
        first, second = self.sides.mean(axis=0)
        return float(first), float(second)

    def differences(self, swaps: Swaps) -> NDArray[np.float64]:
        gains = self.sides[:, 0] - self.sides[:, 1]
        return np.asarray((1.0 - 2.0 * swaps) @ gains / len(gains))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Aggregates of ``both``, the two statistics of each dialogue; NaN where a swap leaves nothing to sum up."""

    metric: Metric
    parameters: Parameters
    both: Sequence[tuple[Statistics, Statistics]]

    def values(self) -> tuple[float, float]:
        first, second = zip(*self.both, strict=True)
        return self.metric.aggregate(first, self.parameters), self.metric.aggregate(second, self.parameters)

    def differences(self, swaps: Swaps) -> NDArray[np.float64]:
        return np.array([self._difference(row) for row in swaps])

    def _difference(self, swapped: Sequence[bool]) -> float:
        sides = [(b, a) if swap else (a, b) for (a, b), swap in zip(self.both, swapped, strict=True)]
        try:
            return self.metric.aggregate([a for a, _ in sides], self.parameters) - self.metric.aggregate(
                [b for _, b in sides], self.parameters
            )
        except MetricError:
            return float("nan")


def read_rows(folder: Path) -> dict[str, dict[str, Row]]:
    """What each dialogue has under each metric, from ``samples.jsonl`` and ``statistics.npz``: those that were scored,
    and those that the model failed on.
    """
    lines = read_samples(folder)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
        for name, entry in line.metrics.items():
            if entry.status == "ok":
                found.setdefault(name, {})[line.id] = dict(entry.statistics)
    for key, values in read_statistics(folder).items():
        name, _, rest = key.partition("/")
        dialogue_id, _, part = rest.rpartition("/")
        if dialogue_id not in found.get(name, {}) or values.dtype.kind not in "fiub":
            raise InputError(
                f"{folder / STATISTICS}: {shown(key)!r} is not of a dialogue that samples.jsonl calls scored, or holds "
                f"no numbers. Run `omnibench score {folder}` again."
            )
        found[name][dialogue_id][part] = values
    rows: dict[str, dict[str, Row]] = {}
    for line in lines:
        for name, entry in line.metrics.items():
            own = found.get(name, {}).get(line.id)
            if own is not None or entry.status == "model_failed":
                rows.setdefault(name, {})[line.id] = Row(line.person, own)
    return rows
