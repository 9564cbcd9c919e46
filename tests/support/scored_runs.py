"""Scored runs whose values are given, dialogue by dialogue: for tests of what reads scores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omnibench.files.score_records import Number, Sample, SampleEntry, ScoredData, Scores
from omnibench.metrics.base import METRICS, Mean, Parameters, Ratio
from omnibench.scoring.scores import SampleFiles, write_scores


def scored_run(
    root: Path,
    model: str,
    kind: str,
    values: Mapping[str, Sequence[float]],
    people: Sequence[str],
    **more: Any,
) -> Path:
    """A folder as ``omnibench score --protocol strict`` leaves it; of a ratio each dialogue has one below."""
    folder = root / model
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"model": {"name": model, "kind": kind}}))
    lines, entries = [], {}
    for place, person in enumerate(people):
        metrics = {
            name: SampleEntry(status="ok", value=own[place], statistics=_statistics(name, own[place]))
            for name, own in values.items()
        }
        lines.append(Sample(id=f"d{place:02d}", person=person, status="ok", metrics=metrics))
    count = len(people)
    for name, own in values.items():
        metric = METRICS.get(name)
        value = metric.aggregate([_statistics(name, one) for one in own], Parameters("strict", {}))
        counts = {"n_scored": count, "n_expected": count, "signature": f"{metric.spec.title}|proto:strict || v:1"}
        entries[name] = Number(value=value, direction=metric.spec.direction, **counts)
    data = ScoredData(name="made", split="test", manifest="0" * 64, dialogues=count)
    scores = Scores(protocol="strict", data=data, model=model, metrics=entries, **more)
    write_scores(folder, scores, SampleFiles(lines, {}))
    return folder


def _statistics(name: str, value: float) -> dict[str, float]:
    aggregation = METRICS.get(name).aggregation
    if isinstance(aggregation, Ratio):
        return {aggregation.above: float(value), aggregation.below: 1.0}
    assert isinstance(aggregation, Mean)
    return {aggregation.of: float(value), "counted": 1.0}
