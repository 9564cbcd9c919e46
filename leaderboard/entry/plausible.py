"""Numbers that a team reports of itself: whether they can be what they say they are. No archive is needed for that.

A metric's range and direction are its own declaration's (`omnibench.metrics.base.MetricSpec`), of the metrics that
omnibench brings: what another package on this machine registers is no column of the board.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from leaderboard.entry.problems import Problem
from leaderboard.entry.schema import (
    Attestation,
    Interval,
    Measurement,
    Number,
    ProtocolName,
    ProtocolScores,
    Sample,
    Submission,
)
from omnibench.datasets.opening import DATASETS, open_dataset
from omnibench.errors import did_you_mean
from omnibench.metrics.base import METRICS, Mean, Metric, MetricSpec
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.signature import SEPARATOR, comparison_key, parameter_parts

FIRST_DAY: Final = datetime.date(2025, 5, 27)
"""The task's: before the paper that set it (arXiv 2505.21724) there was nothing to answer."""

# Sums over dialogues are exact to about this, relative to their size.
_EXACT: Final = 1e-6
_CONDITIONS: Final = frozenset({"proto", "data", "transcript", "render", "real", "times", "clock", "network"})


def implausible_dates(
    submission: Submission, attestation: Attestation | None, today: datetime.date
) -> Iterator[Problem]:
    """Days that cannot be: before the task was, or after today."""
    sent = submission.date
    if sent < FIRST_DAY:
        yield Problem("", f'field "submission.date": {sent}, before the data set was there ({FIRST_DAY})')
    days = {"submission.date": sent} | ({"attestation.date": attestation.date} if attestation else {})
    for field, day in days.items():
        if day > today:
            yield Problem("", f'field "{field}": {day} is in the future; today is {today}')


def implausible_scores(scores: ProtocolScores) -> Iterator[Problem]:
    """What a protocol's numbers say that its metrics, or its data, cannot.

    Returns:
        Problems whose place is the field below the protocol's, like ``metrics.fd.value``.
    """
    yield from _wrong_data(scores)
    for name, metric in scores.metrics.items():
        where = f"metrics.{name}"
        if name not in METRICS.ours:
            yield Problem(where, f"no metric of omnibench.{did_you_mean(name, METRICS.ours)} `omnibench metrics`")
        elif name not in load_protocol(scores.protocol).metrics:
            yield Problem(where, f"the protocol {scores.protocol} does not measure it")
        else:
            for field, fault in _faults(METRICS.get(name), scores.protocol, metric):
                yield Problem(f"{where}.{field}", fault)


def implausible_samples(samples: Sequence[Sample]) -> Iterator[Problem]:
    """Values of single dialogues that their metrics cannot have; metrics that are none of ours stand in no column."""
    for sample in samples:
        for name, metric in sample.metrics.items():
            fault = _out_of(METRICS.get(name).spec, metric.value) if name in METRICS.ours else None
            if fault is not None:
                yield Problem(f"{sample.id}.{name}", fault)


def _wrong_data(scores: ProtocolScores) -> Iterator[Problem]:
    """Another size or hash than the split of that name has, where it comes with omnibench."""
    said = scores.data
    versions = {open_dataset(name).version: name for name in DATASETS.ours if name != said.name}
    if said.version and said.version in versions:
        yield Problem("data.version", f'"{said.version}" is that of {versions[said.version]}, and not of {said.name}')
    if said.name not in DATASETS.ours:
        return
    dataset = open_dataset(said.name)
    if said.split not in dataset.splits():
        yield Problem("data.split", f'{said.name} has no split "{said.split}"; it has {", ".join(dataset.splits())}')
        return
    found = {"manifest": dataset.manifest_hash(said.split), "dialogues": len(dataset.ids(said.split))}
    for field, value in found.items():
        if getattr(said, field) != value:
            told = f"{getattr(said, field)}"[:12]
            yield Problem(f"data.{field}", f"{told}; the {said.split} split of {said.name} has {str(value)[:12]}")


def _faults(own: Metric, protocol: ProtocolName, metric: Measurement) -> Iterator[tuple[str, str]]:
    spec = own.spec
    if metric.n_scored > metric.n_expected:
        yield "n_scored", f"{metric.n_scored} of {metric.n_expected} expected dialogues"
    if metric.signature is not None:
        yield from (("signature", fault) for fault in _signature_faults(spec, protocol, metric.signature))
    if not isinstance(metric, Number):
        return
    if metric.direction != spec.direction:
        yield "direction", f'"{metric.direction}"; {spec.title} has "{spec.direction}"'
    if metric.unit != spec.unit:
        yield "unit", f'"{metric.unit}"; {spec.title} has "{spec.unit}"'
    for field in ("n_counted", "n_at_worst"):
        if getattr(metric, field) > metric.n_expected:
            yield field, f"{getattr(metric, field)} of {metric.n_expected} expected dialogues"
    if metric.n_scored == 0:
        yield "n_scored", "0, and there is a value"
    fault = _out_of(spec, metric.value)
    if fault is not None:
        yield "value", fault
    if metric.interval is not None:
        yield from _interval_faults(own, metric.value, metric.interval)
    covered = f"cov:{metric.n_scored}/{metric.n_expected}"
    told = metric.signature.partition(SEPARATOR)[2].split("|")
    if not any(part.split(" ")[0] == covered for part in told):
        yield "signature", f'expected the part "{covered}", as n_scored and n_expected say'


def _interval_faults(own: Metric, value: float, interval: Interval) -> Iterator[tuple[str, str]]:
    low, high = interval.low, interval.high
    # Where dialogues have unequal weights, or quantiles are resampled, the interval may lie a little beside the value.
    around = isinstance(own.aggregation, Mean) or own.aggregation.interval in ("jackknife", "subsample")
    slack = _EXACT * max(1.0, abs(value)) + (0.0 if around else high - low)
    if low > high:
        yield "interval", f"from {low:g} to {high:g}: its low end is above its high end"
    elif not low - slack <= value <= high + slack:
        yield "interval", f"from {low:g} to {high:g}: the value {value:g} is not in it"
    for field, end in (("low", low), ("high", high)):
        fault = _out_of(own.spec, end)
        if fault is not None:
            yield f"interval.{field}", fault


def _out_of(spec: MetricSpec, value: float | None) -> str | None:
    slack = _EXACT * max(1.0, abs(value or 0.0))
    if value is None or spec.minimum - slack <= value <= spec.maximum + slack:
        return None
    return f"{value:g}; {spec.title} is {_range(spec)}"


def _range(spec: MetricSpec) -> str:
    if abs(spec.maximum) == float("inf"):
        return f"{spec.minimum:g} or more"
    if abs(spec.minimum) == float("inf"):
        return f"{spec.maximum:g} or less"
    return f"between {spec.minimum:g} and {spec.maximum:g}"


def _signature_faults(spec: MetricSpec, protocol: ProtocolName, text: str) -> Iterator[str]:
    """What is left of `` || `` decides with which rows a number is ranked: it has to be this metric's."""
    title, *parts = comparison_key(text).split("|")
    if title != spec.title:
        yield f'begins with "{title}"; expected "{spec.title}"'
    known = parameter_parts(load_protocol(protocol).metrics[spec.name].values)
    told: Mapping[str, Any] = {part.partition(":")[0]: part for part in parts}
    if len(told) != len(parts):
        yield "says one thing twice"
    for name, part in told.items():
        if name in known and part != known[name]:
            yield f'holds "{part}"; the protocol {protocol} has "{known[name]}"'
        elif name not in known and name not in _CONDITIONS:
            yield f'holds "{part}", which is no part of it under the protocol {protocol}'
