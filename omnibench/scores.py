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
from omnibench.media.atomic import write_bytes
from omnibench.metrics.base import Statistics

SCHEMA_VERSION: Final = 1
Status = Literal["ok", "model_failed", "metric_failed", "infra_failed", "outside"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One dialogue under one metric. ``outside`` marks a dialogue the metric does not apply to, by its definition;
    ``person`` names the human listener, or is ``""``.
    """

    id: str
    status: Status
    reason: str = ""
    statistics: Statistics | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """All metrics of one run under one protocol. ``data`` names the data set; ``model`` is its card's name, or
    ``""``.
    """

    protocol: str
    data: Mapping[str, Any]
    model: str
    metrics: Mapping[str, Mapping[str, Any]]
    schema_version: int = SCHEMA_VERSION

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


def write_scores(
    folder: Path,
    scores: Scores,
    ids: Sequence[str],
    outcomes: Mapping[str, Sequence[Outcome]],
    sample_values: Mapping[str, Callable[[Statistics], float | None]],
) -> None:
    """Write ``samples.jsonl`` (numbers), ``statistics.npz`` (arrays), ``scores.<protocol>.json`` and, last,
    ``scores.json``.
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
        line = {"id": dialogue_id, "person": person, "status": status, "reason": reason, "metrics": metrics}
        lines.append(json.dumps(line, allow_nan=False))
    packed = BytesIO()
    np.savez_compressed(packed, **arrays)
    write_bytes(folder / "samples.jsonl", ("\n".join(lines) + "\n").encode())
    write_bytes(folder / "statistics.npz", packed.getvalue())
    document = scores.to_json().encode()
    write_bytes(folder / f"scores.{scores.protocol}.json", document)
    write_bytes(folder / "scores.json", document)


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
