"""``scores.json``, ``samples.jsonl`` and ``statistics.npz``: what the score stage leaves and the report stage reads.

JSON never holds NaN or null for a number: a number that is not there is a ``status`` and a ``reason``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from omnibench.errors import InputError
from omnibench.files.atomic import write_bytes
from omnibench.metrics.base import Statistics

SCHEMA_VERSION: Final = 1
Status = Literal["ok", "model_failed", "metric_failed", "infra_failed", "outside", "skipped"]


def part_note(asked: int, dialogues: int) -> str:
    """What stands beside scores of less than a split, wherever they are shown.

    >>> part_note(1, 24)
    'a part of the split (1 of 24), not comparable'
    """
    return f"a part of the split ({asked} of {dialogues}), not comparable"


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
class Scores:
    """All metrics of one run under one protocol.

    ``data`` names the data set; where less than the split was asked for it has ``"part": true`` and how many dialogues
    were ``"asked"``. ``model`` is its card's name, or ``""``. ``answers`` is a sha256 over what was scored.
    """

    protocol: str
    data: Mapping[str, Any]
    model: str
    metrics: Mapping[str, Mapping[str, Any]]
    answers: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def part(self) -> str:
        """What to say of scores of a part of the split, ``""`` of a whole one."""
        return part_note(self.data["asked"], self.data["dialogues"]) if self.data.get("part") else ""

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Names of the metrics without full coverage, or that came to nothing."""
        return tuple(
            name
            for name, entry in self.metrics.items()
            if entry.get("status") == "not_scored" or entry.get("n_scored") != entry.get("n_expected")
        )

    def to_json(self) -> str:
        """The document of ``scores.json``. Raises ValueError should a NaN have slipped in."""
        return json.dumps(asdict(self), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """What ``samples.jsonl`` (numbers) and ``statistics.npz`` (arrays, by ``metric/dialogue/statistic``) hold."""

    lines: Sequence[Mapping[str, Any]]
    arrays: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The document of ``samples.jsonl``. Raises ValueError should a NaN have slipped in."""
        return "".join(json.dumps(line, allow_nan=False) + "\n" for line in self.lines)

    def beside(self, folder: Path) -> SampleFiles:
        """Together with those of other metrics on the same dialogues that lie in a folder; as it is where none do."""
        try:
            before = {str(line["id"]): line["metrics"] for line in read_samples(folder)}
            with np.load(folder / "statistics.npz", allow_pickle=False) as stored:
                arrays = dict(stored)
        except (InputError, OSError, ValueError, KeyError, TypeError):
            return self
        lines = []
        for line in self.lines:
            metrics = {**before.get(line["id"], {}), **line["metrics"]}
            status, reason = _dialogue_status(metrics)
            lines.append({**line, "status": status, "reason": reason, "metrics": metrics})
        new = {name for line in self.lines for name in line["metrics"]}
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
    arrays: dict[str, Any] = {}
    lines = []
    for dialogue_id in ids:
        metrics: dict[str, Any] = {}
        person = ""
        for name, found in by_metric.items():
            outcome = found[dialogue_id]
            person = outcome.person
            row: dict[str, Any] = {"status": outcome.status}
            if outcome.reason:
                row["reason"] = outcome.reason
            if outcome.statistics is not None:
                own = sample_values[name](outcome.statistics)
                row |= {"value": own} if own is not None else {}
                for key, statistic in outcome.statistics.items():
                    if isinstance(statistic, np.ndarray):
                        arrays[f"{name}/{dialogue_id}/{key}"] = statistic
                    else:
                        row.setdefault("statistics", {})[key] = float(statistic)
            metrics[name] = row
        status, reason = _dialogue_status(metrics)
        lines.append({"id": dialogue_id, "person": person, "status": status, "reason": reason, "metrics": metrics})
    return SampleFiles(lines, arrays)


def write_scores(folder: Path, scores: Scores, samples: SampleFiles) -> None:
    """Write ``samples.jsonl``, ``statistics.npz``, ``scores.<protocol>.json`` and, last, ``scores.json``."""
    packed = BytesIO()
    np.savez_compressed(packed, **samples.arrays)
    write_bytes(folder / "samples.jsonl", samples.text.encode())
    write_bytes(folder / "statistics.npz", packed.getvalue())
    write_protocol(folder, scores)
    write_bytes(folder / "scores.json", scores.to_json().encode())


def write_protocol(folder: Path, scores: Scores) -> None:
    """Write ``scores.<protocol>.json`` alone."""
    write_bytes(folder / f"scores.{scores.protocol}.json", scores.to_json().encode())


def read_scores(path: Path) -> Scores:
    """Read a ``scores.json``. Raises InputError for a file that is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        version = document.pop("schema_version")
        if version != SCHEMA_VERSION:
            raise InputError(
                f"{path}: schema_version is {version}, expected {SCHEMA_VERSION}. Run `omnibench score` again."
            )
        return Scores(**document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a scores.json ({error}). Run `omnibench score` again.") from error


def read_samples(folder: Path) -> list[dict[str, Any]]:
    """The lines of ``samples.jsonl``. Raises InputError where the folder has none or one cannot be read."""
    path = folder / "samples.jsonl"
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no per-dialogue scores ({error}). Run `omnibench score {folder}` first.") from error


def _dialogue_status(metrics: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    for status in ("infra_failed", "model_failed", "metric_failed"):
        for name, row in metrics.items():
            if row["status"] == status:
                return status, f"{name}: {row.get('reason', '')}"
    return "ok", ""
