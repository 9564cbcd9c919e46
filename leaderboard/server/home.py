"""The server's folder: database, uploads, the workers' room, and the entries in the leaderboard's own layout."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leaderboard.judging.checking import SUBMISSIONS
from omnibench.errors import UsageError
from omnibench.files.locking import locked
from omnibench.system.places import home

_UPLOAD: Final = re.compile(r"s-[0-9a-f]{24}\.zip")
_PART: Final = re.compile(r"s-[0-9a-f]{24}\.part")
_ROOM: Final = re.compile(r"s-[0-9a-f]{24}\.\d+")
_STATE: Final = re.compile(r"(server|pages)\.sqlite3.*|(serve|layout)\.lock")
_OTHERS: Final = 0o077


def close_to_others(path: Path, mode: int) -> list[str]:
    """Take a file or folder of ours from all other users; says what it was, nothing where it was closed already.

    Raises:
        UsageError: it is another user's, or cannot be closed.
    """
    try:
        found = path.stat()
        if found.st_uid != os.geteuid() and os.geteuid() != 0:
            raise UsageError(
                f"{path}: belongs to another user (number {found.st_uid}), who can change it; expected this user's "
                f"own. Change its owner (chown), or choose another --home."
            )
        before = stat.S_IMODE(found.st_mode)
        if not before & _OTHERS:
            return []
        path.chmod(mode)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(
            f"{path}: is open to other users and cannot be closed to them ({error.strerror}). Close it "
            f"(chmod {mode:o}), or choose another --home on a file system that knows users."
        ) from error
    return [f"{path}: was open to other users ({before:04o}), is this user's alone now"]


def private_file(path: Path) -> None:
    """Make a file that no other user may read, before somebody makes it who does not think of that. Raises UsageError
    as `close_to_others`.
    """
    with suppress(OSError):  # whoever opens it next says why it cannot be
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        close_to_others(path, 0o600)


def _ours(folder: Path, names: re.Pattern[str]) -> list[Path]:
    return [path for path in folder.iterdir() if names.fullmatch(path.name) and not path.is_dir()]


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one folder. ``board`` is what ``omnibench leaderboard amend --root`` takes."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file, where no other database is named."""
        return self.root / "server.sqlite3"

    @property
    def shelf(self) -> Path:
        """The drawn pages."""
        return self.root / "pages.sqlite3"

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

    def prepare(self) -> list[str]:
        """Make what is missing, and close to all other users what was open to them: teams' archives, tokens' hashes.

        Returns:
            What was closed, with its rights before.

        Raises:
            UsageError: a folder that others need too, like ``/tmp``, or one that cannot be this user's alone.
        """
        self._refuse_shared()
        folders = (self.root, self.incoming, self.uploads, self.work, self.board, self.board / SUBMISSIONS)
        closed = []
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise UsageError(
                    f"{folder}: cannot be made ({error.strerror}); expected a folder of this user's own. Correct "
                    f"--home, or what lies there."
                ) from error
            closed += close_to_others(folder, 0o700)
        own = [*_ours(self.uploads, _UPLOAD), *_ours(self.root, _STATE)]
        return [*closed, *(line for path in own for line in close_to_others(path, 0o600))]

    def _refuse_shared(self) -> None:
        root = self.root.resolve()
        shared = (Path(root.anchor), home())
        if root.exists() and (root in shared or root.stat().st_mode & stat.S_ISVTX):
            raise UsageError(f"{self.root}: others need this folder too; choose one of the server's own with --home.")

    def sweep(self, kept: Collection[str]) -> int:
        """Remove what a killed server or worker left, and the archives of all submissions but ``kept``.

        For the one process that holds `alone`, before it accepts anything. What is not the server's, like the
        ``lost+found`` of a file system, is passed over, as is what cannot be removed. Returns how many files went.
        """
        wanted = {self.upload(submission).name for submission in kept}
        gone = [path for path in _ours(self.uploads, _UPLOAD) if path.name not in wanted]
        gone += _ours(self.incoming, _PART)
        removed = 0
        for path in gone:
            with suppress(OSError):
                path.unlink()
                removed += 1
        return removed

    def foreign(self) -> list[Path]:
        """What lies in the folders of uploads and workers and is not the server's."""
        known = ((self.incoming, _PART), (self.uploads, _UPLOAD), (self.work, _ROOM))
        return [path for folder, own in known for path in sorted(folder.iterdir()) if not own.fullmatch(path.name)]

    def sweep_work(self, running: Collection[str]) -> None:
        """Remove the rooms of all workers but those that still have a job, by `room`'s names."""
        for path in self.work.iterdir():
            if _ROOM.fullmatch(path.name) and path.name not in running:
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
