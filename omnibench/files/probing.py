"""What the file system of a folder cannot do, found out by doing it there; nothing stays behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from omnibench.files.locking import marker_of

LITTLE_SPACE: Final = 1 << 30
FEW_FILES: Final = 10_000
SHORT_NAMES: Final = 255
SKEW_SECONDS: Final = 5.0


def unwritable(folder: Path) -> str:
    """Why nothing can be written in a folder, or made where it is to be; ``""`` where it can."""
    try:
        with tempfile.TemporaryDirectory(prefix=".omnibench-", dir=_there(folder)) as place:
            Path(place, "file").write_bytes(b"0")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def scarce(folder: Path) -> list[str]:
    """A disk with little space, or room for few files."""
    there, found = _there(folder), []
    free = shutil.disk_usage(there).free
    if free < LITTLE_SPACE:
        found.append(f"{folder}: {free / 1e6:,.0f} MB free. What does not fit is not kept: free some space.")
    inodes = os.statvfs(there)
    if inodes.f_files and inodes.f_favail < FEW_FILES:
        found.append(f"{folder}: room for {inodes.f_favail:,} more files. A dialogue has up to five: remove some.")
    return found


def lacks(folder: Path) -> list[str]:
    """What a run's folder would need and its file system has not: a line each, with what follows and what to do.

    Args:
        folder: there or not; it, or the nearest folder above it that is there, can be written.
    """
    with tempfile.TemporaryDirectory(prefix=".omnibench-", dir=_there(folder), ignore_cleanup_errors=True) as name:
        place = Path(name)
        for sub in ("a", "b"):
            (place / sub).mkdir()
            (place / sub / "file").write_bytes(b"0")
        return [f"{folder}: {line.format(fault)}" for probe, line in _PROBES if (fault := _tried(probe, place))]


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next((path for path in (folder, *folder.parents) if path.exists()), Path(folder.anchor or "."))


def _tried(probe: Callable[[Path], str | None], place: Path) -> str:
    try:
        return probe(place) or ""
    except OSError as error:
        return error.strerror or str(error)


def _lock(place: Path) -> None:
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync(place: Path) -> None:
    for path in (place / "a" / "file", place):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _rename(place: Path) -> None:
    (place / "a" / "moved").write_bytes(b"0")
    (place / "a" / "moved").replace(place / "b" / "moved")
    (place / "b" / "moved").replace(place / "b" / "file")


def _link(place: Path) -> None:
    (place / "hard").hardlink_to(place / "a" / "file")
    (place / "soft").symlink_to(place / "a" / "file")


def _case(place: Path) -> str:
    return "A and a are one name" if (place / "A").exists() else ""


def _names(place: Path) -> str:
    longest = os.pathconf(place, "PC_NAME_MAX")
    if longest < SHORT_NAMES:
        return f"at most {longest} bytes"
    (place / 'q:?"é').write_bytes(b"0")
    return ""


def _clock(place: Path) -> str:
    (place / "now").write_bytes(b"0")
    ahead = (place / "now").stat().st_mtime - time.time()
    return f"{ahead:+.0f} s" if abs(ahead) > SKEW_SECONDS else ""


_PROBES: Final[tuple[tuple[Callable[[Path], str | None], str], ...]] = (
    (_lock, f"no file locks ({{}}). A file {marker_of(Path('.lock')).name} keeps two runs of one folder apart instead: "
            "delete it where the process that it names is gone."),
    (_sync, "nobody can wait for the disk ({}). A power cut may lose the last files: then run the same command again."),
    (_rename, "files cannot be renamed freely ({}). They are copied, which takes longer: nothing has to be done."),
    (_link, "no links ({}). Files are copied instead, which takes more space: nothing has to be done."),
    (_case, "upper and lower case are the same ({}). Dialogues whose ids differ in case alone overwrite one another: "
            "choose another folder for those."),
    (_names, "some names are refused ({}). A dialogue with such an id fails by name: choose another folder for it."),
    (_clock, "its clock is not this machine's ({}). Changed files may count as unchanged: set the clock."),
)  # fmt: skip
