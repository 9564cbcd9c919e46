"""Puts entries together from their parts: what was sent, what was measured, where the archive lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from leaderboard.archive.sending import scores_as_sent
from leaderboard.archive.validation import Checked
from leaderboard.entry.entries import read_samples
from leaderboard.entry.limits import DEFAULT_LIMITS
from leaderboard.entry.schema import Archive, Entry, Metadata, ProtocolName, ProtocolScores
from leaderboard.entry.strict_json import read_json_file
from omnibench.errors import InputError
from omnibench.metrics.protocol import PROTOCOLS


def scores_of(
    document: Mapping[str, Any], scored_by: Literal["submitter", "project"], samples: bytes | None
) -> ProtocolScores:
    """A ``scores.json`` as an entry holds it. Raises pydantic's ValidationError where it is none."""
    protocol = document["protocol"]
    return ProtocolScores.model_validate(
        {
            "protocol": protocol,
            "data": document["data"],
            "scored_by": scored_by,
            "metrics": scores_as_sent(document)["metrics"],
            "samples": None if samples is None else f"samples.{protocol}.jsonl",
            "samples_sha256": None if samples is None else hashlib.sha256(samples).hexdigest(),
        }
    )


def sent_scores(checked: Checked) -> tuple[dict[ProtocolName, ProtocolScores], dict[ProtocolName, bytes]]:
    """The scores that an archive brings along, and their per-dialogue lines where they fit the split."""
    scores: dict[ProtocolName, ProtocolScores] = {}
    samples: dict[ProtocolName, bytes] = {}
    protocols: tuple[Any, ...] = PROTOCOLS
    for protocol in protocols:
        path = checked.predictions / f"scores.{protocol}.json"
        if not path.is_file():
            continue
        lines = _lines(checked.predictions / f"samples.{protocol}.jsonl", set(checked.expectation.dialogues))
        if lines is not None:
            samples[protocol] = lines
        document = read_json_file(path, DEFAULT_LIMITS.document_bytes)
        scores[protocol] = scores_of(document, "submitter", lines)
        if scores[protocol].data.manifest != checked.expectation.manifest:
            raise InputError(f"{path.name}: scores of other data than {checked.expectation.data}. Score again.")
    return scores, samples


def _lines(path: Path, dialogues: set[str]) -> bytes | None:
    if not path.is_file():
        return None
    found = [sample.id for sample in read_samples(path)]
    if set(found) != dialogues or len(found) != len(dialogues):
        raise InputError(f"{path.name}: {len(found)} dialogues, expected one line for each of {len(dialogues)}.")
    return path.read_bytes()


def archive_of(checked: Checked, url: str | None) -> Archive:
    """Where the predictions lie."""
    return Archive(url=url, sha256=checked.sha256, bytes=checked.bytes)


def self_reported(
    checked: Checked, metadata: Metadata, scores: Mapping[ProtocolName, ProtocolScores], url: str | None
) -> Entry:
    """The entry that a team sends in a pull request. Raises InputError where there are no scores to report."""
    if not scores:
        raise InputError("No scores in the predictions: run `omnibench score` on them first.")
    return Entry(
        schema_version=1,
        id=metadata.entry_id,
        badge="self-reported",
        submission=metadata.submission,
        model=metadata.model,
        run=checked.run.run() if checked.run else None,
        attestation=metadata.attestation,
        archive=archive_of(checked, url),
        scores=dict(scores),
    )
