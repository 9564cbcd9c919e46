"""What a dialogue asks of its listener, ``<split>/events/<id>.json``, and what it inserts once they were heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from omnibench.datasets.layout import inserted_files
from omnibench.datasets.manifest import ManifestEntry
from omnibench.files.event_records import EventRecord
from omnibench.files.hashing import file_sha256

EVENTS: Final = "events"


def event_path(split: Path, dialogue: str) -> Path:
    """Where a dialogue's record lies."""
    return split / EVENTS / f"{dialogue}.json"


def read_event(split: Path, dialogue: str) -> EventRecord | None:
    """A dialogue's record; None where no such file is. Raises InputError for a damaged one."""
    path = event_path(split, dialogue)
    return EventRecord.read(path, "Build the data set again.") if path.is_file() else None


def what_is_asked(split: Path, entry: ManifestEntry) -> Iterator[str]:
    """Lines that are equal for equal questions: the record, the insertion's condition and its files."""
    path = event_path(split, entry.id)
    if path.is_file():
        yield f"event\t{file_sha256(path)}"
    if entry.insertion is None:
        return
    yield f"insertion\t{sorted(entry.insertion.items())}"
    for modality, found in inserted_files(split, entry.id).items():
        if isinstance(found, Path):
            yield f"{modality}\t{file_sha256(found)}"
