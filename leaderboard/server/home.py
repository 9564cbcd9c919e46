"""The server's folder: database, uploads, the workers' room, and the entries in the leaderboard's own layout."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leaderboard.checking import SUBMISSIONS
from omnibench.errors import UsageError
from omnibench.locking import locked


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one folder. ``board`` is what ``omnibench leaderboard amend --root`` takes."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file, where no other database is named."""
        return self.root / "server.sqlite3"

    @property
    def incoming(self) -> Path:
        """Uploads that are still arriving."""
        return self.root / "incoming"

    @property
    def uploads(self) -> Path:
        """Accepted archives, ``<submission>.zip``."""
        return self.root / "uploads"

    @property
    def work(self) -> Path:
        """Where workers unpack."""
        return self.root / "work"

    @property
    def board(self) -> Path:
        """Holds ``submissions/``, ``controls/`` and ``awards.json``."""
        return self.root / "leaderboard"

    def upload(self, submission: str) -> Path:
        """A submission's archive."""
        return self.uploads / f"{submission}.zip"

    def prepare(self) -> None:
        """Make what is missing, readable to this user alone."""
        for folder in (self.root, self.incoming, self.uploads, self.work, self.board / SUBMISSIONS):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def sweep(self, kept: Collection[str]) -> int:
        """Remove what a killed server or worker left, and the archives of all submissions but ``kept``.

        For the one process that holds `alone`, before it accepts anything. Returns how many files and folders went.
        """
        wanted = {self.upload(submission).name for submission in kept}
        gone = [path for path in self.uploads.iterdir() if path.name not in wanted]
        gone += self.incoming.iterdir()
        for path in gone:
            path.unlink()
        return len(gone)

    def sweep_work(self, running: Collection[str]) -> None:
        """Remove the rooms of all workers but those that still have a job, by `room`'s names."""
        for path in self.work.iterdir():
            if path.name not in running:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one server; the lock goes with the process, however it ends.

        Raises:
            UsageError: another server has it.
        """
        with locked(self.root / "serve.lock", wait=False) as mine:
            if not mine:
                raise UsageError(f"{self.root}: another server runs on this folder. Stop it, or choose another --home.")
            yield
