"""Processor time of a process with all its threads and everything that it ever started, seen from outside.

A thread's time is in its process's. A child's is its own while it runs, and its parent's once that has waited for it;
one whose parent has ended goes to the nearest ancestor that adopts orphans, which `adopt_orphans` makes this process,
so that a daemon does not get away. One that its parent lets vanish unseen (SIGCHLD ignored) leaves no time behind:
then nobody can say, and the answer is NaN. Linux alone tells all of this.

Linux also tells how long a thread was ready to run while others had the processor: what a busy machine adds to the wall
time of a step, which is no time that the step took. Only of the first thread, and it does not tell who the others were:
they may have been the model's own threads and children, so `Spent.since` counts these as if all of them had been.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final, NamedTuple

_CPU_CLOCK_OF_PROCESS: Final = 2
"""The clock of process ``pid`` is ``(~pid << 3) | 2``, as ``clock_getcpuclockid`` makes it."""
_PR_SET_CHILD_SUBREAPER: Final = 36
_WAITED_FOR: Final = slice(13, 15)
"""cutime and cstime among the fields of ``/proc/<pid>/stat`` behind the command's name, in ticks."""
_CHILD_ENDED: Final = 1 << (signal.SIGCHLD - 1) if hasattr(signal, "SIGCHLD") else 0


class Spent(NamedTuple):
    """Seconds so far, NaN where the system does not say: ``processor`` time of a model, how long its first thread and
    its harness ``waited`` for a processor, and what of the processor time was ``beside`` that first thread.
    """

    processor: float
    waited: float
    beside: float = 0.0

    def since(self, before: Spent) -> Spent:
        """What was spent since ``before``, ``waited`` being what others kept it waiting: less what the model's own
        other threads and children worked meanwhile, on whichever processor.

        Example:
            >>> Spent(2.0, 0.75, 0.5).since(Spent(1.0, 0.0, 0.0))
            Spent(processor=1.0, waited=0.25, beside=0.5)
        """
        # A sum can fall by a part of a tick, which is nothing. In this order NaN stays NaN.
        processor, waited, beside = (max(b - a, 0.0) for a, b in zip(before, self, strict=True))
        return Spent(processor, max(waited - beside, 0.0), beside)


def own_spent() -> Spent:
    """Of this process, which plays and answers."""
    return Spent(time.process_time(), waited_seconds(os.getpid()))


def tree_spent(pid: int, beside: Collection[int]) -> Spent:
    """Of a model in process ``pid``, without what its harness waited; ``beside`` as of `tree_seconds`."""
    # First what goes on while the rest is read: a model that is handing over its answer may wait meanwhile.
    ran, waited = first_thread(pid)
    processor = tree_seconds(pid, beside)
    return Spent(processor, waited, processor - ran)


def waited_seconds(pid: int) -> float:
    """How long the first thread of a process has been ready to run and did not; NaN where the system does not say."""
    return first_thread(pid).waited


def times_put_off() -> int:
    """How often this thread had to leave a processor while it wanted to go on; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw


class FirstThread(NamedTuple):
    """Seconds so far in which the first thread of a process ``ran``, and in which it ``waited``, ready to run."""

    ran: float
    waited: float


def first_thread(pid: int) -> FirstThread:
    """Of a process; NaN where the system does not say."""
    try:
        ran, waited, *_ = Path(f"/proc/{pid}/schedstat").read_text().split()
        return FirstThread(int(ran) / 1e9, int(waited) / 1e9)
    except (OSError, ValueError):
        return FirstThread(float("nan"), float("nan"))


def adopt_orphans() -> None:
    """Make this process the parent of whatever its descendants leave behind. For a process that we started and that
    ends with its work: nobody here waits for those children, so in a user's own process they would pile up.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> list[int]:
    """The children of a process, of whichever of its threads; none of one that is gone.

    Raises:
        OSError: the system does not list them.
    """
    found: list[int] = []
    for task in _tasks(pid):
        try:
            found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            if task.exists():
                raise OSError(f"{task}: no list of children") from None
    return found


def own_children() -> frozenset[int]:
    """The children of this process; none where the system does not list them."""
    try:
        return frozenset(children(os.getpid()))
    except OSError:
        return frozenset()


def tree_seconds(pid: int, beside: Collection[int] = ()) -> float:
    """Processor seconds so far of process ``pid`` and all that it started; NaN where that cannot be said.

    Args:
        pid: a child of this process.
        beside: the children of this process that are somebody else's; all others are orphans of ``pid``'s.
    """
    if sys.platform != "linux":
        return float("nan")
    try:
        waiting = [pid, *(other for other in children(os.getpid()) if other != pid and other not in beside)]
        seconds = 0.0
        while waiting:
            one = waiting.pop()
            try:
                seconds += _seconds(one)
                waiting += children(one)
            except (FileNotFoundError, ProcessLookupError):
                if one == pid:
                    return float("nan")
        return seconds
    except OSError:
        return float("nan")


def _seconds(pid: int) -> float:
    """Own time of a process and that of the children it waited for. Raises OSError where it is gone."""
    folder = Path(f"/proc/{pid}")
    status = (folder / "status").read_text()
    ignored = int(status.partition("SigIgn:")[2].split(None, 1)[0], 16)
    if ignored & _CHILD_ENDED:
        return float("nan")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    waited_for = sum(map(int, fields[_WAITED_FOR])) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime((~pid << 3) | _CPU_CLOCK_OF_PROCESS) + waited_for


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []
