"""Puts folders out of a process's reach by mounting others over them, for this process alone (Linux)."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_CLONE_NEWNS: Final = 0x0002_0000
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWIPC: Final = 0x0800_0000
_MS_BIND: Final = 0x1000
_MS_REC: Final = 0x4000
_MS_PRIVATE: Final = 0x4_0000


def seclude(empty: Sequence[Path], keep: Sequence[Path], replace: Mapping[Path, Path]) -> bool:
    """Change what this process, and those it starts, find on disk; nothing changes for anybody else.

    System V memory and message queues are left behind as well. Needs a mount namespace, which Linux grants to root and,
    on most systems, to everybody through a user namespace. The process must have one thread.

    Args:
        empty: folders that become empty and forget what is written below them.
        keep: files and folders below them that stay; one that is or holds an ``empty`` folder keeps all of it.
        replace: folders that show what another one holds.

    Returns:
        Whether it worked; where the system refuses, the folders are as they were.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC) != 0:
        if libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWUSER) != 0:
            return False
        if not _keep_identity(uid, gid):
            return False
    if libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        return False
    folders = [folder.resolve() for folder in empty if folder.is_dir()]
    roots = _outermost(folders)
    kept = _outermost([path.resolve() for path in keep if path.exists()])
    roots = [root for root in roots if not any(root.is_relative_to(path) for path in kept)]
    stay = {path: path for path in kept if any(path.is_relative_to(root) for root in roots)}
    # Held open, since what is mounted next lies over their paths.
    held = {target: os.open(source, os.O_PATH) for target, source in {**stay, **replace}.items()}
    worked = all(libc.mount(b"none", os.fsencode(root), b"tmpfs", 0, b"mode=1777") == 0 for root in roots)
    for folder in folders if worked else ():
        folder.mkdir(parents=True, exist_ok=True)  # one below another, as TMPDIR often is below /tmp
    for target, descriptor in held.items():
        worked &= _bind(libc, f"/proc/self/fd/{descriptor}", target)
        os.close(descriptor)
    return worked


def _bind(libc: ctypes.CDLL, source: str, target: Path) -> bool:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(source).is_dir():
            target.mkdir()
        else:
            target.touch()
    mounted: int = libc.mount(os.fsencode(source), os.fsencode(target), None, _MS_BIND | _MS_REC, None)
    return mounted == 0


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """Each once, without those that lie below another."""
    return [p for p in dict.fromkeys(paths) if not any(p != other and p.is_relative_to(other) for other in paths)]


def _keep_identity(uid: int, gid: int) -> bool:
    """In a new user namespace, stay who we are, so that files go on being ours; not where the system gives such a
    namespace no rights, as Ubuntu 24.04 does.
    """
    own = Path("/proc/self")
    try:
        (own / "setgroups").write_text("deny")
        (own / "uid_map").write_text(f"{uid} {uid} 1")
        (own / "gid_map").write_text(f"{gid} {gid} 1")
    except OSError:
        return False
    return True
