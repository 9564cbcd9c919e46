"""Atomic files: a reader sees the whole new file or the old one, never half of it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from omnibench.notices import notice

LONGEST_NAME: Final = 143
"""Bytes that a file's name may have wherever people keep files (eCryptfs has the fewest)."""

NO_SYNC: Final = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF)
NO_LINKS: Final = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV, errno.EINVAL)
NOT_ONTO: Final = (errno.EEXIST, errno.EPERM, errno.EACCES, errno.EBUSY)
"""What SMB and some FUSE file systems answer where a file of the new name is there already."""


@contextmanager
def atomic_path(path: Path, writer: str = "", keep_first: bool = False) -> Iterator[Path]:
    """A temporary path in ``path``'s folder that replaces ``path`` when the block ends without an error.

    The folder is made if needed. The temporary name is fixed (``.NAME.tmp``), so that what a killed process left behind
    is overwritten by the next attempt rather than piling up; where several processes write the same file, each names
    itself (``.NAME.WRITER.tmp``) and the last one stands, or the first with ``keep_first``. After an error ``path`` is
    as it was. Raises OSError as the file system does (no space, read-only).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(_temporary_name(path.name, writer))
    try:
        yield temporary
        sync(temporary)
        if not keep_first or (not _linked(temporary, path) and not path.exists()):
            move(temporary, path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 ``content`` to ``path`` atomically, with line ends as they are."""
    write_bytes(path, content.encode("utf-8"))


def move(source: Path, target: Path) -> None:
    """Give a written file its name, in place of what has it.

    Across file systems it is copied first; where nothing may be replaced, what is there steps aside for that moment.
    Raises OSError as the file system does; then ``target`` is as it was.
    """
    try:
        source.replace(target)
    except OSError as error:
        if error.errno == errno.EXDEV and source.parent != target.parent:
            with atomic_path(target) as beside:
                shutil.copyfile(source, beside)
            source.unlink()
        elif error.errno in NOT_ONTO and target.is_file():
            _swap(source, target)
        else:
            raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk, as far as the file system lets anybody wait."""
    folder = path.is_dir()
    try:
        # Some refuse to flush what is open for reading alone, and all refuse to open a folder otherwise.
        descriptor = os.open(path, os.O_RDONLY if folder or not os.access(path, os.W_OK) else os.O_RDWR)
        try:
            sync_open(descriptor, path)
        finally:
            os.close(descriptor)
    except OSError as error:
        if not folder or error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        _unsynced(path, error)


def sync_open(descriptor: int, path: Path) -> None:
    """`sync` of what is open already; ``path`` is for the message."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_SYNC:
            raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from error
        _unsynced(path, error)


def _unsynced(path: Path, error: OSError) -> None:
    folder = path if path.is_dir() else path.parent
    notice(
        "sync", f"{folder}: cannot wait for the disk ({error.strerror}); a power cut can lose what was written last."
    )


def _temporary_name(name: str, writer: str) -> str:
    full = f".{name}.{writer}.tmp" if writer else f".{name}.tmp"
    code = full.encode("utf-8", "replace")
    return full if len(code) <= LONGEST_NAME else f".{hashlib.sha256(code).hexdigest()[:32]}.tmp"


def _linked(temporary: Path, path: Path) -> bool:
    """Whether ``path`` is a file now, this one or an earlier one; not where the file system has no links."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return True
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return False
    return True


def _swap(source: Path, target: Path) -> None:
    aside = target.with_name(_temporary_name(target.name, "old"))
    target.rename(aside)
    try:
        source.rename(target)
    except OSError:
        aside.rename(target)
        raise
    aside.unlink()
