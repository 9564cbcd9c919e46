"""How much memory Moshi takes, and how much a machine has. Nothing is loaded to find out."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from baselines.moshi.settings import BYTES, Settings

WORKING_BYTES: Final = 2_500_000_000
"""Beside the published weights: 1.6 GB of keys and values for 3000 steps, Mimi's 0.4 GB, and what one step takes."""

MEMINFO: Final = Path("/proc/meminfo")
GROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")


def needed(weight_bytes: int, settings: Settings) -> int:
    """Bytes that a model takes whose weights fill ``weight_bytes`` as bfloat16; a small one needs little more."""
    weights = weight_bytes * BYTES[settings.precision] // BYTES["bfloat16"]
    return weights + min(WORKING_BYTES, weights)


def machine_memory(meminfo: Path = MEMINFO, group_limit: Path = GROUP_LIMIT) -> int | None:
    """Bytes that this machine, or the control group of this process, has in all; None where it does not say."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        total = next(line for line in meminfo.read_text(encoding="utf-8").splitlines() if line.startswith("MemTotal:"))
        found.append(int(total.split()[1]) * 1024)
    with suppress(OSError, ValueError):
        found.append(int(group_limit.read_text(encoding="utf-8")))
    return min(found, default=None)
