"""Two runs on the same dialogues: is the difference more than chance?

For every metric whose comparison keys agree: the difference, its 95 % interval, and a two-sided p value by approximate
randomisation (the two runs' statistics are swapped dialogue by dialogue and the aggregates taken anew), which holds for
corpus metrics too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.errors import InputError
from omnibench.metrics.base import METRICS, Metric, Parameters, Statistics
from omnibench.metrics.protocol import load_protocol
from omnibench.scores import Scores, read_samples, read_scores
from omnibench.signature import comparison_key
from omnibench.statistics import Interval, bootstrap_interval, corpus_interval

SWAPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of two runs. ``reason`` says why there is no test, where there is none."""

    metric: str
    a: float | None = None
    b: float | None = None
    interval: Interval | None = None
    p_value: float | None = None
    dialogues: int = 0
    reason: str = ""


def compare_runs(run_a: Path, run_b: Path, seed: int = 0) -> list[Comparison]:
    """Compare every metric that both folders have scores of.

    Args:
        run_a: a scored predictions folder.
        run_b: another.
        seed: of the resampling.

    Raises:
        InputError: a folder is not scored, or the two were scored under different protocols.
    """
    scores_a, scores_b = (read_scores(_scored(folder)) for folder in (run_a, run_b))
    if scores_a.protocol != scores_b.protocol:
        raise InputError(
            f"{run_a} was scored under {scores_a.protocol}, {run_b} under {scores_b.protocol}: "
            f"expected one protocol. Run `omnibench score` on one of them again."
        )
    sections = load_protocol(scores_a.protocol).metrics
    statistics_a, statistics_b = _statistics(run_a), _statistics(run_b)
    found = []
    for name in scores_a.metrics:
        reason = _not_comparable(name, scores_a, scores_b)
        if reason:
            found.append(Comparison(name, reason=reason))
            continue
        shared = [i for i in statistics_a.get(name, {}) if i in statistics_b.get(name, {})]
        pairs = [(statistics_a[name][i], statistics_b[name][i]) for i in shared]
        found.append(_compare(name, METRICS.get(name), sections[name], pairs, seed))
    return found


def _scored(folder: Path) -> Path:
    path = folder / "scores.json"
    if not path.is_file():
        raise InputError(f"{folder}: no scores.json. Run `omnibench score {folder}` first.")
    return path


def _not_comparable(name: str, a: Scores, b: Scores) -> str:
    entries = [s.metrics.get(name, {}) for s in (a, b)]
    for entry in entries:
        if "value" not in entry:
            return f"no value on one side ({entry.get('reason', 'not scored')})"
    key_a, key_b = (comparison_key(entry["signature"]) for entry in entries)
    return "" if key_a == key_b else f"measured differently: {key_a} and {key_b}"


def _compare(
    name: str, metric: Metric, parameters: Parameters, pairs: Sequence[tuple[Statistics, Statistics]], seed: int
) -> Comparison:
    if metric.spec.level == "sample":
        values = [(metric.sample_value(a), metric.sample_value(b)) for a, b in pairs]
        pairs = [pair for pair, (a, b) in zip(pairs, values, strict=True) if a is not None and b is not None]
    if not pairs:
        return Comparison(name, reason="no dialogue was scored on both sides")

    def difference(indices: Sequence[int], swapped: np.ndarray[Any, np.dtype[np.bool_]] | None = None) -> float:
        sides = [pairs[i][::-1] if swapped is not None and swapped[i] else pairs[i] for i in indices]
        first, second = (metric.aggregate([side[k] for side in sides], parameters) for k in (0, 1))
        return first - second

    everything = range(len(pairs))
    observed = abs(difference(everything))
    flips = np.random.default_rng(seed).random((SWAPS, len(pairs))) < 0.5
    reached = sum(abs(difference(everything, flip)) >= observed - 1e-12 for flip in flips)
    if metric.spec.level == "sample":
        own = [(metric.sample_value(a), metric.sample_value(b)) for a, b in pairs]
        interval: Interval | None = bootstrap_interval(
            [float(a) - float(b) for a, b in own if a is not None and b is not None], seed
        )
    else:
        interval = corpus_interval(metric.spec.interval, difference, len(pairs))
    return Comparison(
        name,
        metric.aggregate([a for a, _ in pairs], parameters),
        metric.aggregate([b for _, b in pairs], parameters),
        interval,
        (reached + 1) / (SWAPS + 1),
        len(pairs),
    )


def _statistics(folder: Path) -> dict[str, dict[str, Statistics]]:
    """Statistics by metric and dialogue, from ``samples.jsonl`` and ``statistics.npz``."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for line in read_samples(folder):
        for name, row in line["metrics"].items():
            if row["status"] == "ok":
                found.setdefault(name, {})[line["id"]] = dict(row.get("statistics", {}))
    try:
        with np.load(folder / "statistics.npz", allow_pickle=False) as arrays:
            for key in arrays.files:
                name, dialogue_id, part = key.split("/")
                found[name][dialogue_id][part] = arrays[key]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{folder}/statistics.npz: cannot be read ({error}). Run `omnibench score {folder}` again."
        ) from error
    return {name: dict(rows) for name, rows in found.items()}
