"""The published entries and their pages in memory: read again when the folders change, rendered when asked for.

An entry whose folder is out of order (somebody is at work there) changes nothing: what was read before stays.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from leaderboard.entry.entries import AWARDS, entry_folders, foreign_to, read_entries
from leaderboard.entry.schema import Entry
from leaderboard.judging.checking import CONTROLS, SUBMISSIONS
from leaderboard.site.boards import boards_of
from leaderboard.site.pages import assets, entry_page, index_page
from leaderboard.site.rows import Row
from leaderboard.site.sources import entry_rows, reported_rows
from omnibench.errors import InputError

_LOG: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 1.0
_FIRST_TRIES: Final = 5
Print = tuple[tuple[str, int], ...]


class Snapshot:
    """All entries at one moment. Pages are rendered once each."""

    def __init__(self, rows: Sequence[Row], entries: dict[str, Entry]) -> None:
        self.entries = entries
        self._boards = boards_of(rows)
        own = [row for row in rows if row.badge != "reported"]
        self._makers = {f"entries/{row.slug}.html": partial(entry_page, row, self._boards) for row in own}
        self._makers["index.html"] = partial(index_page, rows, self._boards)
        self._pages = {name: text.encode() for name, text in assets(rows).items()}
        self._lock = threading.Lock()

    def page(self, name: str) -> bytes | None:
        """A page or asset by its path below the site's root; None where there is none."""
        with self._lock:
            if name not in self._pages and name in self._makers:
                self._pages[name] = self._makers[name]().encode()
            return self._pages.get(name)


class Board:
    """The newest snapshot of some leaderboard folders.

    Args:
        roots: each holds ``submissions/``, ``controls/`` and ``awards.json``; no entry may be in two of them.
        reported: whether the paper's own rows are shown.
    """

    def __init__(self, roots: Sequence[Path], reported: bool) -> None:
        self._roots, self._reported = tuple(roots), reported
        self._lock = threading.Lock()
        self._looked, self._seen = 0.0, self._print()
        self._snapshot = self._first()
        self.problem = ""

    def snapshot(self) -> Snapshot:
        """What is published now; looks at the folders at most once a second."""
        with self._lock:
            if time.monotonic() - self._looked >= _LOOK_SECONDS:
                self._look()
            return self._snapshot

    def _look(self) -> None:
        self._looked, now = time.monotonic(), self._print()
        if now == self._seen and not self.problem:
            return
        try:
            self._snapshot = self._read()
        except InputError as error:
            if str(error) != self.problem:
                _LOG.error("the entries are out of order, showing those from before: %s", error)
            self.problem = str(error)
            return
        self._seen, self.problem = now, ""

    def _first(self) -> Snapshot:
        """A worker may be publishing just now: between an award and its entry is a moment."""
        for _ in range(_FIRST_TRIES - 1):
            try:
                return self._read()
            except InputError:
                time.sleep(0.2)
        return self._read()

    def _read(self) -> Snapshot:
        rows: list[Row] = []
        entries: dict[str, Entry] = {}
        for root in self._roots:
            for path in (*foreign_to(root / SUBMISSIONS), *foreign_to(root / CONTROLS)):
                _LOG.warning("passed over, no part of an entry: %s", path)
            rows += entry_rows(root)
            for stored in read_entries(root / SUBMISSIONS):
                if stored.entry.id in entries:
                    raise InputError(f"{stored.folder}: another folder has an entry of that id as well. Remove one.")
                entries[stored.entry.id] = stored.entry
        rows += reported_rows() if self._reported else []
        return Snapshot(rows, dict(sorted(entries.items())))

    def _print(self) -> Print:
        """When anything was last changed: every write here is a rename, which its folder's time tells."""
        return tuple((str(path), _changed(path)) for path in self._watched())

    def _watched(self) -> Iterator[Path]:
        for root in self._roots:
            yield root / AWARDS
            for kind in (SUBMISSIONS, CONTROLS):
                yield root / kind
                yield from entry_folders(root / kind)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
