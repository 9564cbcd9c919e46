"""A job of the confined process that tries to get out: what a decoder could try that somebody has taken over.

Nothing that it tries does harm where it succeeds, so that it can be tried anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from leaderboard.cage.attempted_calls import calls, made

_DEVICES: Final = frozenset({"/dev/null", "/dev/urandom"})
_SETTINGS: Final = (
    "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/swappiness",
    "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger", "/proc/acpi/wakeup", "/proc/mtrr",
    "/sys/kernel/uevent_helper", "/sys/devices/system/cpu/cpu1/online", "/sys/fs/cgroup/cgroup.procs",
    "/sys/power/state",
)  # fmt: skip
_LARGE, _MUCH = 3 << 20, 16 << 30


def look_job(_: dict[str, Any], report: Callable[..., None]) -> dict[str, Any]:
    """Do nothing: the process has said by now what confines it."""
    report(at="the cage")
    return {}


def attempt_job(arguments: dict[str, Any], report: Callable[..., None]) -> dict[str, dict[str, bool]]:
    """Try everything.

    Args:
        arguments: ``victim``, a process outside, and ``parent``, the one that started this one; ``outside``, a file
            that the user may read and change, in a folder of its own; ``secret``, a word of the parent's environment.
        report: told what is being tried.

    Returns:
        What was tried, by what it is for: whether it got through.
    """
    outside = Path(arguments["outside"])
    processes = [arguments["victim"], arguments["parent"]]
    found: dict[str, dict[str, bool]] = {}
    # Opening things first: some of the calls would take away what these need.
    for purpose, attempts in (
        ("the parent's environment, in any process", _environments(arguments["secret"])),
        ("names and states of processes outside", _processes(processes)),
        ("that a file outside exists, and its size", [("stat", lambda: outside.stat())]),
        ("reading files outside", _reading(outside)),
        ("writing files outside", _writing(outside)),
        ("devices other than null and urandom", _devices()),
        ("settings of the kernel", _settings()),
        ("capabilities", _capabilities()),
        ("more memory, larger files", [("memory", lambda: bytearray(_MUCH)), ("a file", _large_file)]),
    ):
        report(at=purpose)
        tried: dict[str, bool] = {}
        for name, action in attempts:
            tried[name] = _done(action) or tried.get(name, False)
        found[purpose] = tried
    program = Path("program")
    os.close(os.open(program, os.O_CREAT | os.O_WRONLY, 0o700))
    for purpose, listed in calls(processes[0], os.fsencode(outside), os.fsencode(program)).items():
        report(at=purpose)
        found[purpose] = {label: made(name, given) for label, name, given in listed}
    return found


Attempt = tuple[str, Callable[[], object]]


def _done(action: Callable[[], object]) -> bool:
    try:
        action()
    except (OSError, MemoryError):
        return False
    return True


def _open(path: str, how: int) -> None:
    os.close(os.open(path, how))


def _environments(secret: str) -> Iterator[Attempt]:
    def seek(path: Path) -> None:
        if secret.encode() not in path.read_bytes():
            raise OSError(f"{path}: not there")

    for process in ("self", *_numbered()):
        yield "environ", partial(seek, Path(f"/proc/{process}/environ"))


def _numbered() -> list[str]:
    # Where /proc cannot be listed its names can be guessed.
    with suppress(OSError):
        return [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return [str(number) for number in range(1, os.getpid() + 64)]


def _processes(processes: list[int]) -> Iterator[Attempt]:
    for name in ("status", "cmdline", "stat", "maps", "mem", "environ", "limits", "cwd/.", "root/.", "fd/.", "task/."):
        for process in processes:
            yield name, partial(_open, f"/proc/{process}/{name}", os.O_RDONLY)


def _reading(outside: Path) -> Iterator[Attempt]:
    yield "a file", lambda: outside.read_bytes()
    yield "a folder", lambda: list(outside.parent.iterdir())
    for name in ("/etc/passwd", "/etc/hosts", "/etc/shadow", "/root/.bashrc", "/var/log", "/boot"):
        yield name, partial(_open, name, os.O_RDONLY)


def _writing(outside: Path) -> Iterator[Attempt]:
    beside = outside.with_name("beside")
    yield "open", partial(_open, str(outside), os.O_WRONLY)
    yield "append", partial(_open, str(outside), os.O_WRONLY | os.O_APPEND)
    yield "make a file", partial(_make, beside)
    yield "make a folder", lambda: outside.with_name("folder").mkdir()
    yield "rename", lambda: outside.rename(outside.with_name("renamed"))
    yield "replace", lambda: _replace(outside)
    yield "remove", lambda: outside.unlink()
    yield "a file in /tmp", partial(_make, Path("/tmp/cage-was-here"))  # noqa: S108
    yield "a file in /dev/shm", partial(_make, Path("/dev/shm/cage-was-here"))  # noqa: S108


def _make(path: Path) -> None:
    path.write_bytes(b"")
    path.unlink()


def _replace(outside: Path) -> None:
    Path("replacement").write_bytes(b"")
    Path("replacement").rename(outside)


def _devices() -> Iterator[Attempt]:
    names = {"/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/ptmx", "/dev/full", "/dev/zero", "/dev/random", "/dev/fuse"}
    for folder, _, files in os.walk("/dev"):
        # A watchdog that somebody has looked at restarts the machine.
        names.update(f"{folder}/{name}" for name in files if "watchdog" not in name)
    for name in sorted(names - _DEVICES):
        yield name, partial(_open, name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    for name in ("/dev/kmsg", "/dev/tty", "/dev/zero", "/dev/new"):
        yield f"{name} for writing", partial(_open, name, os.O_WRONLY | os.O_NOCTTY)


def _settings() -> Iterator[Attempt]:
    for name in _SETTINGS:
        yield name, partial(_open, name, os.O_WRONLY)


def _capabilities() -> Iterator[Attempt]:
    lines = Path("/proc/self/status").read_text().splitlines()
    held = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def lacks(fault: bool) -> None:
        if not fault:
            raise OSError("held")

    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        yield name, partial(lacks, int(held[name], 16) != 0)
    # Of a user without privileges it is what it always was, and gives nothing where no program can give privileges.
    bound = int(held["CapBnd"], 16) != 0 and held["NoNewPrivs"] != "1"
    yield "CapBnd", lambda: lacks(bound)
    yield "no_new_privs", lambda: lacks(held["NoNewPrivs"] != "1")


def _large_file() -> None:
    path = Path("large")
    try:
        path.write_bytes(bytes(_LARGE))
    finally:
        path.unlink(missing_ok=True)
