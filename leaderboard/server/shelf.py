"""The drawn pages, on the disk: one process draws them, another hands them out, and neither waits for the other.

An SQLite file in WAL mode: what is written in one transaction appears at once, and who reads goes on reading what was
there before. It holds nothing but what can be made again from the entries; a damaged file is thrown away.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leaderboard.server.home import private_file
from omnibench.errors import InputError

_LAYOUT: Final = 1
_WAIT_SECONDS: Final = 5.0
_KEPT_BYTES: Final = 128 << 20
_TABLES: Final = """
    CREATE TABLE pages (name TEXT PRIMARY KEY, key TEXT, kind TEXT, tag TEXT, content BLOB, packed BLOB);
    CREATE TABLE records (folder TEXT PRIMARY KEY, print TEXT, record BLOB, dialogues BLOB);
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT);
"""
_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it is sent: its bytes, the same packed by gzip, what tells it from another, its media type."""

    content: bytes
    packed: bytes
    tag: str
    kind: str


class Shelf:
    """One connection to the file; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Open it; a new one, or one that is damaged or of another layout, is laid out anew.

        Raises:
            InputError: the file cannot be written.
        """
        self._lock = threading.Lock()
        self._version, self._kept, self._kept_bytes = -1, dict[str, Page](), 0
        try:
            self._file = _opened(path)
        except (sqlite3.Error, OSError) as error:
            raise InputError(f"{path}: cannot be written ({error}); the drawn pages are kept there.") from error

    def page(self, name: str) -> Page | None:
        """A page, an asset or a document by its path below the site's root; None where there is none."""
        with self._lock:
            (version,) = self._file.execute("PRAGMA data_version").fetchone()
            if version != self._version or self._kept_bytes > _KEPT_BYTES:
                self._version, self._kept_bytes = version, 0
                self._kept.clear()
            if name not in self._kept:
                sought = "SELECT content, packed, tag, kind FROM pages WHERE name = ?"
                found = self._file.execute(sought, (name,)).fetchone()
                if found is None:
                    return None
                self._kept[name] = Page(*found)
                self._kept_bytes += len(found[0]) + len(found[1])
            return self._kept[name]

    def fact(self, name: str) -> str:
        """Something that was noted about the pages; ``""`` where it was not."""
        with self._lock:
            found = self._file.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return str(found[0]) if found else ""

    def drawn_from(self) -> dict[str, str]:
        """By page what it was drawn from, as `put` was told."""
        with self._lock:
            return dict(self._file.execute("SELECT name, key FROM pages"))

    def records(self) -> dict[str, tuple[str, bytes]]:
        """By an entry's folder its print and its record."""
        with self._lock:
            rows = self._file.execute("SELECT folder, print, record FROM records")
            return {folder: (mark, record) for folder, mark, record in rows}

    def note(self, facts: Mapping[str, Any]) -> None:
        """Facts about the pages."""
        with self.writing() as writing:
            writing.note(facts)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """All that is written in the block appears at its end, or nothing after an error."""
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield Writing(self._file)
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")
            # One's own writing does not change the version that one sees.
            self._version = -1

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


class Writing:
    """A transaction; see `Shelf.writing`."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def put(self, name: str, text: str, key: str = "") -> None:
        """A page; its media type comes from the end of its name, and is JSON without one."""
        content = text.encode()
        # Packed without a time, so that the same page is the same bytes.
        packed = gzip.compress(content, 6, mtime=0)
        kind = _KINDS.get(name.rpartition(".")[2] if "." in name else "json", _KINDS["json"])
        row = (name, key, kind, hashlib.sha256(content).hexdigest()[:32], content, packed)
        self._file.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)

    def dialogues(self, folder: str) -> bytes:
        """What `keep` was given of an entry's single dialogues."""
        sought = "SELECT dialogues FROM records WHERE folder = ?"
        return bytes(self._file.execute(sought, (folder,)).fetchone()[0])

    def keep(self, folder: str, mark: str, record: bytes, dialogues: bytes) -> None:
        """An entry as it was read."""
        row = (folder, mark, record, dialogues)
        self._file.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", row)

    def drop(self, names: Iterable[str], folders: Iterable[str]) -> None:
        """Pages and entries that are no more."""
        self._file.executemany("DELETE FROM pages WHERE name = ?", [(name,) for name in names])
        self._file.executemany("DELETE FROM records WHERE folder = ?", [(folder,) for folder in folders])

    def note(self, facts: Mapping[str, Any]) -> None:
        """Facts about the pages."""
        rows = [(name, str(value)) for name, value in facts.items()]
        self._file.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)


def _opened(path: Path) -> sqlite3.Connection:
    private_file(path)
    for _ in range(2):
        try:
            return _laid_out(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # No database at all any more.
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            private_file(path)
    return _laid_out(path)


def _laid_out(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        (layout,) = file.execute("PRAGMA user_version").fetchone()
        if layout != _LAYOUT:
            for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                file.execute(f'DROP TABLE "{name}"')
            file.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")
    except BaseException:
        file.close()
        raise
    return file
