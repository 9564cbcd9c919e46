"""The share of the machine that this process may use: a container's limits are less than what the machine has."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

CONTROL_GROUP: Final = Path("/sys/fs/cgroup")
"""Limits of a container; version 1 keeps each kind in a folder of its own."""


def usable_cores(group: Path = CONTROL_GROUP) -> int:
    """Cores that this process may keep busy: those it is bound to, and no more than its container's share of time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = numbers(group / "cpu.max") or [
        number for name in ("cfs_quota_us", "cfs_period_us") for number in numbers(group / "cpu" / f"cpu.{name}")
    ]
    if len(quota) == 2 and min(quota) > 0:
        cores = min(cores, math.ceil(quota[0] / quota[1]))
    return max(1, cores)


def usable_memory(group: Path = CONTROL_GROUP) -> int:
    """Bytes of memory that this process and its workers may take: the container's, else the machine's; 0: unknown."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [*numbers(group / "memory.max"), *numbers(group / "memory" / "memory.limit_in_bytes")]
    return int(min([whole, *limits]))


def numbers(path: Path) -> list[float]:
    """The numbers of a file of the kernel's; none where it is not there, or says ``max``."""
    with suppress(OSError, ValueError):
        return [float(word) for word in path.read_text(encoding="ascii").split()]
    return []
