"""Takes every privilege from this process, for good: capabilities, and what could bring them back.

Source: capabilities(7).
"""

from __future__ import annotations

import ctypes
import struct
import sys
from pathlib import Path
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PR_CAPBSET_DROP: Final = 24
_PR_SET_SECUREBITS: Final = 28
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
# No capability for being root, none kept when users change, none ambient; and each of these bits locked.
_SECUREBITS: Final = 0xEF
_CAPABILITIES: Final = 64
_VERSION_3: Final = 0x20080522


def drop_privileges(libc: ctypes.CDLL) -> tuple[str, str]:
    """Drop all capabilities from every set, and the way back; the process has to have one thread.

    Returns:
        What is in force, and why it is not: one of them is empty.
    """
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return "", "the kernel knows no no_new_privs"
    libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS, 0, 0, 0)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.capset(struct.pack("<Ii", _VERSION_3, 0), bytes(24))
    left = sorted(name for name, value in _held().items() if value)
    # Only who has privileges can empty the bounding set; without any, and with no_new_privs, it gives nothing.
    left = [name for name in left if name != "CapBnd" or len(left) > 1]
    return ("none, and none to be had", "") if not left else ("", f"some are left in {', '.join(left)}")


def hide_from_others() -> None:
    """Let no other process of the same user look into this one: its environment, its memory, its open files."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _held() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {
        name: int(value, 16) for name, _, value in (line.partition(":") for line in lines) if name.startswith("Cap")
    }
