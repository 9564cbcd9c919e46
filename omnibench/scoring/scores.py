"""``scores.json``, ``samples.jsonl`` and ``statistics.npz``: what the score stage leaves and the report stage reads.

JSON never holds NaN or null for a number: a number that is not there is a ``status`` and a ``reason``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.files.atomic import write_bytes
from omnibench.files.checked import read_bytes, read_npz
from omnibench.files.decoding import TextFault, lines_of
from omnibench.files.score_records import DialogueStatus, Sample, SampleEntry, Scores, Status
from omnibench.metrics.base import Statistics

SAMPLES: Final = "samples.jsonl"
STATISTICS: Final = "statistics.npz"
FAILURES: Final[tuple[DialogueStatus, ...]] = ("infra_failed", "model_failed", "metric_failed")
"""From the worst."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One dialogue under one metric. ``outside`` marks a dialogue the metric does not apply to, by its definition, and
    ``skipped`` one that the official scripts leave out; ``person`` names the human listener, or is ``""``.
    """

    id: str
    status: Status
    reason: str = ""
    statistics: Statistics | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """What ``samples.jsonl`` (numbers) and ``statistics.npz`` (arrays, by ``metric/dialogue/statistic``) hold."""

    lines: Sequence[Sample]
    arrays: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The document of ``samples.jsonl``."""
        return "".join(json.dumps(line.document(), allow_nan=False) + "\n" for line in self.lines)

    def beside(self, folder: Path) -> SampleFiles:
        """Together with those of other metrics on the same dialogues that lie in a folder; as it is where none do."""
        try:
            before = {line.id: line.metrics for line in read_samples(folder)}
            arrays = read_statistics(folder)
        except InputError:
            return self
        lines = [_sample(line.id, line.person, {**before.get(line.id, {}), **line.metrics}) for line in self.lines]
        new = {name for line in self.lines for name in line.metrics}
        kept = {key: array for key, array in arrays.items() if key.partition("/")[0] not in new}
        return SampleFiles(lines, {**kept, **self.arrays})


def sample_files(
    ids: Sequence[str],
    outcomes: Mapping[str, Sequence[Outcome]],
    sample_values: Mapping[str, Callable[[Statistics], float | None]],
) -> SampleFiles:
    """What is kept of every dialogue under every metric.

    Args:
        ids: the dialogues, in the manifest's order.
        outcomes: of each metric, one of every dialogue.
        sample_values: of each metric, what makes a dialogue's own value of its statistics.
    """
    by_metric = {name: {o.id: o for o in found} for name, found in outcomes.items()}
    arrays: dict[str, NDArray[Any]] = {}
    lines = []
    for dialogue_id in ids:
        metrics: dict[str, SampleEntry] = {}
        person = ""
        for name, found in by_metric.items():
            outcome = found[dialogue_id]
            person = outcome.person
            for key, statistic in (outcome.statistics or {}).items():
                if isinstance(statistic, np.ndarray):
                    arrays[f"{name}/{dialogue_id}/{key}"] = statistic
            metrics[name] = _sample_entry(outcome, sample_values[name])
        lines.append(_sample(dialogue_id, person, metrics))
    return SampleFiles(lines, arrays)


def _sample_entry(outcome: Outcome, own_value: Callable[[Statistics], float | None]) -> SampleEntry:
    given: dict[str, Any] = {"reason": outcome.reason} if outcome.reason else {}
    if outcome.statistics is not None:
        own = own_value(outcome.statistics)
        numbers = {key: float(s) for key, s in outcome.statistics.items() if not isinstance(s, np.ndarray)}
        given |= {"value": own} if own is not None else {}
        given |= {"statistics": numbers} if numbers else {}
    return SampleEntry(status=outcome.status, **given)


def _sample(dialogue_id: str, person: str, metrics: dict[str, SampleEntry]) -> Sample:
    """With the dialogue's own status: the worst of its metrics, and why."""
    for status in FAILURES:
        for name, entry in metrics.items():
            if entry.status == status:
                reason = f"{name}: {entry.reason}"
                return Sample(id=dialogue_id, person=person, status=status, reason=reason, metrics=metrics)
    return Sample(id=dialogue_id, person=person, status="ok", reason="", metrics=metrics)


def write_scores(folder: Path, scores: Scores, samples: SampleFiles) -> None:
    """Write ``samples.jsonl``, ``statistics.npz``, ``scores.<protocol>.json`` and, last, ``scores.json``."""
    packed = BytesIO()
    np.savez_compressed(packed, **samples.arrays)
    write_bytes(folder / SAMPLES, samples.text.encode())
    write_bytes(folder / STATISTICS, packed.getvalue())
    write_protocol(folder, scores)
    write_bytes(folder / "scores.json", scores.to_json().encode())


def write_protocol(folder: Path, scores: Scores) -> None:
    """Write ``scores.<protocol>.json`` alone."""
    write_bytes(folder / f"scores.{scores.protocol}.json", scores.to_json().encode())


def read_scores(path: Path) -> Scores:
    """Read a ``scores.json``. Raises InputError for a file that is none."""
    return Scores.read(path, f"Run `omnibench score {path.parent}` again.")


def read_samples(folder: Path) -> list[Sample]:
    """The lines of ``samples.jsonl``. Raises InputError where the folder has none or one cannot be read."""
    path, again = folder / SAMPLES, f"Run `omnibench score {folder}` first."
    try:
        *lines, last = lines_of(read_bytes(path, again))
    except TextFault as error:
        raise InputError(f"{path}: {error}. {error.cure}") from error
    lines += [last] if last else []
    return [Sample.parse_line(line, f"{path}:{number}", again) for number, line in enumerate(lines, 1)]


def read_statistics(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of ``statistics.npz``, by ``metric/dialogue/statistic``. Raises InputError where there are none."""
    try:
        return read_npz(folder / STATISTICS, "the arrays that scoring leaves")
    except InputError as error:
        raise InputError(f"{error} Run `omnibench score {folder}` again.") from error
