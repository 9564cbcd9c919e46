"""What a container leaves of the machine, from the kernel's files of both versions of control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omnibench.system.machine import machine_findings
from omnibench.system.share import usable_cores, usable_memory

HERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def group(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return root


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, HERE),
        ({"cpu.max": "max 100000"}, HERE),
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "1000 100000"}, 1),
        ({"cpu.max": "9900000 100000"}, HERE),
        ({"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, HERE),
    ],
)
def test_cores(files: dict[str, str], cores: int, tmp_path: Path) -> None:
    assert usable_cores(group(tmp_path, files)) == cores


def test_memory(tmp_path: Path) -> None:
    whole = usable_memory(tmp_path)
    assert whole > 1 << 28
    assert usable_memory(group(tmp_path, {"memory.max": "max"})) == whole
    assert usable_memory(group(tmp_path, {"memory.max": "1073741824"})) == 1 << 30
    old = group(tmp_path / "old", {"memory/memory.limit_in_bytes": "536870912"})
    assert usable_memory(old) == 1 << 29
    assert usable_memory(group(tmp_path / "none", {"memory/memory.limit_in_bytes": str(1 << 62)})) == whole


def test_findings_of_a_narrow_container(tmp_path: Path) -> None:
    narrow = group(tmp_path, {"memory.max": "1073741824", "pids.max": "20", "cpu.max": "100000 100000"})
    found = " ".join(machine_findings(narrow))
    assert "1.1 GB of memory" in found
    assert "only 20 processes and threads" in found
    assert HERE == 1 or "1 of " in found
