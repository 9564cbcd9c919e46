"""The folder of a run: taken by one process at a time, holding one kind of answers, written file by file atomically."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from omnibench.errors import InputError, UsageError
from omnibench.files.atomic import move, sync, write_text
from omnibench.files.hashing import file_sha256
from omnibench.files.journal import Journal
from omnibench.files.locking import holder_of, locked
from omnibench.files.names import too_long
from omnibench.files.records import Identity, JournalLine, RunRecord
from omnibench.predictions.folder import SUFFIXES, Part
from omnibench.runner.recorder import Kept
from omnibench.system.refusals import WHOLE_DISK, system_fault

STAGING = ".staging"
LOCK = ".lock"
PACED = "paced"
"""What pacing makes of the answers (`omnibench.runner.pacing`)."""
READ_BACK = "read_back"
"""What is read of their recordings (`omnibench.runner.reading_back`)."""
RESULT_FILES = ("journal.jsonl", "run.json", "samples.jsonl", "statistics.npz", "scores.json")


class RunFolder:
    """Where a run's files go.

    Args:
        root: the folder; made by `open`.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.staging, self.journal = root, root / STAGING, Journal(root / "journal.jsonl")
        self._published: dict[str, JournalLine] = {}

    @contextmanager
    def open(self, identity: Identity, fresh: bool) -> Iterator[None]:
        """Hold the folder for one run: locked, its leftovers cleared, its answers known to be of the same ``identity``.

        Raises:
            UsageError: another process is writing there, the folder holds answers of another identity, or it is not a
                run.
            InputError: it cannot be written.
        """
        with _clear_faults(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with self._lock():
                # What other commands left beside a run, a report say, is no reason to refuse starting it over.
                if not (fresh and self._clear()):
                    self._check_identity(identity)
                shutil.rmtree(self.staging, ignore_errors=True)
                self.staging.mkdir(exist_ok=True)  # NFS keeps a file's name while somebody has it open
                self.journal.repair()
                try:
                    yield
                finally:
                    shutil.rmtree(self.staging, ignore_errors=True)

    def done(self) -> set[str]:
        """Dialogues that the journal calls ok and whose files are all there, byte for byte."""
        return {name for name, entry in self.journal.entries().items() if entry.status == "ok" and self._intact(entry)}

    def publish(self, entry: JournalLine, staged: Mapping[Part, Kept]) -> JournalLine:
        """Move a dialogue's files into place and journal them; the journal's line comes last. Returns the entry
        written: a failure where a staged file is not what was written.
        """
        files: dict[str, str] = {}
        spoilt = [part for part, kept in staged.items() if file_sha256(kept.path) != kept.sha256]
        if spoilt:
            reason = f"somebody changed {' and '.join(spoilt)} between its writing and its keeping"
            failed = {"status": "infra_failed", "stage": "write", "reason": reason}
            entry, staged = entry.model_copy(update=failed), {}
        for part in SUFFIXES:
            final = self.root / part / f"{entry.id}{SUFFIXES[part]}"
            if part in staged:
                final.parent.mkdir(exist_ok=True)
                files[f"{part}/{final.name}"] = staged[part].sha256
                move(staged[part].path, final)
                sync(final.parent)
            elif not too_long(final.name):
                final.unlink(missing_ok=True)
        written = entry.model_copy(update={"files": files})
        self.journal.append(written)
        self._published[entry.id] = written
        return written

    def check_journal(self) -> None:
        """Raises InputError where the journal is not what was written here, as by a model that forges its lines."""
        found = self.journal.entries()
        forged = [name for name, entry in self._published.items() if found.get(name) != entry]
        if forged:
            raise InputError(
                f"{self.journal.path}: the line of {forged[0]} is not what this run wrote ({len(forged)} in all): "
                f"something else, perhaps the model, wrote there meanwhile. Start over with --fresh."
            )

    def manifest(self) -> RunRecord | None:
        """run.json, or None. Raises InputError where it is damaged."""
        path = self.root / "run.json"
        return RunRecord.read(path, "Start over with --fresh.") if path.exists() else None

    def write_manifest(self, record: RunRecord) -> None:
        """Replace run.json atomically."""
        write_text(self.root / "run.json", record.to_json())

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with locked(self.root / LOCK, wait=False) as held:
            if not held:
                holder = holder_of(self.root / LOCK)
                raise UsageError(
                    f"{self.root}: another omnibench is writing there{holder and f' ({holder})'}. Wait for it, or "
                    f"choose another --out."
                )
            yield

    def _check_identity(self, identity: Identity) -> None:
        manifest = self.manifest()
        if manifest is None:
            # Hidden names are our own: the lock, staging, and a run.json that was not finished.
            foreign = [p.name for p in self.root.iterdir() if not p.name.startswith(".")]
            if foreign:
                raise UsageError(
                    f"{self.root}: not empty ({sorted(foreign)[0]} is there) and no run of omnibench (no run.json). "
                    f"Choose another --out."
                )
            return
        before, now = manifest.identity.document(), identity.document()
        differing = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        if differing and not any(entry.status == "ok" for entry in self.journal.entries().values()):
            self._clear()  # a mistake that was mended, say: no answer is lost by starting over
        elif differing:
            shown = "; ".join(f"{key} was {_short(before.get(key))}, now {_short(now.get(key))}" for key in differing)
            raise UsageError(
                f"{self.root}: holds the answers of another run ({shown}). Add --fresh, or choose another --out."
            )

    def _clear(self) -> bool:
        """Remove a run's answers and scores, nothing else; whether there was a run."""
        if not (self.root / "run.json").is_file():
            return False
        for part in (*SUFFIXES, PACED, READ_BACK):
            shutil.rmtree(self.root / part, ignore_errors=True)
        for name in (*RESULT_FILES, *(p.name for p in self.root.glob("scores.*.json"))):
            (self.root / name).unlink(missing_ok=True)
        return True

    def _intact(self, entry: JournalLine) -> bool:
        paths = {self.root / name: expected for name, expected in entry.files.items()}
        return bool(paths) and all(path.is_file() and file_sha256(path) == expected for path, expected in paths.items())


def disk_fault(error: OSError, folder: Path) -> InputError | None:
    """What to tell the user about an error of the disk that every further write would meet as well; None for any
    other.
    """
    return InputError(str(system_fault(error, str(folder)))) if error.errno in WHOLE_DISK else None


@contextmanager
def _clear_faults(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = disk_fault(error, root)
        if fault is None and isinstance(error, FileExistsError | NotADirectoryError) and not root.is_dir():
            fault = InputError(f"{root}: a file is in the way; --out expects a folder.")
        if fault is None:
            raise
        raise fault from error


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:20]}…"
