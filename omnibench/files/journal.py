"""The journal of a run: one fsynced line per finished dialogue; only the status ``ok`` counts as done.

A process killed in the middle of a line leaves a torn last line: it is cut off when the journal is opened to go on,
and ignored when it is read. Anything else that is not a record is an error, since a journal that is guessed at is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from omnibench.errors import InputError
from omnibench.files.atomic import sync_open
from omnibench.files.decoding import TextFault, lines_of
from omnibench.files.records import JournalLine

AGAIN: Final = "Start over with --fresh, or score the folder without its journal."


class Journal:
    """The file ``journal.jsonl`` of a run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> dict[str, JournalLine]:
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
                sync_open(handle.fileno(), self.path)

    def append(self, entry: JournalLine) -> None:
        """Add one line, on disk when this returns. Raises OSError as the file system does; then no half line is
        left.
        """
        line = (json.dumps(entry.document(), allow_nan=False) + "\n").encode()
        with self.path.open("ab") as handle:
            before = handle.tell()
            try:
                handle.write(line)
                handle.flush()
                sync_open(handle.fileno(), self.path)
            except OSError:
                os.ftruncate(handle.fileno(), before)
                raise

    def _attempts(self) -> Iterator[JournalLine]:
        try:
            whole_lines = lines_of(self.path.read_bytes())[:-1]
        except FileNotFoundError:
            return
        except TextFault as error:
            raise InputError(f"{self.path}: {error}. {error.cure}") from error
        except OSError as error:
            raise InputError(f"{self.path}: not readable ({error.strerror}). {AGAIN}") from error
        for number, line in enumerate(whole_lines, 1):
            yield JournalLine.parse_line(line, f"{self.path}:{number}", AGAIN)
