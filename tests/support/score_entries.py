"""Entries of a ``scores.json`` from the fields that a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from omnibench.files.score_records import MetricEntry, NoNumber, Number, ScoredData, Scores

_ENTRY: TypeAdapter[Number | NoNumber] = TypeAdapter(MetricEntry)


def entry_of(**fields: Any) -> MetricEntry:
    """With a ``value`` a number, else none."""
    more = {"direction": "higher", "signature": "", "n_scored": 1, "n_expected": 1} if "value" in fields else {}
    return _ENTRY.validate_python({**more, **fields})


def scores_of(metrics: Mapping[str, Mapping[str, Any]], protocol: str = "offline", model: str = "m") -> Scores:
    """Of the embedded data's 24 dialogues."""
    data = ScoredData(name="mini", version="mini-v1", split="test", manifest="", dialogues=24)
    entries = {name: entry_of(**fields) for name, fields in metrics.items()}
    return Scores(protocol=protocol, data=data, model=model, metrics=entries)
