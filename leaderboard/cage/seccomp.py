"""The filter of system calls: those of `leaderboard.cage.system_calls` pass, on this process alone; all others fail.

A refused call returns EPERM. One that kernels have had only since the numbers became the same everywhere returns
ENOSYS, as an older kernel would, so that libraries take the way that they have for those.

Source: Linux ``Documentation/userspace-api/seccomp_filter.rst``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Sequence
from typing import Final

from leaderboard.cage.system_calls import Machine, this_machine

_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_EPERM: Final = 0x00050000 | errno.EPERM
_ENOSYS: Final = 0x00050000 | errno.ENOSYS
_LOAD, _EQUAL, _ABOVE, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_X32_BIT: Final = 0x40000000
_SAME_EVERYWHERE: Final = 424
# Of a thread, and of nothing else: shared memory and signal handlers; no namespace of its own, no tracing.
_THREAD: Final = (0x00000100, 0x00000800, 0x00010000)
_NO_THREAD: Final = 0x7E022080
# Asking a terminal's settings and size, close-on-exec, bytes waiting, non-blocking.
_DEVICE_REQUESTS: Final = (0x5401, 0x5413, 0x5450, 0x5451, 0x541B, 0x5421)
# Copying a descriptor, its flags; reading the file's. To set those of a file that others have open too, its owner,
# signals, leases or locks reaches others.
_DESCRIPTOR_REQUESTS: Final = (0, 1, 2, 3, 1030)
# A thread's name, the names of its memory; whether it can be dumped, is filtered, may gain privileges.
_PROCESS_REQUESTS: Final = (15, 16, 0x53564D41, 3, 21, 39)


def _bounds(pid: int) -> dict[str, tuple[int, Sequence[int]]]:
    """Call: which argument decides, and the values with which it passes."""
    return {
        "kill": (0, (pid,)),
        "tgkill": (0, (pid,)),
        "prlimit64": (0, (0,)),
        "sched_getaffinity": (0, (0, pid)),
        "ioctl": (1, _DEVICE_REQUESTS),
        "fcntl": (1, _DESCRIPTOR_REQUESTS),
        "prctl": (0, _PROCESS_REQUESTS),
    }


def filter_calls(libc: ctypes.CDLL) -> tuple[str, str]:
    """Put the filter in force for this process, for good; it has to have one thread and ``no_new_privs``.

    Returns:
        What is in force, and why nothing is: one of them is empty.
    """
    machine = this_machine()
    if machine is None:
        return "", f"the numbers of {os.uname().machine}'s system calls are not known"
    code = filter_program(machine, os.getpid())
    program = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        return "", os.strerror(ctypes.get_errno())
    known = len(machine.free) + len(machine.bound)
    return f"{known} system calls on this process alone; no processes, programs, sockets, signals to others", ""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_program(machine: Machine, pid: int) -> bytes:
    """The filter, 8 bytes an instruction.

    ``clone3`` hides its flags from a filter, so it "does not exist" and the C library falls back to ``clone``. Values
    are compared by their lower half: the arguments that decide have 32 bits, and the kernel looks at no more of them.
    The C library asks on which processors a thread may run when it describes one, and does without where none tells.

    Args:
        machine: whose calls.
        pid: the only process that signals may reach.
    """
    program = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, machine.architecture, 1, 0), _step(_RETURN, _KILL)]
    program += [_step(_LOAD, _NUMBER), _step(_AT_LEAST, _X32_BIT, 0, 1), _step(_RETURN, _KILL)]
    for first, last in _ranges(machine.free.values()):
        program += [_step(_AT_LEAST, first, 0, 2), _step(_ABOVE, last, 1, 0), _step(_RETURN, _ALLOW)]
    program += _threads(machine.bound["clone"])
    for name, (argument, values) in _bounds(pid).items():
        program += _bound(machine.bound[name], argument, values, _ENOSYS if name == "sched_getaffinity" else _EPERM)
    program += [_step(_AT_LEAST, _SAME_EVERYWHERE, 0, 1), _step(_RETURN, _ENOSYS), _step(_RETURN, _EPERM)]
    return b"".join(program)


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _bound(number: int, argument: int, values: Sequence[int], refusal: int) -> list[bytes]:
    checks = [_step(_EQUAL, value, len(values) - position, 0) for position, value in enumerate(values)]
    return [
        _step(_EQUAL, number, 0, len(checks) + 3),
        _step(_LOAD, _ARGUMENTS + 8 * argument),
        *checks,
        _step(_RETURN, refusal),
        _step(_RETURN, _ALLOW),
    ]


def _threads(number: int) -> list[bytes]:
    needed = [_step(_ANY_BIT, bit, 0, len(_THREAD) + 1 - position) for position, bit in enumerate(_THREAD)]
    return [
        _step(_EQUAL, number, 0, len(needed) + 4),
        _step(_LOAD, _ARGUMENTS),
        *needed,
        _step(_ANY_BIT, _NO_THREAD, 1, 0),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _EPERM),
    ]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
