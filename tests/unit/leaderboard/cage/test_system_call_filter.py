"""The filter of system calls, run here step by step on calls that it would see; for each kind of machine."""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

import pytest

from leaderboard.cage.attempted_calls import _NUMBERS
from leaderboard.cage.seccomp import filter_program
from leaderboard.cage.system_calls import MACHINES, Machine

PID = 4711
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
BOTH = [pytest.param(machine, column, id=name) for column, (name, machine) in enumerate(MACHINES.items())]


def verdict(machine: Machine, number: int, arguments: Sequence[int] = (), architecture: int | None = None) -> int:
    """What the kernel would do: its interpreter of such programs, as far as they go."""
    code = filter_program(machine, PID)
    steps = [struct.unpack("<HBBI", code[i : i + 8]) for i in range(0, len(code), 8)]
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or machine.architecture, 0, *(w & (1 << 64) - 1 for w in words))
    position, held = 0, 0
    while True:
        kind, if_true, if_false, value = steps[position]
        position += 1
        if kind == 0x06:
            return value
        if kind == 0x20:
            held = struct.unpack_from("<I", data, value)[0]
            continue
        holds = {0x15: held == value, 0x25: held > value, 0x35: held >= value, 0x45: held & value != 0}[kind]
        position += if_true if holds else if_false


@pytest.mark.parametrize(("machine", "column"), BOTH)
def test_what_is_needed_passes_and_nothing_else(machine: Machine, column: int) -> None:
    free = set(machine.free.values())
    assert all(verdict(machine, number) == ALLOW for number in free)
    for number in set(range(1024)) - free - set(machine.bound.values()):
        assert verdict(machine, number) == (EPERM if number < 424 else ENOSYS)


@pytest.mark.parametrize(("machine", "column"), BOTH)
def test_of_all_that_is_tried_only_bound_calls_are_known(machine: Machine, column: int) -> None:
    tried = {name: numbers[column] for name, numbers in _NUMBERS.items()}
    assert not {name for name, number in tried.items() if number in set(machine.free.values())}
    for name, number in machine.bound.items():
        assert tried.get(name, number) == number


@pytest.mark.parametrize(("machine", "column"), BOTH)
def test_bound_calls_reach_this_process_alone(machine: Machine, column: int) -> None:
    calls = machine.bound
    for name in ("kill", "tgkill"):
        assert verdict(machine, calls[name], [PID, 6, 6]) == ALLOW
        for other in (0, 1, -1, -PID, PID + 1):
            assert verdict(machine, calls[name], [other, 9, 9]) == EPERM
    assert verdict(machine, calls["prlimit64"], [0, 7]) == ALLOW
    assert verdict(machine, calls["prlimit64"], [1, 7]) == EPERM
    assert verdict(machine, calls["sched_getaffinity"], [PID]) == verdict(machine, calls["sched_getaffinity"]) == ALLOW
    assert verdict(machine, calls["sched_getaffinity"], [PID + 1]) == ENOSYS
    assert verdict(machine, calls["fcntl"], [0, 1030]) == ALLOW
    for setting in (4, 8, 10, 15, 1024, 1026, 6, 7, 37, 38):
        assert verdict(machine, calls["fcntl"], [0, setting]) == EPERM
    assert verdict(machine, calls["ioctl"], [0, 0x5401]) == ALLOW
    for request in (0x5412, 0x541C, 0x8901, 0x5403):
        assert verdict(machine, calls["ioctl"], [0, request]) == EPERM
    assert verdict(machine, calls["prctl"], [15]) == ALLOW
    for option in (1, 4, 8, 22, 23, 24, 28, 35, 47, 0x59616D61):
        assert verdict(machine, calls["prctl"], [option]) == EPERM


@pytest.mark.parametrize(("machine", "column"), BOTH)
def test_threads_may_start_and_processes_may_not(machine: Machine, column: int) -> None:
    clone, thread = machine.bound["clone"], 0x003D0F00
    assert verdict(machine, clone, [thread]) == ALLOW
    processes = (17, 0x01200011, 0x00004111, 0x00010000, thread & ~0x100, thread & ~0x800)
    namespaces = (thread | bit for bit in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000))
    for flags in (*processes, *namespaces, thread | 0x40000000, thread | 0x2000):
        assert verdict(machine, clone, [flags]) == EPERM
    assert verdict(machine, machine.bound["clone3"]) == ENOSYS


@pytest.mark.parametrize(("machine", "column"), BOTH)
def test_calls_of_another_kind_of_machine_end_the_process(machine: Machine, column: int) -> None:
    assert verdict(machine, machine.free["read"], architecture=0x40000003) == KILL
    assert verdict(machine, 0x40000000 | machine.free["read"]) == KILL
