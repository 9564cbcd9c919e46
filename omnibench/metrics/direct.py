"""One metric on answers and references at hand: strings, arrays or files, without any folder.

The number is that of ``omnibench score`` on the same answers; its signature says ``data:none``, for nobody knows which
data these are, so it shares a ranking with nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from omnibench.errors import InputError, MetricError, UsageError, unknown_name
from omnibench.features.store import FeatureStore
from omnibench.metrics.base import METRICS, Metric, Parameters, PredictionSample, Statistics
from omnibench.metrics.given import EXPECTED, GivenAnswer, GivenDialogue, GivenTrack, parts_of
from omnibench.metrics.protocol import PROTOCOLS, broken, load_protocol
from omnibench.metrics.signature import signature
from omnibench.types import Dialogue

_PREFERRED: Final = ("strict", "offline", "paper")


@dataclass(frozen=True, slots=True)
class DirectScore:
    """What a metric says of the pairs that it was given.

    ``values`` has each pair's own value: None where only all pairs together have one, or where the metric leaves the
    pair out.
    """

    value: float
    values: tuple[float | None, ...]
    signature: str

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        count = f"{len(self.values)} pair{'' if len(self.values) == 1 else 's'}"
        return f"{self.signature.partition('|')[0]} = {self.value:.4g} ({count})"


@dataclass(frozen=True, slots=True)
class DirectMetric:
    """A metric under one protocol, to be called; made by `metric`."""

    metric: Metric
    parameters: Parameters

    def __call__(self, answers: Any, references: Any = None, *, fps: float | Fraction | None = None) -> DirectScore:
        """Score answers against references.

        Args:
            answers: a list with what the metric needs of each: strings, lists of `Word`, arrays ``(T, 64)``,
                ``(samples, rate)``, or files; where it needs several parts, mappings like ``{"face": …, "audio": …}``.
                One string or file is a list of one.
            references: likewise of the human listeners, or the data set's `Dialogue` objects. A mapping may also hold
                the ``speaker`` (that person's parts) and the ``seconds`` of the dialogue. None for metrics that look at
                answers alone.
            fps: face vectors per second, for metrics of motion.

        Raises:
            UsageError: another number of references than of answers, or none at all.
            InputError: a part is missing or not what was expected; the message names pair and part.
            MissingError: the metric's network is not here; the message names the command that gets it.
            MetricError: there is nothing to make a number of.
        """
        given = _listed(answers)
        theirs = [None] * len(given) if references is None else _listed(references)
        if not given or len(given) != len(theirs):
            raise UsageError(f"{len(given)} answers and {len(theirs)} references; expected as many, and one at least.")
        spec = self.metric.spec
        # Where a metric looks at answers alone, the human listener says nothing.
        theirs = [{"text": ""} if other is None and not spec.reference_words else other for other in theirs]
        rate = None if fps is None else Fraction(fps).limit_denominator(1001)
        pairs = [
            (
                cast(PredictionSample, _answer(one, f"answer {number}", spec.needs)),
                cast(Dialogue, _reference(other, number, rate, "text" in spec.needs)),
            )
            for number, (one, other) in enumerate(zip(given, theirs, strict=True))
        ]
        return self._score(pairs)

    def _score(self, pairs: Sequence[tuple[PredictionSample, Dialogue]]) -> DirectScore:
        metric, parameters = self.metric, replace(self.parameters, features=FeatureStore())
        inside = [place for place, (_, reference) in enumerate(pairs) if not _outside(metric, reference)]
        if metric.plan is not None:
            parameters = replace(parameters, plan=metric.plan([pairs[place] for place in inside], parameters))
        values: list[float | None] = [None] * len(pairs)
        statistics: list[Statistics] = []
        for place in inside:
            try:
                statistics.append(metric.sample(*pairs[place], parameters))
            except MetricError as error:
                raise InputError(f"pair {place}: {error}.") from error
            values[place] = metric.sample_value(statistics[-1])
        if not statistics:
            raise MetricError(f"{metric.spec.title}: the human listener says nothing in any of these pairs")
        value = metric.aggregate(statistics, parameters)
        if not np.isfinite(value):
            raise MetricError(f"{metric.spec.title}: the number is not finite")
        coverage = f"{len(inside)}/{len(pairs)}"
        sealed = signature(metric.spec.title, parameters.protocol, parameters.values, "none", {}, coverage)
        return DirectScore(value, tuple(values), sealed)


def metric(name: str, protocol: str | None = None) -> DirectMetric:
    """A metric to be called on answers and references.

    Args:
        name: of ``omnibench metrics``.
        protocol: ``paper``, ``strict``, ``offline``, or a file; of ours that hold it, the first of strict, offline and
            paper unless given.

    Raises:
        UsageError: an unknown metric or protocol, or one that does not hold the metric.

    Example:
        >>> found = metric("rouge_l")(["testing one", ""], ["testing one two", "yes"])
        >>> found.value, found.values
        (0.4, (0.8, 0.0))
        >>> found.signature.split(" || ")[0]
        'ROUGE-L|proto:strict|implementation:rouge-score|data:none'
    """
    if name not in METRICS.names():
        raise unknown_name("metric", name, METRICS.names(), "omnibench metrics")
    if broken(name):
        raise UsageError(f"The metric {name} cannot be used: {broken(name)}.")
    held = [own for own in _PREFERRED if name in load_protocol(own).metrics]
    rules = load_protocol(protocol or (held[0] if held else PROTOCOLS[0]))
    if name not in rules.metrics:
        raise UsageError(f"The protocol {rules.name} does not hold {name}; these do: {', '.join(held) or 'none'}.")
    return DirectMetric(METRICS.get(name), rules.metrics[name])


def _listed(values: Any) -> list[Any]:
    if isinstance(values, str | Path | Mapping | Dialogue | np.ndarray):
        return [values]
    if isinstance(values, Sequence):
        return list(values)
    raise InputError(f"answers or references of the type {type(values).__name__}; expected a list.")


def _answer(value: Any, what: str, needs: Sequence[str]) -> GivenAnswer:
    parts = parts_of(value, what, "text" in needs)
    for need in EXPECTED:
        if need in needs and need not in parts:
            raise InputError(f"{what}: holds {', '.join(parts)}; expected {need}: {EXPECTED[need]}.")
    return GivenAnswer(parts, what)


def _reference(value: Any, number: int, rate: Fraction | None, textual: bool) -> Dialogue | GivenDialogue:
    if isinstance(value, Dialogue):
        return value
    what = f"reference {number}"
    speaker, seconds, own = {}, None, value
    if isinstance(value, Mapping):
        own = {key: part for key, part in value.items() if key not in ("speaker", "seconds")}
        speaker, seconds = value.get("speaker", {}), value.get("seconds")
    listener = {} if own is None else parts_of(own, what, textual)
    return GivenDialogue(
        f"{number}",
        GivenTrack(parts_of(speaker, f"{what}, speaker"), f"{what}, speaker"),
        GivenTrack(listener, what),
        rate,
        None if seconds is None else float(seconds),
    )


def _outside(metric: Metric, reference: Dialogue) -> bool:
    """Whether the metric leaves a pair out, since the human listener says nothing, as far as that was given."""
    if not metric.spec.reference_words:
        return False
    if isinstance(reference.listener, GivenTrack) and "text" not in reference.listener.parts:
        return False
    return not reference.listener.text.strip()
