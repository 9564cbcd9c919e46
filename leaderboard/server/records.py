"""Entries as the drawn pages need them, and what tells that one was changed."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from leaderboard.entry.entries import CONTROLS, ENTRY, checked_entry, to_json
from leaderboard.entry.schema import Entry
from leaderboard.server.answers import EntrySummary
from leaderboard.site.pages import dialogues_of
from leaderboard.site.rows import Row, slug_of
from leaderboard.site.sources import submission_row


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as pages need it; its samples are kept apart."""

    id: str
    badge: str
    sha256: str
    row: Row
    summary: EntrySummary | None


RECORDS: Final = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry as it was read: its record, what its page says of dialogues, and its ``entry.json`` as an answer."""

    record: Record
    dialogues: bytes
    document: str


def read_record(folder: Path) -> Reading:
    """An entry, read once. Raises SubmissionError where it is out of order."""
    stored = checked_entry(folder)
    content = (folder / ENTRY).read_bytes()
    entry, row = stored.entry, submission_row(stored.entry, stored.samples())
    dialogues = json.dumps(dialogues_of(row)).encode()
    bare = replace(row, measured=tuple(replace(measured, samples=()) for measured in row.measured))
    sha256 = hashlib.sha256(content).hexdigest()
    if folder.parent.name == CONTROLS:
        return Reading(Record(entry.id, entry.badge, sha256, bare, None), dialogues, "")
    document = json.dumps(json.loads(to_json(entry)))
    return Reading(Record(entry.id, entry.badge, sha256, bare, _summary(entry)), dialogues, document)


def _summary(entry: Entry) -> EntrySummary:
    return EntrySummary(
        id=entry.id,
        name=entry.model.name,
        team=entry.submission.team,
        date=entry.submission.date,
        badge=entry.badge,
        protocols=list(entry.scores),
        flags=sum(flag.cleared is None for flag in entry.flags),
        withdrawn=entry.withdrawn is not None,
        page=f"/entries/{slug_of(entry.id)}.html",
    )


def print_of(folder: Path) -> str:
    """Another text once a file in an entry's folder is another one, or is written to; nothing is read."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return digest([(name, stamp(folder / name)) for name in names])


def stamp(path: Path) -> str:
    """Another text once a file is another one, or is written to."""
    try:
        found = path.stat()
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def digest(value: Any) -> str:
    """A hash of anything that JSON can say."""
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
