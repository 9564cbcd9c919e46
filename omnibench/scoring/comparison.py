"""Two runs on the same dialogues: is the difference more than chance?

For every metric: both values and their difference on the dialogues that both runs have, and the test and interval of
`omnibench.scoring.paired_test`: one unit for both, the person whom the data set names as the listener, else the
dialogue. The p values of all metrics that are compared at once are corrected by Holm's method, and the verdict is by
the corrected ones: a difference at 0.05. Where not even the smallest p that the units allow would reach that, nothing
can be told. The interval is of its metric alone, uncorrected; it never holds 0 beside a verdict for one side.

A dialogue that a model failed on has its metric's worst value here too. Others without a score on either side are left
out of both, and the row says so: then a number that is withheld for coverage can be compared as well.

Source: see `omnibench.scoring.paired_test`; Riezler & Maxwell 2005 on tests of corpus metrics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np

from omnibench.errors import InputError, MetricError, UsageError
from omnibench.files.score_records import MetricEntry, NoNumber, Scores
from omnibench.metrics.base import METRICS, Metric, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import comparison_key, differing_parts
from omnibench.metrics.statistics import Interval, groups_of
from omnibench.scoring.paired_test import PairedTest, holm, paired_test
from omnibench.scoring.paired_values import Corpus, Means, Row, paired_values, read_rows
from omnibench.scoring.scores import SAMPLES, STATISTICS, read_scores
from omnibench.system.progress import Ticker

CHANCE: Final = 0.05
"""A corrected p above it is no finding."""

MEAN_SWAPS: Final = 10_000
CORPUS_SWAPS: Final = 2048

Unit = Literal["person", "dialogue", "person or dialogue"]
UNITS: Final[Mapping[Unit, str]] = {
    "person": "people",
    "dialogue": "dialogues",
    "person or dialogue": "people and dialogues of nobody named",
}
"""What is swapped, and the plural of it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of two runs: values and their difference on the dialogues that both have. ``reason`` says why there is
    no test, where there is none; ``note`` what to know of one that is there.

    ``p_holm`` is the p value corrected for all metrics of the same call, ``smallest_p`` the smallest p that ``n_units``
    of ``unit`` allow, ``level`` the interval's. ``verdict`` is ``A better`` or ``B better`` (``A higher``, ``B higher``
    for a metric that has no better), ``no clear difference``, ``equal``, or ``too few people to tell``.
    """

    metric: str
    a: float | None = None
    b: float | None = None
    interval: Interval | None = None
    level: float = 0.0
    p_value: float | None = None
    p_holm: float | None = None
    smallest_p: float = 0.0
    unit: Unit = "dialogue"
    n_units: int = 0
    dialogues: int = 0
    verdict: str = ""
    reason: str = ""
    note: str = ""


def compare_runs(run_a: Path, run_b: Path, seed: int = 0, metrics: Sequence[str] | None = None) -> list[Comparison]:
    """Compare every metric that both folders have scores of.

    Args:
        run_a: a scored predictions folder.
        run_b: another.
        seed: of the swaps.
        metrics: only these, and the correction is for these only: name them before you look.

    Raises:
        InputError: a folder is not scored, or the two were measured differently: under different protocols, on other
            data or with another delay of the transcript. The message names the parts that differ.
        UsageError: a metric that neither run was scored with.
    """
    scores_a, scores_b = (read_scores(_scored(folder)) for folder in (run_a, run_b))
    names = _chosen(metrics, scores_a, scores_b)
    _check_alike(run_a, run_b, scores_a, scores_b, names)
    sections = load_protocol(scores_a.protocol, run_a).metrics
    rows_a, rows_b = read_rows(run_a), read_rows(run_b)
    found = []
    with Ticker(
        f"compare {scores_a.model or run_a.name} and {scores_b.model or run_b.name}", len(names), "metric"
    ) as ticker:
        for name in names:
            entries = [scores.metrics[name] for scores in (scores_a, scores_b) if name in scores.metrics]
            without = _without_value(entries)
            if name not in sections:
                found.append(Comparison(name, reason=f"not a metric of {scores_a.protocol} as it is installed here"))
            elif without:
                found.append(Comparison(name, reason=f"no value on one side ({without})"))
            else:
                metric, (own_a, own_b) = METRICS.get(name), (rows_a.get(name, {}), rows_b.get(name, {}))
                pairs = [(own_a[i], own_b[i]) for i in own_a if i in own_b]
                expected = max(entry.n_expected for entry in entries)
                note = "" if len(pairs) == expected else f"{len(pairs)} of {expected} dialogues are scored in both"
                try:
                    found.append(_compare(name, metric, sections[name], pairs, seed, note))
                except (LookupError, TypeError, ValueError, ArithmeticError) as error:
                    raise InputError(
                        f"{run_a} and {run_b}: what {SAMPLES} and {STATISTICS} hold of {name} is not what it is made "
                        f"of ({error!r}). Run `omnibench score` on both again."
                    ) from error
            ticker.advance()
    return _judged(found)


def _without_value(entries: Sequence[MetricEntry]) -> str:
    """Why one of two sides has neither a value nor statistics of some dialogues whose number is withheld; or ``""``."""
    for entry in entries:
        if isinstance(entry, NoNumber) and not (entry.status == "withheld" and entry.n_scored < entry.n_expected):
            return entry.reason
    return "" if len(entries) == 2 else "not scored with it"


def _chosen(metrics: Sequence[str] | None, a: Scores, b: Scores) -> list[str]:
    known = list(dict.fromkeys([*a.metrics, *b.metrics]))
    for name in metrics or ():
        if name not in known:
            raise UsageError(f'Neither run was scored with "{name}"; they were with: {", ".join(known)}.')
    return [name for name in known if metrics is None or name in metrics]


def _scored(folder: Path) -> Path:
    path = folder / "scores.json"
    if not path.exists():
        raise InputError(f"{folder}: no scores.json. Run `omnibench score {folder}` first.")
    return path


def _check_alike(run_a: Path, run_b: Path, a: Scores, b: Scores, names: Sequence[str]) -> None:
    if a.protocol != b.protocol:
        raise InputError(
            f"{run_a} was scored under {a.protocol}, {run_b} under {b.protocol}: "
            f"expected one protocol. Run `omnibench score` on one of them again."
        )
    for name in names:
        signatures = [scores.metrics[name].signature for scores in (a, b) if name in scores.metrics]
        keys = [comparison_key(text) for text in signatures if text is not None]
        if len(keys) < 2:
            continue
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
    pairs: Sequence[tuple[Row, Row]],
    seed: int,
    note: str,
) -> Comparison:
    """One row, not yet corrected nor judged."""
    try:
        numbers, kept = paired_values(metric, parameters, pairs)
        people = [pairs[place][0].person for place in kept]
        return _tested(metric, numbers, people, MEAN_SWAPS if isinstance(numbers, Means) else CORPUS_SWAPS, seed, note)
    except MetricError as error:
        return Comparison(name, reason=str(error))


def _tested(
    metric: Metric, numbers: Means | Corpus, people: Sequence[str], most: int, seed: int, note: str
) -> Comparison:
    name = metric.spec.name
    if not people:
        return Comparison(name, reason="no dialogue was scored on both sides")
    a, b = numbers.values()
    units = groups_of(len(people), people)
    place = np.empty(len(people), dtype=np.int64)
    for number, indices in enumerate(units):
        place[indices] = number
    test = paired_test(lambda swaps: numbers.differences(swaps[:, place]), [len(own) for own in units], most, seed)
    named = sum(1 for person in set(people) if person)
    unit: Unit = "dialogue" if not named else "person" if all(people) else "person or dialogue"
    notes = [note] if note else []
    if test.undefined:
        notes.append(f"{test.undefined} of {test.ways} swaps leave no value and count against a finding")
    return Comparison(
        name,
        a,
        b,
        _interval(test, f"{len(units)} {UNITS[unit]}", metric.spec.maximum - metric.spec.minimum),
        level=test.level,
        p_value=test.p_value,
        smallest_p=test.smallest_p,
        unit=unit,
        n_units=len(units),
        dialogues=len(people),
        note="; ".join(notes),
    )


def _interval(test: PairedTest, units: str, most: float) -> Interval | None:
    """The test's, cut where no difference of the metric can lie."""
    if not np.isfinite([test.low, test.high]).all():
        return None
    ways = f"all {test.ways}" if test.exact else f"{test.ways} drawn"
    method = f"the differences that the test does not reject: {100 * test.level:.4g} %, {ways} ways to swap {units}"
    return Interval(max(test.low, -most), min(test.high, most), method)


def _judged(rows: Sequence[Comparison]) -> list[Comparison]:
    """The same rows with corrected p values and verdicts."""
    tested = [place for place, row in enumerate(rows) if row.p_value is not None]
    found = list(rows)
    corrected = holm([row.p_value for row in rows if row.p_value is not None])
    for place, p_holm in zip(tested, corrected, strict=True):
        row = replace(rows[place], p_holm=p_holm)
        found[place] = replace(row, verdict=_verdict(row, p_holm, len(tested)))
    return found


def _verdict(row: Comparison, p_holm: float, tests: int) -> str:
    gain = (row.a or 0.0) - (row.b or 0.0)
    if row.interval is not None and row.interval.low == row.interval.high == gain == 0:
        return "equal"
    if p_holm <= CHANCE:
        direction = METRICS.get(row.metric).spec.direction
        side = "A" if (gain > 0) == (direction != "lower") else "B"
        return f"{side} {'higher' if direction == 'none' else 'better'}"
    if row.smallest_p * tests > CHANCE:
        return f"too few {'dialogues' if row.unit == 'dialogue' else 'people'} to tell"
    return "no clear difference"
