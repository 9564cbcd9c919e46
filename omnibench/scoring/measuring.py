"""The score stage: predictions and a data set in, one signed number a metric out.

Every expected dialogue is scored or listed with its reason. The manifest says which are expected, never the folder of
answers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnibench.datasets.base import DataSet
from omnibench.datasets.withheld import NOTHING_TO_COMPARE
from omnibench.errors import (
    CoverageError,
    MissingError,
)
from omnibench.files.score_records import NoNumber, ScoredData, Scores
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.protocol import keep_protocol, load_protocol
from omnibench.metrics.signature import signature
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import is_own
from omnibench.scoring.aggregation import metric_entry
from omnibench.scoring.extraction import extract_features
from omnibench.scoring.keeping import keep_scores
from omnibench.scoring.reasons import listed
from omnibench.scoring.scores import SampleFiles, sample_files
from omnibench.scoring.stage import planned_stage
from omnibench.system.provenance import machine_name


def score_predictions(
    predictions: Path | str,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str] | None = None,
    write: bool = True,
    workers: int = 1,
) -> Scores:
    """Score a folder in the predictions layout, whoever made it.

    Every dialogue that the run was asked for is expected to have an answer, the whole split without ``run.json``.

    Args:
        predictions: the folder; any subset of the modalities, with or without ``run.json`` and journal.
        dataset: where the human listeners are.
        split: of the data set.
        protocol: ``paper``, ``strict``, ``offline`` or another (`omnibench.metrics.protocol.load_protocol`).
        metrics: names to restrict to; all of the protocol otherwise.
        write: leave ``scores.json``, ``samples.jsonl`` and ``statistics.npz`` in the folder, where they replace no
            better ones (`omnibench.scoring.keeping`); if so, a line on stderr says why not.
        workers: processes that look at the answers' pictures and listen to their sound; no value depends on it.

    Raises:
        UsageError: an unknown protocol, split or metric.
        MissingError: a metric that was named needs something that is not installed, or the listeners are withheld.
        InputError: the folder holds nothing in the predictions layout, or the data set cannot be read.
        OSError: the scores cannot be written.
    """
    measured = measure_predictions(Predictions(Path(predictions)), dataset, split, protocol, metrics, workers)
    note = measured.keep() if write else ""
    if note:
        print(note, file=sys.stderr)
    return measured.scores


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of a folder that are not written down yet; fields as of `omnibench.scoring.keeping.keep_scores`."""

    folder: Path
    scores: Scores
    samples: SampleFiles
    answered: int
    own: bool
    some: bool

    def keep(self, chosen: bool = True) -> str:
        """Leave the scores in the folder, unless better ones are there: then returns the line that says so, else
        ``""``. Raises OSError where it cannot be written.
        """
        note = keep_scores(self.folder, self.scores, self.samples, self.answered, self.own, self.some, chosen)
        if (self.folder / f"scores.{self.scores.protocol}.json").is_file():
            keep_protocol(load_protocol(self.scores.protocol, self.folder), self.folder)
        return note


def measure_predictions(
    answers: Predictions,
    dataset: DataSet,
    split: str,
    protocol: str,
    metrics: Sequence[str] | None = None,
    workers: int = 1,
    progress: Callable[[], None] | None = None,
    planning: Callable[[str], None] | None = None,
) -> Measured:
    """Score answers and write nothing. Arguments and errors are those of `score_predictions`.

    ``progress`` is called after each dialogue, once in the networks' processes too where ``workers`` > 1. ``planning``
    is called with each metric before it plans, which takes a network's time for some, and with ``""`` once all have.
    """
    if reason := dataset.unscored(split):
        packed = f" Whoever holds its listeners scores the answers: pack them with `omnibench submit {answers.root}`."
        raise MissingError(f"{answers.root}: {reason}.{packed if reason == NOTHING_TO_COMPARE else ''}")
    rules = load_protocol(protocol, answers.root)
    stage = planned_stage(answers, dataset, split, protocol, metrics, planning)
    seen = [name for name, (metric, _) in stage.planned.items() if {"video", "audio"} & set(metric.spec.needs)]
    if workers > 1 and seen:
        extract_features(answers.root, dataset, split, protocol, seen, workers, progress)
    for dialogue_id in stage.ids:
        stage.sample(dialogue_id)
        if progress is not None:
            progress()
    data = f"{dataset.name}-{split}@{dataset.manifest_hash(split)[:8]}"
    for name, (metric, parameters) in stage.planned.items():

        def signed(coverage: str, metric: Metric = metric, parameters: Parameters = parameters) -> str:
            conditions = stage.conditions(metric.spec)
            values, title = parameters.values, metric.spec.title
            return signature(title, rules.name, values, data, conditions, coverage, stage.origin)

        stage.entries[name] = metric_entry(metric, parameters, stage.outcomes[name], rules.absent, signed)
    part: dict[str, Any] = {"asked": len(stage.ids), "part": True} if stage.part else {}
    run = stage.answers.ran
    under: dict[str, Any] = {"condition": run.condition} if run.condition else {}
    if run.paced is not None:
        under |= {"pace": run.paced.pace, "machine": machine_name(run.hardware.document())}
    if run.read_back is not None:
        under |= {"read_back": "media"}
    scores = Scores(
        protocol=rules.name,
        data=ScoredData(
            name=dataset.name,
            version=dataset.version,
            split=split,
            manifest=dataset.manifest_hash(split),
            dialogues=len(dataset.ids(split)),
            **part,
        ),
        model=stage.answers.model(),
        metrics={name: stage.entries[name] for name in rules.metrics if name in stage.entries},
        answers=stage.answers.digest(stage.ids),
        **under,
    )
    found = {name: stage.outcomes[name] for name in stage.planned}
    values = {name: metric.sample_value for name, (metric, _) in stage.planned.items()}
    return Measured(
        stage.answers.root,
        scores,
        sample_files(stage.ids, found, values),
        answered=sum(stage.answers.status(dialogue_id)[0] == "ok" for dialogue_id in stage.ids),
        own=is_own(stage.answers, dataset, split),
        some=set(scores.metrics) != set(rules.metrics),
    )


def require_coverage(scores: Scores, allow_partial: bool) -> None:
    """Raise CoverageError where a metric is incomplete, unless partial coverage was asked for."""
    if scores.incomplete and not allow_partial:
        parts = []
        for name in scores.incomplete:
            entry = scores.metrics[name]
            kind = f" ({entry.status})" if isinstance(entry, NoNumber) else ""
            parts.append(f"{name} {entry.n_scored}/{entry.n_expected}{kind}")
        raise CoverageError(
            f"Incomplete coverage: {listed(parts)}. samples.jsonl lists every dialogue with its reason; "
            f"--allow-partial accepts it (the mark stays on the number)."
        )
