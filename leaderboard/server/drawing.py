"""Draws the pages, in a process of its own: reads the entries that changed, draws what depends on them.

The server never waits for it: it hands out what lies on the shelf. What is new appears in one step: the entry's page,
the index and the lists. Pages of other entries on which a rank or a scale has moved follow in the background.

An entry that is out of order (somebody is at work there) changes nothing: what was drawn before stays.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from leaderboard.entry.entries import (
    AWARDS,
    CONTROLS,
    SUBMISSIONS,
    entry_folders,
    foreign_to,
    is_entry,
    read_awards,
)
from leaderboard.server.answers import EntryList
from leaderboard.server.logs import start_logging
from leaderboard.server.records import RECORDS, Record, digest, print_of, read_record, stamp
from leaderboard.server.shelf import Shelf, Writing
from leaderboard.site.boards import Board, boards_of
from leaderboard.site.pages import assets, cells_of, entry_page, index_page
from leaderboard.site.rows import Row
from leaderboard.site.sources import check_award, reported_rows
from omnibench.errors import InputError
from omnibench.metrics.base import METRICS
from omnibench.report.metric_help import metric_help
from omnibench.system.process import ending_signals
from omnibench.version import __version__

ENTRIES: Final = "api/v1/entries"
COUNT, PROBLEM = "entries", "problem"
_PRINT, _CODE, _BEHIND = "print", "code", "behind"
_LOG: Final = logging.getLogger(__name__)
_FIRST_TRIES: Final = 5
_LEAST_SECONDS, _LOOKS_SHARE, _AGAIN_SECONDS = 0.25, 20, 10.0
_BATCH, _MANY = 8, 50
_STANDARD_INPUT: Final = 0


class Drawing:
    """Keeps a shelf in step with some leaderboard folders.

    Args:
        shelf: of the drawn pages.
        roots: each holds ``submissions/``, ``controls/`` and ``awards.json``; no entry may be in two of them.
        reported: whether the paper's own rows are shown.
    """

    def __init__(self, shelf: Shelf, roots: Sequence[Path], reported: bool) -> None:
        self._shelf, self._roots, self._reported = shelf, tuple(roots), reported
        self._records: dict[str, tuple[str, Record]] | None = None
        self._scene: _Scene | None = None
        self._told: set[Path] = set()

    def prints(self) -> dict[str, str]:
        """By entry's folder, and ``awards.json``, what tells that something in it was changed."""
        found = {}
        for root in self._roots:
            found[str(root / AWARDS)] = stamp(root / AWARDS)
            for kind in (SUBMISSIONS, CONTROLS):
                found |= {str(folder): print_of(folder) for folder in entry_folders(root / kind) if is_entry(folder)}
        return found

    def start(self) -> None:
        """Draw what is not there yet, before anybody asks.

        Raises:
            InputError: an entry is out of order.
        """
        code = _code_print(self._reported)
        if self._shelf.fact(_CODE) != code:
            drawn, read = self._shelf.drawn_from(), self._shelf.records()
            with self._shelf.writing() as writing:
                writing.drop(drawn, read)
                writing.note({_PRINT: "", _CODE: code})
        for left in reversed(range(_FIRST_TRIES)):
            try:
                self.draw(self.prints())
                return
            except InputError:
                # A worker may be publishing just now: between an award and its entry is a moment.
                if not left:
                    raise
                time.sleep(0.2)

    def draw(self, prints: Mapping[str, str]) -> None:
        """Everything that is new or changed; see `follow` for the rest. Raises InputError as `start`."""
        if self._shelf.fact(_PRINT) == digest(prints) and not self._shelf.fact(PROBLEM):
            return
        self._tell_foreign()
        before = self._remembered()
        folders = [folder for folder in prints if Path(folder).name != AWARDS]
        fresh = [folder for folder in folders if folder not in before or before[folder][0] != prints[folder]]
        if len(fresh) > _MANY:
            _LOG.info("reading and drawing %d entries, which takes a while the first time", len(fresh))
        read = {folder: read_record(Path(folder)) for folder in fresh}
        records = before | {folder: (prints[folder], found.record) for folder, found in read.items()}
        records = {folder: records[folder] for folder in folders}
        scene, drawn = self._compose(records), self._shelf.drawn_from()
        with self._shelf.writing() as writing:
            for folder, found in read.items():
                writing.keep(folder, prints[folder], RECORDS.dump_json(found.record), found.dialogues)
                if found.document:
                    writing.put(f"{ENTRIES}/{found.record.id}", found.document)
            for name, text in scene.files.items():
                writing.put(name, text)
            for folder, row in scene.rows.items():
                if folder in read or page_name(row) not in drawn:
                    scene.put(writing, folder)
            writing.drop(drawn.keys() - scene.names, before.keys() - records.keys())
            writing.note({_PRINT: digest(prints), _BEHIND: "yes", COUNT: scene.count, PROBLEM: ""})
        self._records, self._scene = records, scene

    def follow(self) -> bool:
        """Draw some of the pages whose ranks or scales have moved; whether there may be others."""
        if not self._shelf.fact(_BEHIND):
            return False
        scene = self._scene = self._scene or self._compose(self._remembered())
        drawn = self._shelf.drawn_from()
        old = [folder for folder, row in scene.rows.items() if drawn.get(page_name(row)) != scene.keys[folder]]
        with self._shelf.writing() as writing:
            for folder in old[:_BATCH]:
                scene.put(writing, folder)
            if len(old) <= _BATCH:
                writing.note({_BEHIND: ""})
        return len(old) > _BATCH

    def _remembered(self) -> dict[str, tuple[str, Record]]:
        if self._records is None:
            kept = self._shelf.records().items()
            self._records = {folder: (mark, RECORDS.validate_json(record)) for folder, (mark, record) in kept}
        return self._records

    def _compose(self, marked: Mapping[str, tuple[str, Record]]) -> _Scene:
        records = {folder: record for folder, (_, record) in marked.items()}
        for root in self._roots:
            awards = read_awards(root).awards
            for folder, record in records.items():
                if Path(folder).parent == root / SUBMISSIONS:
                    check_award(Path(folder), record.badge, record.sha256, awards.get(record.id))
        _refuse_twins({folder: record for folder, record in records.items() if record.summary is not None})
        rows = {folder: record.row for folder, record in records.items()}
        every = [*rows.values(), *(reported_rows() if self._reported else ())]
        boards = boards_of(every)
        found = {record.id: record.summary for record in records.values() if record.summary is not None}
        listed = EntryList(entries=[found[name] for name in sorted(found)])
        made = {**assets(every), "index.html": index_page(every, boards), ENTRIES: listed.model_dump_json()}
        names = {*made, *(f"{ENTRIES}/{name}" for name in found), *map(page_name, rows.values())}
        keys = {folder: _key(marked[folder][0], row, boards) for folder, row in rows.items()}
        return _Scene(rows, boards, made, keys, frozenset(names), len(found))

    def _tell_foreign(self) -> None:
        found = {path for root in self._roots for kind in (SUBMISSIONS, CONTROLS) for path in foreign_to(root / kind)}
        for path in sorted(found - self._told):
            _LOG.warning("passed over, no part of an entry: %s", path)
        self._told = found


def page_name(row: Row) -> str:
    """Where its page is, below the site's root."""
    return f"entries/{row.slug}.html"


def keep_drawing(drawing: Drawing, shelf: Shelf, stop: threading.Event) -> None:
    """Look, draw, and look again, until it is told to stop.

    Looking takes at most a twentieth of the time; where nothing changes, nothing else is done.
    """
    failed, at = "", 0.0
    while not stop.is_set():
        begun = time.monotonic()
        prints = drawing.prints()
        wait = max(_LEAST_SECONDS, _LOOKS_SHARE * (time.monotonic() - begun))
        if digest(prints) == failed and begun - at < _AGAIN_SECONDS:
            stop.wait(wait)
            continue
        failed, at = "", begun
        try:
            drawing.draw(prints)
            if drawing.follow():
                continue
        except (InputError, OSError) as error:
            failed = digest(prints)
            if str(error) != shelf.fact(PROBLEM):
                _LOG.error("the entries are out of order, showing those from before: %s", error)
                shelf.note({PROBLEM: error})
        except Exception as error:
            failed = digest(prints)
            if repr(error) != shelf.fact(PROBLEM):
                _LOG.exception("the pages cannot be drawn, showing those from before")
                shelf.note({PROBLEM: repr(error)})
        stop.wait(wait)


def command(shelf: Path, roots: Sequence[Path], reported: bool) -> list[str]:
    """The command line of a process that keeps drawing."""
    return [sys.executable, "-m", __name__, str(shelf), str(int(reported)), *map(str, roots)]


def main(arguments: Sequence[str]) -> int:
    """Draw until SIGTERM, SIGHUP or SIGINT, or until standard input ends, as it does with the server."""
    stop = threading.Event()
    for kind in (*ending_signals(), signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    start_logging()
    # Whoever asks for a page comes first.
    with suppress(OSError):
        os.nice(5)
    shelf = Shelf(Path(arguments[0]))
    keep_drawing(Drawing(shelf, [Path(root) for root in arguments[2:]], arguments[1] == "1"), shelf, stop)
    shelf.close()
    return 0


@dataclass(frozen=True, slots=True)
class _Scene:
    """All entries at one moment: rows and keys of pages by folder, the files beside these pages, every name."""

    rows: Mapping[str, Row]
    boards: Sequence[Board]
    files: Mapping[str, str]
    keys: Mapping[str, str]
    names: frozenset[str]
    count: int

    def put(self, writing: Writing, folder: str) -> None:
        """Draw an entry's page; its record is on the shelf."""
        row = self.rows[folder]
        text = entry_page(row, self.boards, json.loads(writing.dialogues(folder)))
        writing.put(page_name(row), text, self.keys[folder])


def _refuse_twins(records: Mapping[str, Record]) -> None:
    seen: set[str] = set()
    for folder, record in records.items():
        if record.id in seen:
            raise InputError(f"{folder}: another folder has an entry of that id as well. Remove one.")
        seen.add(record.id)


def _key(mark: str, row: Row, boards: Sequence[Board]) -> str:
    """What an entry's page is drawn from: its files, its cells with their ranks, its columns' scales."""
    found = []
    for measured in row.measured:
        cells, scales, sticks = cells_of(row, measured, boards)
        found.append((cells, {name: (scales.get(name), sticks.get(name)) for name in measured.metrics}))
    return digest([mark, found])


def _code_print(reported: bool) -> str:
    """What tells that other pages would be drawn from the same entries: the release, and in a checkout its files."""
    own = [path for room in ("entry", "site") for path in _sources(f"leaderboard.{room}")]
    theirs = [
        path for room in ("files", "metrics", "report", "scoring", "tables") for path in _sources(f"omnibench.{room}")
    ]
    help_ = [metric_help(name).as_json() for name in METRICS.names()]
    return digest([__version__, reported, [(path.name, stamp(path)) for path in (*own, *theirs)], help_])


def _sources(package: str) -> list[Path]:
    folder = Path(str(files(package)))
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _wait_for_end(stop: threading.Event) -> None:
    # Not through sys.stdin, whose lock this thread would hold when the interpreter shuts down.
    while os.read(_STANDARD_INPUT, 1):
        continue
    stop.set()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
