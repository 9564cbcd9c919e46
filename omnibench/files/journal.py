"""The journal of a run: one fsynced line per finished dialogue; only the status ``ok`` counts as done.

A process killed in the middle of a line leaves a torn last line: it is cut off when the journal is opened to go on,
and ignored when it is read. Anything else that is not a record is an error, since a journal that is guessed at is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from omnibench.errors import InputError

Status = Literal["ok", "model_failed", "infra_failed"]
STATUSES: tuple[Status, ...] = ("ok", "model_failed", "infra_failed")


@dataclass(frozen=True, slots=True)
class Lateness:
    """Frames after the first in which a part had to be held or padded, and frames still queued at the end."""

    face: int = 0
    audio: int = 0
    image: int = 0
    face_unplayed: int = 0
    audio_unplayed: int = 0
    image_unplayed: int = 0
    words: int = 0
    """The most frames that passed between a word's end and the step that reported it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one dialogue ended. ``files`` maps each file, relative to the run's folder, to its sha256; ``account`` holds
    what the attempt cost, where the model says.
    """

    id: str
    status: Status
    stage: str = "generate"
    reason: str = ""
    frames: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    late: Lateness = field(default_factory=Lateness)
    seconds: float = 0.0
    traceback: str = ""
    account: Mapping[str, float] = field(default_factory=dict)


class Journal:
    """The file ``journal.jsonl`` of a run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> dict[str, Entry]:
        """The last entry of each dialogue, by id, in the order of the first.

        Raises:
            InputError: a line other than a torn last one is not a record.
        """
        return {entry.id: entry for entry in self._attempts()}

    def account(self) -> dict[str, float]:
        """What all attempts cost together, failed and repeated ones included."""
        total: dict[str, float] = {}
        for entry in self._attempts():
            for name, amount in entry.account.items():
                total[name] = total.get(name, 0.0) + amount
        return {name: round(amount, 6) for name, amount in total.items()}

    def repair(self) -> None:
        """Cut a torn last line off, so that the next entry starts on a line of its own."""
        if not self.path.is_file():
            return
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            with self.path.open("r+b") as handle:
                handle.truncate(whole)
                os.fsync(handle.fileno())

    def append(self, entry: Entry) -> None:
        """Add one line, on disk when this returns. Raises OSError as the file system does; then no half line is
        left.
        """
        line = (json.dumps(_record(entry), allow_nan=False) + "\n").encode()
        with self.path.open("ab") as handle:
            before = handle.tell()
            try:
                handle.write(line)
                handle.flush()
                os.fsync(handle.fileno())
            except OSError:
                os.ftruncate(handle.fileno(), before)
                raise

    def _attempts(self) -> Iterator[Entry]:
        if self.path.is_file():
            whole_lines = self.path.read_bytes().split(b"\n")[:-1]
            yield from (self._parse(line, number) for number, line in enumerate(whole_lines, 1))

    def _parse(self, line: bytes, number: int) -> Entry:
        try:
            record = json.loads(line)
            record["late"] = Lateness(**record.get("late", {}))
            entry = Entry(**record)
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(
                f"{self.path}:{number}: not a journal record ({error}); expected one JSON object a line. "
                f"Start over with --fresh, or score the folder without its journal."
            ) from error
        if entry.status not in STATUSES:
            raise InputError(f'{self.path}:{number}: status "{entry.status}", expected one of {", ".join(STATUSES)}.')
        return entry


def _record(entry: Entry) -> dict[str, object]:
    record = asdict(entry)
    for name in ("traceback", "account"):
        if not record[name]:
            del record[name]
    return record
