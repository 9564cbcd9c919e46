"""How a confined process ended that brought no result, in words that follow the name of what it was at."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final

_NO_MEMORY: Final = ("MemoryError", "bad_alloc", "memory", "Memory")


@dataclass(frozen=True, slots=True)
class Ending:
    """``status`` as `subprocess` has it, what it took too much of (``excess``, if anything), the last line that it
    complained with, and what it had: bytes of memory, seconds of processor time.
    """

    status: int
    excess: str
    tail: str
    memory: int
    seconds: int


def why(ending: Ending, failure: str) -> str:
    """The reason.

    Args:
        ending: what is known of it from outside.
        failure: what the process itself said last; it is believed where nothing else says more.
    """
    if ending.excess:
        return ending.excess
    if ending.status == -signal.SIGXCPU:
        return f"took longer than the {ending.seconds} s of processor time that it may"
    if any(word in text for text in (ending.tail, failure) for word in _NO_MEMORY):
        return f"needs more than the {ending.memory >> 20} MiB of memory that it may use"
    if failure:
        return failure
    if ending.status == -signal.SIGSYS:
        return "made a system call as programs of another kind of machine do, which nothing here needs (SIGSYS)"
    if ending.status == -signal.SIGKILL:
        return "was ended by the system (SIGKILL), as happens where the machine has no memory left"
    if ending.status < 0:
        return f"made the process that read it crash ({_signal(-ending.status)})"
    return f"ended the process that read it ({': '.join(filter(None, (f'status {ending.status}', ending.tail)))})"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
