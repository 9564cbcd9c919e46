"""Memory of worker processes: how much each may take, and how to tell that it was too little."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

MORE_MEMORY: Final = "It needs fewer --workers, a smaller --batch or a machine with more memory"
KERNEL_FILES: Final = (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat"))
FIRST_VICTIM: Final = "900"
_SIGNS: Final = ("out of memory", "can't allocate memory", "cannot allocate memory", "std::bad_alloc")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, Python's own, numpy's, torch's (processor or GPU) or onnxruntime's.

    Example:
        >>> out_of_memory(MemoryError()), out_of_memory(RuntimeError("CUDA out of memory")), out_of_memory(ValueError())
        (True, True, False)
    """
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def limit_memory(gigabytes: float) -> None:
    """Let this process's private memory grow to ``gigabytes`` (10^9 bytes) at most; beyond it allocations fail."""
    most = int(gigabytes * 1e9)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def be_the_first_victim() -> None:
    """Have the kernel end this process before its parent when the machine runs out of memory (Linux)."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_VICTIM, encoding="utf-8")


def kernel_kills(files: tuple[Path, ...] = KERNEL_FILES) -> int:
    """How many processes the kernel has ended so far because memory ran out; 0 where it does not say.

    Args:
        files: lines of ``name count``, as Linux has them: of the control group and of the whole machine.
    """
    counts = [0]
    for path in files:
        with suppress(OSError, ValueError):
            words = path.read_text(encoding="utf-8").split()
            counts += [int(n) for name, n in zip(words[::2], words[1::2], strict=False) if name == "oom_kill"]
    return sum(counts)
