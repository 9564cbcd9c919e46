"""Takes away from this process what a decoder of a stranger's media does not need. There is no way back.

On Linux: a seccomp filter (no sockets, no new programs or processes, no tracing) and Landlock rules (files can be
written below one folder, and read below a few). Everywhere: resource limits, and Python's audit hook as a fence
against sockets and processes, which binds Python code alone. What was in force is returned, and recorded with every
score that was computed under it.

Sources: Linux ``Documentation/userspace-api/{landlock,seccomp_filter}.rst``; system call numbers from
``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_RETURN_ALLOW: Final = 0x7FFF0000
_RETURN_ERRNO: Final = 0x00050000
_RETURN_KILL: Final = 0x80000000
_EPERM: Final = 1
_ENOSYS: Final = 38
_CLONE_THREAD: Final = 0x00010000
_X32_BIT: Final = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

# Machine: (audit architecture, {system call: number}). Those of x86-64 that aarch64 does not have are left out there.
_CALLS: Final[dict[str, tuple[int, dict[str, int]]]] = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50,
            "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "mount": 165, "add_key": 248,
            "request_key": 249, "keyctl": 250, "unshare": 272, "accept4": 288, "perf_event_open": 298, "sendmmsg": 307,
            "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321, "execveat": 322,
            "userfaultfd": 323, "io_uring_setup": 425, "clone": 56, "clone3": 435,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "connect": 203, "accept": 202, "sendto": 206, "sendmsg": 211, "bind": 200, "listen": 201,
            "socketpair": 199, "execve": 221, "ptrace": 117, "mount": 40, "add_key": 217, "request_key": 218,
            "keyctl": 219, "unshare": 97, "accept4": 242, "perf_event_open": 241, "sendmmsg": 269, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280, "execveat": 281, "userfaultfd": 282,
            "io_uring_setup": 425, "clone": 220, "clone3": 435,
        },
    ),
}  # fmt: skip

_LANDLOCK_CREATE_RULESET: Final = 444
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT_SELF: Final = 446
_RULE_PATH_BENEATH: Final = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_EXECUTE: Final = 1 << 0
_FILE_RIGHTS: Final = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
# The rights that each version of Landlock's interface knows: 13 at first, then moving, truncating, device control.
_RIGHTS_BY_VERSION: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_RIGHTS_FROM_VERSION_5: Final = (1 << 16) - 1


def end_with(parent: int) -> None:
    """On Linux: kill this process when the one that started it ends, however it ends. Elsewhere its limits end it.

    Args:
        parent: the process that started this one; if it has ended already, so does this one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)


def confine(writable: Path, readable: Sequence[Path], memory: int, seconds: int, file_bytes: int) -> list[str]:
    """Limit this process for good. Returns what is in force, in words.

    Args:
        writable: the only folder in which it can make, change or remove anything.
        readable: beside that folder and the interpreter's own, what it can read.
        memory: bytes of address space.
        seconds: of processor time.
        file_bytes: the largest file it can write.
    """
    enforced = _limit_resources(memory, seconds, file_bytes)
    _fence_python()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            enforced += _landlock(libc, writable, [*readable, *_interpreter()])
            enforced += _seccomp(libc)
    return [*enforced, "Python's audit hook: no sockets, no processes"]


def _limit_resources(memory: int, seconds: int, file_bytes: int) -> list[str]:
    wanted = {
        "address space": (resource.RLIMIT_AS, memory),
        "processor time": (resource.RLIMIT_CPU, seconds),
        "file size": (resource.RLIMIT_FSIZE, file_bytes),
        "core dumps": (resource.RLIMIT_CORE, 0),
        "open files": (resource.RLIMIT_NOFILE, 512),
    }
    done = []
    for name, (kind, value) in wanted.items():
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError):
            # Some systems (macOS) take no limit on address space; the list then says what is left.
            continue
        done.append(name)
    return [f"resource limits: {', '.join(done)}"]


def _fence_python() -> None:
    refused = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")

    def hook(event: str, _: tuple[object, ...]) -> None:
        if event.startswith(refused):
            raise PermissionError(_EPERM, f"{event} is not allowed here")

    sys.addaudithook(hook)


def _interpreter() -> list[Path]:
    """What Python and its packages read of the machine."""
    import leaderboard

    source = Path(leaderboard.__file__).resolve().parent.parent
    system = ("/usr", "/lib", "/lib64", "/proc", "/sys/devices/system", "/dev", "/etc/ld.so.cache", "/etc/localtime")
    return [Path(p) for p in (*sys.path, sys.prefix, sys.base_prefix, *system) if p] + [source]


def _landlock(libc: ctypes.CDLL, writable: Path, readable: Sequence[Path]) -> list[str]:
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return []
    rights = _RIGHTS_BY_VERSION.get(version, _RIGHTS_FROM_VERSION_5)
    attributes = struct.pack("<Q", rights)
    rules = libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return []
    try:
        _allow(libc, rules, writable, rights & ~_EXECUTE)
        for path in dict.fromkeys(readable):
            _allow(libc, rules, path, _READ_FILE | _READ_FOLDER | _EXECUTE)
        for device in ("/dev/null", "/dev/urandom"):
            _allow(libc, rules, Path(device), rights & _FILE_RIGHTS)
        if libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0) != 0:
            return []
    finally:
        os.close(rules)
    return [f"Landlock {version}: writes below the working folder alone, reads of Python, data and predictions alone"]


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        # A folder of sys.path that does not exist cannot be read either.
        return
    try:
        granted = rights if path.is_dir() else rights & _FILE_RIGHTS
        libc.syscall(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("<Qi", granted, handle), 0)
    finally:
        os.close(handle)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _seccomp(libc: ctypes.CDLL) -> list[str]:
    known = _CALLS.get(platform.machine())
    if known is None:
        return []
    code = filter_program(*known)
    program = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        return []
    return ["seccomp: no sockets, no programs, no processes, no tracing"]


def filter_program(architecture: int, calls: dict[str, int]) -> bytes:
    """The seccomp filter, 8 bytes an instruction: refused calls return EPERM; threads may start, processes may not.

    ``clone3`` hides its flags from a filter, so it "does not exist" and the C library falls back to ``clone``.
    """
    refuse, absent = _step(_RETURN, _RETURN_ERRNO | _EPERM), _step(_RETURN, _RETURN_ERRNO | _ENOSYS)
    program = [_step(_LOAD, 4), _step(_EQUAL, architecture, 1, 0), _step(_RETURN, _RETURN_KILL), _step(_LOAD, 0)]
    program += [_step(_AT_LEAST, _X32_BIT, 0, 1), refuse]
    program += [_step(_EQUAL, calls["clone3"], 0, 1), absent]
    for name, number in calls.items():
        if name not in ("clone", "clone3"):
            program += [_step(_EQUAL, number, 0, 1), refuse]
    first_argument = 16
    program += [_step(_EQUAL, calls["clone"], 0, 3), _step(_LOAD, first_argument)]
    program += [_step(_ANY_BIT, _CLONE_THREAD, 1, 0), refuse, _step(_RETURN, _RETURN_ALLOW)]
    return b"".join(program)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
