"""Landlock: which files this process can open, and that its signals and sockets stay with it. For good.

Source: Linux ``Documentation/userspace-api/landlock.rst`` and ``include/uapi/linux/landlock.h``.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MOVE, _TRUNCATE = 1 << 13, 1 << 14
_OF_FILES: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE
# Neither devices, sockets, pipes nor links can be made, anywhere, and nothing can be run.
_WORK: Final = (
    _OF_FILES | _READ_FOLDER | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _MOVE
)  # fmt: skip
_READ: Final = _READ_FILE | _READ_FOLDER
# Version of the interface: how many rights on files it knows. 13 at first, then moving, truncating, device control.
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_RIGHTS_FROM_5: Final = 16
_NETWORK_FROM, _NETWORK = 4, 0b11
_SCOPES_FROM, _SCOPES = 6, 0b11

# What of the kernel's own folders Python and its packages read. Not /proc as a whole: it shows other processes.
_KERNEL: Final = tuple(
    Path(name)
    for name in (
        "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/version",
        "/proc/sys/kernel/osrelease", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu",
        "/sys/devices/system/node",
    )
)  # fmt: skip
_kept_open: list[int] = []


def restrict_files(
    libc: ctypes.CDLL, writable: Path, readable: Iterable[Path], listed: Iterable[Path]
) -> tuple[str, str]:
    """Restrict this process, which has to have one thread and ``no_new_privs``.

    Args:
        libc: the C library.
        writable: the folder in which it can make, change and remove files.
        readable: files, and folders with all below them.
        listed: folders of which it can read the names, with all below them.

    Returns:
        What is in force, and why nothing is: one of them is empty.
    """
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return "", os.strerror(ctypes.get_errno())
    files = (1 << _RIGHTS.get(version, _RIGHTS_FROM_5)) - 1
    network = _NETWORK if version >= _NETWORK_FROM else 0
    scopes = _SCOPES if version >= _SCOPES_FROM else 0
    # The kernel takes longer attributes than it knows where the rest of them is zero.
    attributes = struct.pack("<QQQ", files, network, scopes)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return "", os.strerror(ctypes.get_errno())
    try:
        _allow(libc, rules, writable, files & _WORK)
        for path in dict.fromkeys(readable):
            _allow(libc, rules, path, _READ)
        for path in dict.fromkeys(listed):
            _allow(libc, rules, path, _READ_FOLDER)
        for path in _KERNEL:
            _allow(libc, rules, path, _READ, keep=True)
        _allow(libc, rules, Path("/dev/null"), files & _OF_FILES)
        _allow(libc, rules, Path("/dev/urandom"), _READ_FILE)
        if libc.syscall(_RESTRICT_SELF, rules, 0) != 0:
            return "", os.strerror(ctypes.get_errno())
    finally:
        os.close(rules)
    scoped = ", no signal and no abstract socket reaches out of it" if scopes else ""
    return (
        f"{version}: writes below the working folder, reads of Python, data and predictions, nothing else{scoped}",
        "",
    )


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int, keep: bool = False) -> None:
    """Add a rule. With ``keep`` the path stays open: the kernel makes its own files anew once nobody holds them, and
    the rule would not know them again.
    """
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        # A folder that does not exist cannot be read either.
        return
    granted = rights if path.is_dir() else rights & _OF_FILES
    if granted:
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("<Qi", granted, handle), 0)
    if keep:
        _kept_open.append(handle)
    else:
        os.close(handle)
