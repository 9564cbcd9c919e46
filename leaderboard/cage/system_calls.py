"""The system calls that Python, decoders and networks make in the cage, and their numbers. No other is let through.

A list of what is needed rather than of what is harmful: a call that a kernel adds tomorrow is refused from the start.

Sources: Linux ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``. Calls from 424 on
have the same number everywhere.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Final

_Numbers = dict[str, tuple[int | None, int | None]]

# Name: (number on x86-64, number on aarch64), None where the machine has no such call.
_FREE: Final[_Numbers] = {
    # Files that are open or may be opened; which, is Landlock's and bubblewrap's business.
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "preadv": (295, 69), "pwritev": (296, 70), "preadv2": (327, 286),
    "pwritev2": (328, 287), "lseek": (8, 62), "open": (2, None), "openat": (257, 56), "openat2": (437, 437),
    "creat": (85, None), "close": (3, 57), "close_range": (436, 436), "stat": (4, None), "lstat": (6, None),
    "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291), "statfs": (137, 43), "fstatfs": (138, 44),
    "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None),
    "readlinkat": (267, 78), "getdents": (78, None), "getdents64": (217, 61), "getcwd": (79, 17),
    "chdir": (80, 49), "fchdir": (81, 50), "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None),
    "unlink": (87, None), "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82),
    "fdatasync": (75, 83), "fadvise64": (221, 223), "readahead": (187, 213), "sendfile": (40, 71),
    "copy_file_range": (326, 285), "umask": (95, 166), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "pipe": (22, None), "pipe2": (293, 59), "poll": (7, None), "ppoll": (271, 73), "select": (23, None),
    "pselect6": (270, 72), "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "eventfd": (284, None), "eventfd2": (290, 19),
    # Its own memory.
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226),
    "madvise": (28, 233), "msync": (26, 227), "mincore": (27, 232),
    # Its own threads.
    "futex": (202, 98), "futex_wait": (455, 455), "futex_wake": (454, 454), "futex_requeue": (456, 456),
    "sched_yield": (24, 124), "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "set_tid_address": (218, 96), "set_robust_list": (273, 99), "rseq": (334, 293), "exit": (60, 93),
    "exit_group": (231, 94), "arch_prctl": (158, None), "getcpu": (309, 168), "restart_syscall": (219, 128),
    # Signals to itself.
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigsuspend": (130, 133), "rt_sigtimedwait": (128, 137),
    "sigaltstack": (131, 132), "pause": (34, None),
    # What it is and has used.
    "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "getpgrp": (111, None), "getrlimit": (97, 163), "getrusage": (98, 165),
    "times": (100, 153), "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278),
    # Time.
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None),
}  # fmt: skip
# Let through for some arguments alone: `leaderboard.cage.seccomp`.
_BOUND: Final[_Numbers] = {
    "kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261), "sched_getaffinity": (204, 123),
    "ioctl": (16, 29), "fcntl": (72, 25), "prctl": (157, 167), "clone": (56, 220), "clone3": (435, 435),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of processor as the kernel sees it: its name for a filter, and the numbers of its calls."""

    architecture: int
    free: dict[str, int]
    bound: dict[str, int]


def _machine(architecture: int, column: int) -> Machine:
    free, bound = (
        {name: number for name, numbers in calls.items() if (number := numbers[column]) is not None}
        for calls in (_FREE, _BOUND)
    )
    return Machine(architecture, free, bound)


MACHINES: Final = {"x86_64": _machine(0xC000003E, 0), "aarch64": _machine(0xC00000B7, 1)}


def this_machine() -> Machine | None:
    """Of the processor that this process runs on; None where its calls are not known here."""
    return MACHINES.get(platform.machine())
