"""What this process may use of the machine, and what it lacks: limits, cores, memory, streams."""

from __future__ import annotations

import math
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

from omnibench.system.share import CONTROL_GROUP, numbers, usable_cores, usable_memory

OPEN_FILES: Final = 256
PROCESSES: Final = 64
ADDRESSES: Final = 16 << 30
MEMORY: Final = 2 << 30


def machine_findings(group: Path = CONTROL_GROUP) -> list[str]:
    """What is missing or narrow here: a line each, with what follows and what to do."""
    found = [*_limits(group), *_text()]
    cores, all_cores = usable_cores(group), os.cpu_count() or 1
    if cores < all_cores:
        found.append(f"{cores} of {all_cores} cores may be used. More --workers than that make nothing faster.")
    memory = usable_memory(group)
    if 0 < memory < MEMORY:
        found.append(f"{memory / 1e9:.1f} GB of memory. Metrics with networks may not fit: run with --workers 1.")
    if os.umask(os.umask(0o077)) & 0o700:  # asked for by setting it, and set back
        found.append("umask takes your own rights to what you write. Files cannot be read back: umask 022.")
    if not Path("/proc/self").exists():
        found.append("no /proc. Memory is not measured, and a worker that was out of it is not told from a crash.")
    return [*found, *_processes()]


def _limits(group: Path) -> list[str]:
    found = []
    files, size = _limit(resource.RLIMIT_NOFILE), _limit(resource.RLIMIT_FSIZE)
    if files < OPEN_FILES:
        found.append(f"only {files:g} files may be open. Many --workers need more: ulimit -n 1024.")
    if size < math.inf:
        found.append(f"no file may be larger than {size:,.0f} bytes. Sound and video may not fit: ulimit -f unlimited.")
    if (addresses := _limit(resource.RLIMIT_AS)) < ADDRESSES:
        found.append(f"{addresses / 1e9:.1f} GB of addresses. Libraries may not load: ulimit -v unlimited.")
    processes = min([_limit(resource.RLIMIT_NPROC) if os.getuid() else math.inf, *numbers(group / "pids.max")])
    if processes < PROCESSES:
        found.append(f"only {processes:g} processes and threads are allowed. Workers may not start: ulimit -u 256.")
    return found


def _text() -> list[str]:
    found = []
    encoding = str(getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-")
    if encoding not in ("utf-8", "utf8"):
        found.append(f"the terminal takes {encoding}. Other characters are shown as \\u2264: PYTHONIOENCODING=utf-8.")
    if sys.getfilesystemencoding().lower() != "utf-8":
        found.append(f"names are read as {sys.getfilesystemencoding()}. Other ids are refused: PYTHONUTF8=1.")
    return found


def _processes() -> list[str]:
    found = []
    try:
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        found.append(f"no process can be started ({error}). Models have processes of their own: allow it.")
    try:
        with socket.create_server(("127.0.0.1", 0)) as here, socket.create_connection(here.getsockname(), timeout=1):
            pass
    except OSError as error:
        found.append(f"no loopback network ({error.strerror}). Servers here are not reached: ip link set lo up.")
    return found


def _limit(which: int) -> float:
    soft = resource.getrlimit(which)[0]
    return math.inf if soft == resource.RLIM_INFINITY else soft
