"""Two runs on the same dialogues: is the difference more than chance?

For every metric: the difference on the dialogues that both runs have, its 95 % interval from pairs resampled together
(`omnibench.statistics`, by person where the data set names people), and a two-sided p value by approximate
randomisation. There the two runs' statistics are swapped dialogue by dialogue and the aggregates taken anew, so that it
holds for corpus metrics too; with few dialogues every swap is tried and p is exact. Swaps go by dialogue and not by
person: under the hypothesis that the runs are interchangeable, each dialogue's pair is, whoever is in it.

A dialogue that a model failed on has its metric's worst value here too. Others without a score on either side are left
out of both, and the row says so: then a number that is withheld for coverage can be compared as well.

Source: Noreen 1989, chapter 2; Riezler & Maxwell 2005.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MetricError, UsageError
from omnibench.metrics.base import METRICS, Metric, Parameters, Statistics
from omnibench.metrics.protocol import load_protocol
from omnibench.scores import Scores, read_samples, read_scores
from omnibench.signature import comparison_key, differing_parts
from omnibench.statistics import Interval, bootstrap_interval, corpus_interval

MEAN_SWAPS: Final = 10_000
CORPUS_SWAPS: Final = 1000
_ROUNDING: Final = 1e-9

Swaps = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of two runs: values and their difference on the dialogues that both have. ``reason`` says why there is
    no test, where there is none; ``note`` what to know of one that is there.
    """

    metric: str
    a: float | None = None
    b: float | None = None
    interval: Interval | None = None
    p_value: float | None = None
    dialogues: int = 0
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """One dialogue of one run under one metric. ``statistics`` is None where the model failed."""

    person: str
    statistics: Statistics | None


def compare_runs(run_a: Path, run_b: Path, seed: int = 0, metrics: Sequence[str] | None = None) -> list[Comparison]:
    """Compare every metric that both folders have scores of.

    Args:
        run_a: a scored predictions folder.
        run_b: another.
        seed: of the resampling.
        metrics: only these.

    Raises:
        InputError: a folder is not scored, or the two were measured differently: under different protocols, on other
            data or with another delay of the transcript. The message names the parts that differ.
        UsageError: a metric that neither run was scored with.
    """
    scores_a, scores_b = (read_scores(_scored(folder)) for folder in (run_a, run_b))
    names = _chosen(metrics, scores_a, scores_b)
    _check_alike(run_a, run_b, scores_a, scores_b, names)
    sections = load_protocol(scores_a.protocol).metrics
    rows_a, rows_b = _rows(run_a), _rows(run_b)
    found = []
    for name in names:
        entries = [scores.metrics.get(name, {"reason": "not scored with it"}) for scores in (scores_a, scores_b)]
        without = next((entry for entry in entries if not _comparable(entry)), None)
        if without is not None:
            found.append(Comparison(name, reason=f"no value on one side ({without['reason']})"))
            continue
        metric, (own_a, own_b) = METRICS.get(name), (rows_a.get(name, {}), rows_b.get(name, {}))
        pairs = [(own_a[i], own_b[i]) for i in own_a if i in own_b]
        expected = max(entry["n_expected"] for entry in entries)
        note = "" if len(pairs) == expected else f"{len(pairs)} of {expected} dialogues are scored in both"
        found.append(_compare(name, metric, sections[name], pairs, seed, note))
    return found


def swap_p_value(difference: Callable[[Swaps], NDArray[np.float64]], count: int, most: int, seed: int = 0) -> float:
    """Two-sided p of a difference, by swapping the sides of dialogues.

    Args:
        difference: of the aggregates, for swaps ``(k, count)`` of True where a dialogue's sides are swapped: ``(k,)``.
        count: number of dialogues.
        most: how many swaps to draw. Where there are no more different ones, all are tried and p is exact; else it is
            ``(reached + 1) / (most + 1)``.
        seed: of the drawing.

    Example:
        >>> values = np.array([3.0, 1.0, 2.0])
        >>> swap_p_value(lambda swaps: np.where(swaps, -values, values).mean(axis=1), 3, 1000)
        0.25
    """
    observed = abs(float(difference(np.zeros((1, count), dtype=np.bool_))[0]))
    exact = 2**count <= most
    if exact:
        swaps = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(np.bool_)
    else:
        swaps = np.random.default_rng(seed).random((most, count)) < 0.5
    found = np.abs(difference(swaps))
    reached = int((found >= observed * (1 - _ROUNDING)).sum())
    return reached / len(swaps) if exact else (reached + 1) / (most + 1)


def _comparable(entry: Mapping[str, Any]) -> bool:
    """Whether there is a value, or statistics of some dialogues although their number is withheld."""
    return "value" in entry or (entry.get("status") == "withheld" and entry["n_scored"] < entry["n_expected"])


def _chosen(metrics: Sequence[str] | None, a: Scores, b: Scores) -> list[str]:
    known = list(dict.fromkeys([*a.metrics, *b.metrics]))
    for name in metrics or ():
        if name not in known:
            raise UsageError(f'Neither run was scored with "{name}"; they were with: {", ".join(known)}.')
    return [name for name in known if metrics is None or name in metrics]


def _scored(folder: Path) -> Path:
    path = folder / "scores.json"
    if not path.is_file():
        raise InputError(f"{folder}: no scores.json. Run `omnibench score {folder}` first.")
    return path


def _check_alike(run_a: Path, run_b: Path, a: Scores, b: Scores, names: Sequence[str]) -> None:
    if a.protocol != b.protocol:
        raise InputError(
            f"{run_a} was scored under {a.protocol}, {run_b} under {b.protocol}: "
            f"expected one protocol. Run `omnibench score` on one of them again."
        )
    for name in names:
        signatures = [scores.metrics.get(name, {}).get("signature") for scores in (a, b)]
        if None in signatures:
            continue
        keys = [comparison_key(str(text)) for text in signatures]
        if keys[0] != keys[1]:
            parts = "; ".join(
                f"{first or 'nothing'} and {second or 'nothing'}" for first, second in differing_parts(*keys)
            )
            raise InputError(
                f"{run_a} and {run_b} were measured differently: {name} has {parts}. Numbers with unequal comparison "
                f"keys are not compared; run and score both alike, or leave the metric out with --metrics."
            )


def _compare(
    name: str,
    metric: Metric,
    parameters: Parameters,
    pairs: Sequence[tuple[_Row, _Row]],
    seed: int,
    note: str,
) -> Comparison:
    if metric.spec.level == "sample":
        return _compare_means(name, metric, pairs, seed, note)
    both = [(a.statistics, b.statistics) for a, b in pairs if a.statistics and b.statistics]
    people = [a.person for a, b in pairs if a.statistics and b.statistics]
    if not both:
        return Comparison(name, reason="no dialogue was scored on both sides")

    def value(side: Sequence[Statistics]) -> float:
        return metric.aggregate(side, parameters)

    def difference(indices: Sequence[int]) -> float:
        return value([both[i][0] for i in indices]) - value([both[i][1] for i in indices])

    def swapped(swaps: Swaps) -> NDArray[np.float64]:
        return np.array(
            [
                value([pair[int(swap)] for pair, swap in zip(both, row, strict=True)])
                - value([pair[1 - int(swap)] for pair, swap in zip(both, row, strict=True)])
                for row in swaps
            ]
        )

    try:
        p_value = swap_p_value(swapped, len(both), CORPUS_SWAPS, seed)
        sides = [value([pair[0] for pair in both]), value([pair[1] for pair in both])]
    except MetricError as error:
        return Comparison(name, reason=str(error))
    interval = corpus_interval(metric.spec.interval, difference, len(both), people=people)
    return Comparison(name, sides[0], sides[1], interval, p_value, len(both), note=note)


def _compare_means(name: str, metric: Metric, pairs: Sequence[tuple[_Row, _Row]], seed: int, note: str) -> Comparison:
    def value(row: _Row) -> float | None:
        return metric.spec.worst if row.statistics is None else metric.sample_value(row.statistics)

    both = [
        (own, other, a.person) for a, b in pairs if (own := value(a)) is not None and (other := value(b)) is not None
    ]
    if not both:
        return Comparison(name, reason="no dialogue was scored on both sides")
    first, second = (np.array([pair[side] for pair in both], dtype=np.float64) for side in (0, 1))
    gains = first - second

    def swapped(swaps: Swaps) -> NDArray[np.float64]:
        return np.asarray(np.where(swaps, -gains, gains).mean(axis=1))

    interval = bootstrap_interval(gains.tolist(), [person for _, _, person in both], seed)
    p_value = swap_p_value(swapped, len(both), MEAN_SWAPS, seed)
    return Comparison(name, float(first.mean()), float(second.mean()), interval, p_value, len(both), note=note)


def _rows(folder: Path) -> dict[str, dict[str, _Row]]:
    """What each dialogue has under each metric, from ``samples.jsonl`` and ``statistics.npz``: those that were scored,
    and those that the model failed on.
    """
    lines = read_samples(folder)
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
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
    rows: dict[str, dict[str, _Row]] = {}
    for line in lines:
        for name, row in line["metrics"].items():
            own = found.get(name, {}).get(line["id"])
            if own is not None or row["status"] == "model_failed":
                rows.setdefault(name, {})[line["id"]] = _Row(line.get("person", ""), own)
    return rows
