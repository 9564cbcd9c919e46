"""Puts a folder out of a process's reach by mounting another one over it, for this process alone (Linux)."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_CLONE_NEWNS: Final = 0x0002_0000
_CLONE_NEWUSER: Final = 0x1000_0000
_MS_BIND: Final = 0x1000
_MS_REC: Final = 0x4000
_MS_PRIVATE: Final = 0x4_0000


def conceal(folder: Path, copy: Path) -> bool:
    """Make ``folder`` show what ``copy`` holds, in this process and those it starts; nothing changes for anybody else.

    Needs a mount namespace, which Linux grants to root and, on most systems, to everybody through a user namespace. The
    process must have one thread.

    Returns:
        Whether it worked; where the system refuses, nothing has changed.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNS) != 0:
        if libc.unshare(_CLONE_NEWNS | _CLONE_NEWUSER) != 0:
            return False
        _keep_identity(uid, gid)
    if libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        return False
    mounted: int = libc.mount(os.fsencode(copy), os.fsencode(folder), None, _MS_BIND | _MS_REC, None)
    return mounted == 0


def _keep_identity(uid: int, gid: int) -> None:
    """In a new user namespace, stay who we are, so that files go on being ours."""
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{uid} {uid} 1")
    (own / "gid_map").write_text(f"{gid} {gid} 1")
