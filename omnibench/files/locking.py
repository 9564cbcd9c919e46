"""Locks between processes that write the same files."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from omnibench.errors import InputError
from omnibench.notices import notice

WAIT_SECONDS: Final = 60.0
"""Longest wait for a marker: a lock that is waited for is held for far less, but a marker may outlive its process."""

NO_LOCKS: Final = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF, errno.EPERM)
"""What file systems without locks answer: Lustre without ``-o flock``, NFS without a lock daemon, FUSE. NFS says EBADF
of a folder, since an exclusive lock there needs what is open for writing; EPERM is a container's filter.
"""


@contextmanager
def locked(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold a lock on a file, made if needed, or on a folder that is there; whether it was to be had.

    Locks are the operating system's: a killed process holds none. Where the file system has none, a file stands in
    (`marker_of`), which names its process and machine; one that a killed process of this machine left is taken over.

    Raises:
        InputError: after a minute of waiting for a process of another machine, with what to delete if it is gone.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from error
            folder = path if path.is_dir() else path.parent
            notice(
                "locks", f"{folder}: no file locks ({error.strerror}); {marker_of(path).name} keeps others out instead."
            )
        else:
            if not marker_of(path).exists():  # else another machine uses the folder, and has no locks there
                yield True
                return
        with _marked(path, wait) as held:
            yield held
    finally:
        os.close(handle)


def marker_of(path: Path) -> Path:
    """The file that stands in for a lock on ``path`` where the file system has no locks."""
    return path / ".held" if path.is_dir() else path.with_name(f"{path.name}.held")


def holder_of(path: Path) -> str:
    """Whose marker stands in for the lock on ``path``, and what to do where that process is gone; ``""``: nobody's."""
    marker = marker_of(path)
    try:
        process, machine = marker.read_text(encoding="utf-8", errors="replace").splitlines()[:2]
    except (OSError, ValueError):
        return ""
    return f"process {process} on {machine} holds it; if that one is gone, delete {marker}"


@contextmanager
def _marked(path: Path, wait: bool) -> Iterator[bool]:
    from filelock import SoftFileLock, Timeout

    try:
        lock = SoftFileLock(marker_of(path), timeout=WAIT_SECONDS if wait else 0).acquire()
    except Timeout as error:
        if wait:
            raise InputError(f"{path}: another process writes there ({holder_of(path)}).") from error
        yield False
        return
    with lock:
        yield True
