"""What the system refuses, in sentences: full disks, closed folders, limits, file systems that are gone."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
CLOSED: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
LARGE: Final = (errno.EFBIG,)
LOST: Final = (
    errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ENOTCONN, errno.ETIMEDOUT, errno.EHOSTDOWN,
    errno.EREMOTEIO, errno.ECONNABORTED, errno.EINTR,
)  # fmt: skip
UNABLE: Final = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK, errno.ENOLCK)
LIMITS: Final[Mapping[int, str]] = {
    errno.EMFILE: "too many files are open; allow more (ulimit -n 1024), or take fewer --workers",
    errno.ENFILE: "too many files are open on this machine; try again when it is less busy",
    errno.EAGAIN: "no further process may be started (ulimit -u, or the container's limit of processes); "
    "allow more, or take fewer --workers",
    errno.ENOMEM: "the memory does not suffice; take fewer --workers, or a machine with more",
}
WHOLE_DISK: Final = (*FULL, *CLOSED, *LARGE, *UNABLE)
"""Faults that every further file of the same folder meets as well."""


def system_fault(error: OSError, where: str = "") -> str | None:
    """A sentence for what the system refuses; None for what is no fault of the system.

    Args:
        error: what was raised.
        where: the folder that is written, for errors that name no file.

    Example:
        >>> system_fault(OSError(errno.ENOSPC, "No space left on device", "/data/x"))
        '/data/x: the disk is full. Free some space; then the same command goes on where it stopped.'
    """
    place = error.filename or where
    limit = LIMITS.get(error.errno or 0)
    if limit and (error.errno != errno.EAGAIN or not place):
        return f"{place}: {limit}." if place else f"{limit}."
    if error.errno == errno.ENOENT and (not place or _adrift(place)):
        return _nowhere(error)
    place = place or "the output folder"
    if error.errno in FULL:
        full = "the quota is used up" if error.errno == errno.EDQUOT else "the disk is full"
        return f"{place}: {full}. Free some space; then the same command goes on where it stopped."
    if error.errno in LARGE:
        return f"{place}: no file may be larger (ulimit -f, or the file system). Lift that, or choose another place."
    if error.errno in CLOSED:
        closed = "not writable" if _readable(place) else "not accessible"
        return f"{place}: {closed} ({error.strerror}). Choose another place, or change its permissions."
    if error.errno in LOST:
        return f"{place}: the file system fails ({error.strerror}). When it is back, the same command goes on."
    if error.errno in UNABLE:
        return f"{place}: this file system cannot do what is needed ({error.strerror}). Choose a place on another."
    if error.errno == errno.ENAMETOOLONG:
        return f"{place}: a name too long for this file system. Choose a place on another, or a shorter path."
    if error.errno is None or not (error.filename or where):
        return None
    return f"{place}: {error.strerror}. Name another file or folder, or make its folder first."


def machine_fault(error: BaseException) -> str | None:
    """As `system_fault`, also for what libraries make of a limit: no thread, no library, no memory to be had."""
    from omnibench.system.memory import MORE_MEMORY, out_of_memory

    if isinstance(error, OSError):
        return system_fault(error)
    if isinstance(error, ImportError) and "failed to map segment" in str(error):
        return (
            f"{error}: too little memory is allowed (ulimit -v), or that library lies where nothing may run (noexec)."
        )
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return f"{LIMITS[errno.EAGAIN]}."
    return f"out of memory. {MORE_MEMORY}." if out_of_memory(error) else None


def _readable(place: str) -> bool:
    """Whether it is, or could be made, where this user may read."""
    path = Path(os.fsdecode(place))
    return os.access(path.parent, os.X_OK) and (os.access(path, os.R_OK) or not os.access(path, os.F_OK))


def _adrift(place: str) -> bool:
    """Whether a relative path leads nowhere, since the working folder is gone."""
    if Path(os.fsdecode(place)).is_absolute():
        return False
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _nowhere(error: OSError) -> str | None:
    """What is not there has no name where it is the working folder, or a folder for temporary files."""
    if "temporary directory" in str(error.strerror):
        return "no folder for temporary files can be written. Set TMPDIR to one that can."
    return "the folder that this command was started in is gone. Change to one that is there: cd ~"
