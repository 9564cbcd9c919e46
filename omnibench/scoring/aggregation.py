"""From the dialogues of one metric to its number, or to the word for why there is none.

What a dialogue without a score does to the number:

* ``model_failed``: enters a mean with the metric's worst value and counts as covered.
* ``infra_failed`` (no answer there) and ``metric_failed`` (an answer that cannot be measured) have no number of their
  own and never count as covered. The protocol says the rest. ``left_out``, as the official scripts do: the number is
  that of the others. ``worst``: an absent dialogue enters the mean with the worst value, so the number is a bound that
  could only have been better, and nobody gains by leaving dialogues out.
* ``skipped`` (what the official scripts leave out, under ``paper`` alone) has no number and is covered, as it is with
  them; how many dialogues made the number is ``n_counted``, where that is not all that are covered.
* Where a metric has no worst value, or is no mean over dialogues, no such bound exists: the number is ``withheld``. The
  Fréchet distance of the easier half can be anything.
* An answer that is there and empty is an answer, and the metric says what it is worth
  (`omnibench.metrics.text.distinct` where texts count together). What silence alone improves has no better direction:
  false speech, the precision of backchannels.

Anything but full coverage keeps its mark, whatever the value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from omnibench.errors import MetricError
from omnibench.files.score_records import IntervalRecord, MetricEntry, NoNumber, Number
from omnibench.metrics.base import Metric, Parameters, Statistics
from omnibench.metrics.protocol_file import Absent
from omnibench.metrics.statistics import Interval, bootstrap_interval, corpus_interval
from omnibench.scoring.reasons import counted
from omnibench.scoring.scores import Outcome

Scored = Sequence[tuple[Outcome, Statistics]]


def metric_entry(
    metric: Metric,
    parameters: Parameters,
    outcomes: Sequence[Outcome],
    absent: Absent,
    signed: Callable[[str], str],
) -> MetricEntry:
    """One metric's part of ``scores.json``: a value with its interval and signature, or a status and a reason.

    Args:
        metric: what made the statistics.
        parameters: what it made them with.
        outcomes: every dialogue of the split, in the manifest's order.
        absent: the protocol's rule.
        signed: the signature for a coverage like ``23/24``.
    """
    spec = metric.spec
    expected = [o for o in outcomes if o.status != "outside"]
    if not expected:
        return NoNumber(status="not_applicable", reason="no dialogue of this split has what the metric is about")
    scored = [(o, o.statistics) for o in expected if o.statistics is not None]
    at_worst = [o for o in expected if o.status == "model_failed"]
    if absent == "worst":
        at_worst = [o for o in expected if o.statistics is None and o.status != "skipped"]
    covered = len(scored) + sum(o.status in ("model_failed", "skipped") for o in expected)
    reasons = {o.id: f"{o.status}: {o.reason}" for o in outcomes if o.statistics is None}
    unscored: dict[str, Any] = {"not_scored": reasons} if reasons else {}
    if not scored and all(o.status == "skipped" for o in expected):
        said = "; ".join(counted({o.id: o.reason for o in expected}))
        return NoNumber(status="not_applicable", reason=f"the official script leaves every dialogue out ({said})")
    if not scored:
        said = "; ".join(counted({o.id: o.reason for o in expected}))
        return NoNumber(status="not_scored", reason=said, n_scored=0, n_expected=len(expected), **unscored)
    why = _withheld(metric, expected, at_worst, absent)
    if why:
        return NoNumber(
            status="withheld",
            reason=why,
            direction=spec.direction,
            n_scored=len(scored),
            n_expected=len(expected),
            signature=signed(f"{len(scored)}/{len(expected)}"),
            **unscored,
        )
    try:
        value, interval = _value(metric, parameters, scored, at_worst)
    except MetricError as error:
        # Every dialogue was measured and there is nothing to sum up, like the reply delay of a model that stays silent.
        return NoNumber(status="not_applicable", reason=str(error))
    made = sum(_counts(metric, own) for _, own in scored) + sum(o.status == "model_failed" for o in expected)
    if not np.isfinite(value):
        return NoNumber(status="not_scored", reason="the aggregate is not finite", n_scored=0, n_expected=len(expected))
    given: dict[str, Any] = {"n_counted": made} if made < covered else {}
    given |= {"unit": spec.unit} if spec.unit else {}
    given |= {"n_at_worst": len(at_worst)} if at_worst else {}
    given |= {} if interval is None else {"interval": IntervalRecord(**asdict(interval))}
    return Number(
        value=value,
        direction=spec.direction,
        n_scored=covered,
        n_expected=len(expected),
        n_outside=len(outcomes) - len(expected),
        signature=signed(f"{covered}/{len(expected)}{f' ({made} counted)' if made < covered else ''}"),
        **given,
        **unscored,
    )


def _counts(metric: Metric, statistics: Statistics) -> bool:
    """Whether a measured dialogue enters the number, rather than being left out by the protocol or the definition."""
    if "counted" in statistics:
        return bool(statistics["counted"])
    return metric.aggregation.level == "corpus" or metric.sample_value(statistics) is not None


def _withheld(metric: Metric, expected: Sequence[Outcome], at_worst: Sequence[Outcome], absent: Absent) -> str:
    """Why there must be no number, or ``""``."""
    spec = metric.spec
    if at_worst and (spec.worst is None or metric.aggregation.level == "corpus"):
        said = "; ".join(counted({o.id: o.reason for o in at_worst}))
        return (
            f"{len(at_worst)} of {len(expected)} dialogues have no score, and {spec.title} has no worst value that "
            f"bounds what they would do to it ({said})"
        )
    return ""


def _value(
    metric: Metric, parameters: Parameters, scored: Scored, at_worst: Sequence[Outcome]
) -> tuple[float, Interval | None]:
    """The aggregate with its interval."""
    spec = metric.spec
    if metric.aggregation.level == "corpus":
        statistics, people = [own for _, own in scored], [o.person for o, _ in scored]

        def on_subset(indices: Sequence[int]) -> float:
            return metric.aggregate([statistics[i] for i in indices], parameters)

        value, method = metric.aggregate(statistics, parameters), metric.aggregation.interval
        return value, corpus_interval(method, on_subset, len(statistics), (spec.minimum, spec.maximum), people)
    found = [(metric.sample_value(own), o.person) for o, own in scored] + [(spec.worst, o.person) for o in at_worst]
    own = [(value, person) for value, person in found if value is not None]
    if not own:
        return metric.aggregate([statistics for _, statistics in scored], parameters), None
    values = [value for value, _ in own]
    # The official scripts may weigh dialogues, as LSE-D does by tracks: without failures the metric's own mean stands.
    value = float(np.mean(values)) if at_worst else metric.aggregate([own for _, own in scored], parameters)
    return value, bootstrap_interval(values, [person for _, person in own])
