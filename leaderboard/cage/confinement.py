"""Takes away from this process what a decoder of a stranger's media does not need. There is no way back.

On Linux: its privileges, Landlock's rules on files, and a filter of system calls. Everywhere: resource limits, and
Python's audit hook as a fence against sockets and processes, which binds Python code alone. What was in force, and what
was not and why, is returned, and recorded with every score that was computed under it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from leaderboard.cage.landlock import restrict_files
from leaderboard.cage.privileges import drop_privileges
from leaderboard.cage.seccomp import filter_calls

_PR_SET_PDEATHSIG: Final = 1
# After the first signal a process that does not end by it has these seconds until the one that it cannot refuse.
_GRACE_SECONDS: Final = 5
_THREADS: Final = 1024


def end_with(parent: int) -> None:
    """On Linux: kill this process when the one that started it ends, however it ends. Elsewhere its limits end it.

    Args:
        parent: the process that started this one; if it has ended already, so does this one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)


def confine(cage: Mapping[str, Any]) -> list[str]:
    """Limit this process for good. Returns what is in force and what is not, in words.

    Args:
        cage: ``writable``, the only folder in which it can make, change or remove anything; ``readable``, all that it
            can read beside that folder; ``listed``, folders whose names alone it can read; bytes of address space
            (``memory``), ``seconds`` of processor time, bytes of the largest file that it can write (``file_bytes``);
            whether it has a process space of its own (``boxed``), and whether to use Landlock (``landlock``).
    """
    enforced = _limit_resources(cage)
    _fence_python()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        enforced.append(_said("capabilities", *drop_privileges(libc)))
        files = ("", "left out")
        if cage["landlock"]:
            readable, listed = ([Path(name) for name in cage[kind]] for kind in ("readable", "listed"))
            files = restrict_files(libc, Path(cage["writable"]), readable, listed)
        enforced.append(_said("Landlock", *files))
        enforced.append(_said("seccomp", *filter_calls(libc)))
    return [*enforced, "Python's audit hook: no sockets, no processes"]


def _said(means: str, held: str, fault: str) -> str:
    return f"without {means}: {fault}" if fault else f"{means}: {held}"


def _limit_resources(cage: Mapping[str, Any]) -> list[str]:
    seconds = int(cage["seconds"])
    wanted = {
        "address space": (resource.RLIMIT_AS, cage["memory"], 0),
        "processor time": (resource.RLIMIT_CPU, seconds, _GRACE_SECONDS),
        "file size": (resource.RLIMIT_FSIZE, cage["file_bytes"], 0),
        "core dumps": (resource.RLIMIT_CORE, 0, 0),
        "open files": (resource.RLIMIT_NOFILE, 512, 0),
        "locked memory": (resource.RLIMIT_MEMLOCK, 0, 0),
    }
    if cage["boxed"]:
        # It counts the user's processes elsewhere too, where this one has no space of its own.
        wanted["threads"] = (resource.RLIMIT_NPROC, _THREADS, 0)
    done = []
    for name, (kind, value, grace) in wanted.items():
        hard = resource.getrlimit(kind)[1]
        soft, most = (bound if hard == resource.RLIM_INFINITY else min(bound, hard) for bound in (value, value + grace))
        try:
            resource.setrlimit(kind, (soft, most))
        except (ValueError, OSError):
            # Some systems (macOS) take no limit on address space; the list then says what is left.
            continue
        done.append(name)
    return [f"resource limits: {', '.join(done)}"]


def _fence_python() -> None:
    refused = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")

    def hook(event: str, _: tuple[object, ...]) -> None:
        if event.startswith(refused):
            raise PermissionError(errno.EPERM, f"{event} is not allowed here")

    sys.addaudithook(hook)
