"""The score stage: predictions and a data set in, one signed number a metric out.

Every expected dialogue is scored or listed with its reason. The manifest says which are expected, never the folder of
answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from omnibench.datasets.base import DataSet
from omnibench.errors import CoverageError, InputError, MetricError, MissingError, UsageError, unknown_name
from omnibench.features.store import FeatureStore
from omnibench.metrics.base import METRICS, Metric, MetricSpec, Need, Parameters, Planned, Statistics
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.runner.predictions import Part, Predictions
from omnibench.scores import Outcome, Scores, metric_entry, write_scores
from omnibench.signature import signature
from omnibench.statistics import Interval, bootstrap_interval, corpus_interval
from omnibench.types import Dialogue

PARTS: Mapping[Need, Part] = {
    "text": "text",
    "words": "text",
    "face": "vector",
    "audio": "audio",
    "video": "video",
    "timing": "timing",
}


def score_predictions(
    predictions: Path | str,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str] | None = None,
    write: bool = True,
) -> Scores:
    """Score a folder in the predictions layout, whoever made it.

    Args:
        predictions: the folder; any subset of the modalities, with or without ``run.json`` and journal.
        dataset: where the human listeners are.
        split: of the data set.
        protocol: ``paper``, ``strict`` or ``offline``.
        metrics: names to restrict to; all of the protocol otherwise.
        write: leave ``scores.json``, ``samples.jsonl`` and ``statistics.npz`` in the folder.

    Raises:
        UsageError: an unknown protocol, split or metric.
        MissingError: a metric that was named needs something that is not installed.
        InputError: the folder holds nothing in the predictions layout, or the data set cannot be read.
    """
    chosen = _choose(protocol, metrics)
    answers = Predictions(Path(predictions))
    data = f"{dataset.name}-{split}@{dataset.manifest_hash(split)[:8]}"
    entries: dict[str, dict[str, Any]] = {}
    outcomes: dict[str, list[Outcome]] = {}
    planned: dict[str, tuple[Metric, Parameters]] = {}
    for name, (metric, parameters) in chosen.items():
        absent = _inapplicable(metric.spec, answers, dataset, split)
        if absent:
            entries[name] = {"status": "not_applicable", "reason": absent}
            continue
        try:
            planned[name] = (metric, _plan(metric, parameters, answers, dataset, split))
        except MissingError as error:
            entries[name] = _unavailable(error, named=metrics is not None)
    for name, (metric, parameters) in planned.items():
        try:
            outcomes[name] = list(_outcomes(metric, parameters, answers, dataset, split))
        except MissingError as error:
            entries[name] = _unavailable(error, named=metrics is not None)
            continue
        entries[name] = _entry(metric, parameters, outcomes[name], protocol, data, answers.conditions())
    scores = Scores(
        protocol=protocol,
        data={
            "name": dataset.name,
            "version": dataset.version,
            "split": split,
            "manifest": dataset.manifest_hash(split),
            "dialogues": len(dataset.ids(split)),
        },
        model=answers.model(),
        metrics={name: entries[name] for name in chosen},
    )
    if write:
        write_scores(
            answers.root, scores, dataset.ids(split), outcomes, {n: m.sample_value for n, (m, _) in chosen.items()}
        )
    return scores


def _choose(protocol: str, metrics: Sequence[str] | None) -> dict[str, tuple[Metric, Parameters]]:
    sections = load_protocol(protocol).metrics
    for name in metrics or ():
        if name in sections:
            continue
        elsewhere = [other for other in PROTOCOLS if name in load_protocol(other).metrics]
        if elsewhere:
            raise UsageError(
                f'The protocol {protocol} does not hold the metric "{name}"; these do: {", ".join(elsewhere)}. '
                f"Add --protocol {elsewhere[0]}, or choose another of `omnibench metrics`."
            )
        raise unknown_name(f"metric of the protocol {protocol}", name, sections, "omnibench metrics")
    wanted = [name for name in sections if metrics is None or name in metrics]
    store = FeatureStore()
    return {name: (METRICS.get(name), replace(sections[name], features=store)) for name in wanted}


def _inapplicable(spec: MetricSpec, answers: Predictions, dataset: DataSet, split: str) -> str:
    """Why the metric is the paper's dash for these predictions or this data, or ``""``."""
    for need in spec.needs:
        if not answers.has(PARTS[need]):
            return f"no {PARTS[need]}/ in the predictions"
    for need in spec.reference_needs:
        if not any(_has(dataset.dialogue(split, dialogue_id), need) for dialogue_id in dataset.ids(split)):
            return f"no {PARTS[need]} of the human listeners in {dataset.name}"
    return ""


def _has(reference: Dialogue, need: Need) -> bool:
    media = {"video": reference.listener.has_video, "audio": reference.listener.has_audio}
    return media.get(PARTS[need], True)


def _plan(metric: Metric, parameters: Parameters, answers: Predictions, dataset: DataSet, split: str) -> Parameters:
    if not isinstance(metric, Planned):
        return parameters
    expected = ((dialogue_id, dataset.dialogue(split, dialogue_id)) for dialogue_id in dataset.ids(split))
    pairs = [
        (answers.sample(dialogue_id), reference)
        for dialogue_id, reference in expected
        if _failure(metric.spec, answers, dialogue_id) is None
    ]
    return replace(parameters, plan=metric.plan(pairs, parameters))


def _unavailable(error: MissingError, named: bool) -> dict[str, Any]:
    """The cell of a metric whose network or package is missing. Raises the error where the metric was asked for by
    name.
    """
    if named:
        raise error
    return {"status": "unavailable", "reason": str(error)}


def _outcomes(
    metric: Metric, parameters: Parameters, answers: Predictions, dataset: DataSet, split: str
) -> Iterator[Outcome]:
    spec = metric.spec
    for dialogue_id in dataset.ids(split):
        reference = dataset.dialogue(split, dialogue_id)
        if spec.reference_words and not reference.listener.text.strip():
            yield Outcome(dialogue_id, "outside", "the human listener says nothing here")
            continue
        failure = _failure(spec, answers, dialogue_id)
        yield failure or _measure(metric, parameters, answers, reference)


def _failure(spec: MetricSpec, answers: Predictions, dialogue_id: str) -> Outcome | None:
    status, reason = answers.status(dialogue_id)
    if status == "model_failed":
        return Outcome(dialogue_id, "model_failed", reason)
    if status == "infra_failed":
        return Outcome(dialogue_id, "infra_failed", reason)
    for need in spec.needs:
        if not answers.contains(PARTS[need], dialogue_id):
            return Outcome(dialogue_id, "infra_failed", f"no file of this dialogue in {PARTS[need]}/")
    return None


def _measure(metric: Metric, parameters: Parameters, answers: Predictions, reference: Dialogue) -> Outcome:
    try:
        statistics = metric.sample(answers.sample(reference.id), reference, parameters)
    except (MetricError, InputError) as error:
        # A damaged file costs one dialogue, which is then listed with the file's name; the others keep their scores.
        return Outcome(reference.id, "metric_failed", str(error))
    return Outcome(reference.id, "ok", "", statistics)


def _entry(
    metric: Metric,
    parameters: Parameters,
    outcomes: Sequence[Outcome],
    protocol: str,
    data: str,
    conditions: Mapping[str, str],
) -> dict[str, Any]:
    spec = metric.spec
    expected = [o for o in outcomes if o.status != "outside"]
    scored = [o.statistics for o in expected if o.statistics is not None]
    failed_by_model = [o for o in expected if o.status == "model_failed"]
    reasons = "; ".join(f"{o.id}: {o.reason}" for o in expected if o.statistics is None)
    if failed_by_model and spec.worst is None:
        return {
            "status": "withheld",
            "reason": f"no worst value to give {len(failed_by_model)} dialogues that the model failed on ({reasons})",
        }
    if not scored:
        return {"status": "not_scored", "reason": reasons or "no dialogue of this split applies"}
    try:
        value, interval = _value(metric, parameters, scored, len(failed_by_model))
    except MetricError as error:
        # Every dialogue was measured and there is nothing to sum up, like the reply delay of a model that stays silent.
        return {"status": "not_applicable", "reason": str(error)}
    if not np.isfinite(value):
        return {"status": "not_scored", "reason": "the aggregate is not finite"}
    covered = len(scored) + len(failed_by_model)
    return metric_entry(
        spec,
        value,
        interval,
        n_scored=covered,
        n_expected=len(expected),
        n_outside=len(outcomes) - len(expected),
        signature=signature(spec.title, protocol, parameters.values, data, conditions, f"{covered}/{len(expected)}"),
        reasons={o.id: f"{o.status}: {o.reason}" for o in outcomes if o.statistics is None},
    )


def _value(
    metric: Metric, parameters: Parameters, scored: Sequence[Statistics], failed_by_model: int
) -> tuple[float, Interval | None]:
    """The aggregate with its interval; dialogues that the model failed on enter a mean with the metric's worst
    value.
    """
    spec = metric.spec
    if spec.level == "corpus":
        value = metric.aggregate(scored, parameters)

        def on_subset(indices: Sequence[int]) -> float:
            return metric.aggregate([scored[i] for i in indices], parameters)

        return value, corpus_interval(spec.interval, on_subset, len(scored), spec.minimum)
    values = [v for v in map(metric.sample_value, scored) if v is not None]
    if failed_by_model and spec.worst is not None:
        values += [spec.worst] * failed_by_model
    if not values:
        return metric.aggregate(scored, parameters), None
    return float(np.mean(values)), bootstrap_interval(values)


def require_coverage(scores: Scores, allow_partial: bool) -> None:
    """Raise CoverageError where a metric is incomplete, unless partial coverage was asked for."""
    if scores.incomplete and not allow_partial:
        parts = []
        for name in scores.incomplete:
            entry = scores.metrics[name]
            parts.append(
                f"{name} {entry['n_scored']}/{entry['n_expected']}" if "value" in entry else f"{name} {entry['status']}"
            )
        raise CoverageError(
            f"Incomplete coverage: {', '.join(parts)}. samples.jsonl lists every dialogue with its reason; "
            f"--allow-partial accepts it (the mark stays on the number)."
        )
