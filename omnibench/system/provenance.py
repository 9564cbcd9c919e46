"""Where numbers come from: versions of packages, the commit of the sources, and the machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "omnibench",
    "numpy",
    "scipy",
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "soundfile",
    "av",
    "numba",
)


def packages() -> dict[str, str]:
    """Installed versions of what can change an answer, and Python's own."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_state() -> dict[str, str | bool]:
    """Commit of the checkout that omnibench runs from and whether files in it were changed; empty outside a
    checkout.
    """
    git, source = shutil.which("git"), Path(__file__).parents[1]
    if git is None:
        return {}
    commit = _git(git, source, "rev-parse", "HEAD")
    tracked = _git(git, source, "ls-files", "--", "errors.py")
    if not commit or not tracked:
        return {}
    return {
        "commit": commit,
        "changed": bool(_git(git, source, "status", "--porcelain", "--untracked-files=no", "--", ".")),
    }


def hardware() -> dict[str, str | int]:
    """Processor, cores, memory and operating system; ``accelerator`` where there is one."""
    found = _accelerators()
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0,
        "system": f"{platform.system()} {platform.machine()}",
        "byte_order": sys.byteorder,
        **({"accelerator": found} if found else {}),
    }


def machine_number(machine: Mapping[str, str | int]) -> int:
    """A number of 32 bits that tells machines apart by what `hardware` says of them."""
    told = json.dumps({name: value for name, value in machine.items() if value}, sort_keys=True)
    return int(hashlib.sha256(told.encode()).hexdigest()[:8], 16)


def machine_name(machine: Mapping[str, str | int]) -> str:
    """A machine for people.

    >>> machine_name({"processor": "AMD EPYC 7B13", "cores": 2})
    'AMD EPYC 7B13, 2 cores'
    """
    cores = int(machine.get("cores") or 0)
    parts = [machine.get("processor") or "unknown processor", f"{cores or '?'} core{'' if cores == 1 else 's'}"]
    return ", ".join(map(str, [*parts, *filter(None, [machine.get("accelerator")])]))


def _git(git: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run([git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else ""


def _accelerators() -> str:
    """NVIDIA's, as its driver names them."""
    names: list[str] = []
    for told in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        lines = told.read_text(encoding="utf-8", errors="replace").splitlines()
        names += [line.partition(":")[2].strip() for line in lines if line.startswith("Model")]
    return " + ".join(names)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
