"""The system calls with which somebody might try to get out of the cage: numbers, and arguments that do no harm.

Used by `leaderboard.cage.attempts` alone. A call counts as held where the kernel says that it may not or does not know
it, or that there is no such process or file; any other answer means that it got past the filter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
from collections.abc import Sequence
from typing import Final

# Name: (number on x86-64, number on aarch64).
_NUMBERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "fcntl": (72, 25),
    "prlimit64": (302, 261), "setrlimit": (160, 164), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122), "sched_getaffinity": (204, 123), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "get_robust_list": (274, 100), "perf_event_open": (298, 241), "getpgid": (121, 155), "getsid": (124, 156),
    "capget": (125, 90), "mknod": (133, None), "mknodat": (259, 33), "symlink": (88, None), "symlinkat": (266, 36),
    "link": (86, None), "linkat": (265, 37), "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "removexattr": (197, 14),
    "truncate": (76, 45), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "flock": (73, 32),
    "ioctl": (16, 29), "socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425),
    "io_setup": (206, 0), "fork": (57, None), "clone": (56, 220), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "statmount": (457, 457),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225), "bpf": (321, 280),
    "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "syslog": (103, 116), "acct": (163, 89),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "personality": (135, 92), "vhangup": (153, 58), "fanotify_init": (300, 262),
    "inotify_init1": (294, 26), "memfd_secret": (447, 447), "memfd_create": (319, 279), "seccomp": (317, 277),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "setuid": (105, 146),
    "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147),
    "setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151), "setfsgid": (123, 152),
    "capset": (126, 91), "prctl": (157, 167), "setsid": (112, 157), "setpgid": (109, 154), "sync": (162, 81),
    "syncfs": (306, 267), "splice": (275, 76), "vmsplice": (278, 75), "timer_create": (222, 107),
    "setitimer": (38, 103), "alarm": (37, None), "mlock": (149, 228), "mlockall": (151, 230),
}  # fmt: skip
MACHINES: Final = ("x86_64", "aarch64")
_HELD: Final = frozenset({errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOENT, errno.ESRCH, errno.EROFS})
_HERE: Final = -100
_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_F_SETOWN, _F_SETSIG, _F_SETLEASE, _F_NOTIFY = 8, 10, 1024, 1026
_TIOCSTI, _TIOCLINUX, _FIOSETOWN = 0x5412, 0x541C, 0x8901
_FAMILIES: Final = {"UNIX": 1, "INET": 2, "INET6": 10, "NETLINK": 16, "PACKET": 17, "ALG": 38, "VSOCK": 40}
_CONT: Final = int(signal.SIGCONT)

_SELF: Final = os.getpid()

Argument = int | bytes
Call = tuple[str, str, Sequence[Argument]]
_ZEROS: Final = bytes(256)


def made(name: str, arguments: Sequence[Argument]) -> bool:
    """Make the call. Returns whether it got through; False as well where this machine has no such call."""
    number = _NUMBERS[name][MACHINES.index(platform.machine())]
    if number is None:
        return False
    buffers = [ctypes.create_string_buffer(a, 256) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    result = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *buffers)
    if os.getpid() != _SELF:
        os._exit(0)
    return result >= 0 or ctypes.get_errno() not in _HELD


def calls(victim: int, outside: bytes, program: bytes) -> dict[str, list[Call]]:
    """What is tried, as (label, call, arguments), by what it is for.

    Args:
        victim: a process outside.
        outside: a file outside, that the user may read and change.
        program: a file that may be executed, and is no program.
    """
    new = outside + b".new"
    return {
        "signals to a process outside": [
            ("kill", "kill", (victim, _CONT)),
            ("kill everybody", "kill", (-1, 0)),
            ("kill a group", "kill", (0, 0)),
            ("tkill", "tkill", (victim, _CONT)),
            ("tgkill", "tgkill", (victim, victim, _CONT)),
            ("rt_sigqueueinfo", "rt_sigqueueinfo", (victim, _CONT, _ZEROS)),
            ("rt_tgsigqueueinfo", "rt_tgsigqueueinfo", (victim, victim, _CONT, _ZEROS)),
            ("pidfd_open", "pidfd_open", (victim, 0)),
            ("pidfd_send_signal", "pidfd_send_signal", (0, 0, 0, 0)),
            ("fcntl F_SETOWN", "fcntl", (0, _F_SETOWN, victim)),
            ("fcntl F_SETSIG", "fcntl", (0, _F_SETSIG, _CONT)),
            ("fcntl F_NOTIFY", "fcntl", (0, _F_NOTIFY, 1)),
            ("ioctl FIOSETOWN", "ioctl", (0, _FIOSETOWN, _ZEROS)),
        ],
        "its limits and priority": [
            ("prlimit64", "prlimit64", (victim, 7, 0, _ZEROS)),
            ("setrlimit", "setrlimit", (7, _ZEROS)),
            ("setpriority", "setpriority", (0, victim, 19)),
            ("setpriority of a user", "setpriority", (2, 0, 0)),
            ("ioprio_set", "ioprio_set", (1, victim, 3 << 13)),
        ],
        "its scheduling and memory's place": [
            ("sched_setaffinity", "sched_setaffinity", (victim, 8, b"\x01")),
            ("sched_getaffinity", "sched_getaffinity", (victim, 128, _ZEROS)),
            ("sched_setscheduler", "sched_setscheduler", (victim, 3, _ZEROS)),
            ("sched_setparam", "sched_setparam", (victim, _ZEROS)),
            ("sched_setattr", "sched_setattr", (victim, _ZEROS, 0)),
            ("migrate_pages", "migrate_pages", (victim, 1, _ZEROS, _ZEROS)),
            ("move_pages", "move_pages", (victim, 0, 0, 0, 0, 0)),
            ("getpgid", "getpgid", (victim,)),
            ("getsid", "getsid", (victim,)),
        ],
        "looking into it": [
            ("ptrace attach", "ptrace", (16, victim, 0, 0)),
            ("ptrace seize", "ptrace", (0x4206, victim, 0, 0)),
            ("process_vm_readv", "process_vm_readv", (victim, _ZEROS, 0, _ZEROS, 0, 0)),
            ("process_vm_writev", "process_vm_writev", (victim, _ZEROS, 0, _ZEROS, 0, 0)),
            ("process_madvise", "process_madvise", (0, 0, 0, 0, 0)),
            ("process_mrelease", "process_mrelease", (0, 0)),
            ("kcmp", "kcmp", (victim, victim, 2, 0, 0)),
            ("pidfd_getfd", "pidfd_getfd", (0, 0, 0)),
            ("get_robust_list", "get_robust_list", (victim, _ZEROS, _ZEROS)),
            ("capget", "capget", (b"\x22\x05\x08\x20" + victim.to_bytes(4, "little"), _ZEROS)),
            ("perf_event_open", "perf_event_open", (_ZEROS, victim, -1, -1, 0)),
        ],
        "changing files outside without opening them": [
            ("chmod", "chmod", (outside, 0o600)),
            ("fchmodat", "fchmodat", (_HERE, outside, 0o600)),
            ("fchmodat2", "fchmodat2", (_HERE, outside, 0o600, 0)),
            ("chown", "chown", (outside, -1, -1)),
            ("lchown", "lchown", (outside, -1, -1)),
            ("fchownat", "fchownat", (_HERE, outside, -1, -1, 0)),
            ("utime", "utime", (outside, 0)),
            ("utimes", "utimes", (outside, 0)),
            ("utimensat", "utimensat", (_HERE, outside, 0, 0)),
            ("futimesat", "futimesat", (_HERE, outside, 0)),
            ("setxattr", "setxattr", (outside, b"user.a", b"a", 1, 0)),
            ("removexattr", "removexattr", (outside, b"user.a")),
            ("truncate", "truncate", (outside, 6)),
            ("flock", "flock", (0, 2)),
            ("fcntl F_SETFL", "fcntl", (1, 4, 0)),
            ("fcntl F_SETLEASE", "fcntl", (0, _F_SETLEASE, 0)),
            ("link", "link", (outside, b"linked")),
            ("linkat", "linkat", (_HERE, outside, _HERE, b"linked", 0)),
            ("name_to_handle_at", "name_to_handle_at", (_HERE, outside, _ZEROS, _ZEROS, 0)),
            ("open_by_handle_at", "open_by_handle_at", (0, _ZEROS, 0)),
        ],
        "special files and links": [
            ("mknod of a device", "mknod", (b"node", 0o20600, 0x103)),
            ("mknodat of a device", "mknodat", (_HERE, b"node", 0o20600, 0x103)),
            ("mknodat of a disk", "mknodat", (_HERE, b"node", 0o60600, 0x700)),
            ("mknodat of a pipe", "mknodat", (_HERE, b"pipe", 0o10600, 0)),
            ("mknodat of a socket", "mknodat", (_HERE, b"socket", 0o140600, 0)),
            ("symlink", "symlink", (b"/etc", b"symlink")),
            ("symlinkat", "symlinkat", (b"/etc", _HERE, new)),
        ],
        "sockets and other ways to talk": [
            *((f"socket {name}", "socket", (family, 1, 0)) for name, family in _FAMILIES.items()),
            ("socketpair", "socketpair", (1, 1, 0, _ZEROS)),
            ("io_uring_setup", "io_uring_setup", (1, _ZEROS)),
            ("io_setup", "io_setup", (1, _ZEROS)),
            ("shmget", "shmget", (0, 4096, 0o1600)),
            ("semget", "semget", (0, 1, 0o1600)),
            ("msgget", "msgget", (0, 0o1600)),
            ("mq_open", "mq_open", (b"cage", 0o102, 0o600, 0)),
            ("splice", "splice", (0, 0, 1, 0, 0, 0)),
            ("vmsplice", "vmsplice", (0, _ZEROS, 0, 0)),
            ("memfd_create", "memfd_create", (b"a", 0)),
            ("memfd_secret", "memfd_secret", (0,)),
        ],
        "processes and programs": [
            ("fork", "fork", ()),
            ("clone", "clone", (17, 0, 0, 0, 0)),
            ("clone of a user", "clone", (17 | _NEW_USER, 0, 0, 0, 0)),
            ("clone3", "clone3", (_ZEROS[:64], 64)),
            ("execve", "execve", (program, 0, 0)),
            ("execveat", "execveat", (_HERE, program, 0, 0, 0)),
            ("setsid", "setsid", ()),
            ("setpgid", "setpgid", (0, 0)),
            ("timer_create", "timer_create", (0, 0, _ZEROS)),
            ("setitimer", "setitimer", (0, _ZEROS, 0)),
            ("alarm", "alarm", (0,)),
            ("mlockall", "mlockall", (0,)),
        ],
        "namespaces and mounts": [
            ("unshare a user", "unshare", (_NEW_USER,)),
            ("unshare mounts", "unshare", (_NEW_MOUNTS,)),
            ("setns", "setns", (0, 0)),
            ("mount", "mount", (b"none", b"/nowhere", b"tmpfs", 0, 0)),
            ("umount2", "umount2", (b"/nowhere", 0)),
            ("pivot_root", "pivot_root", (b"/nowhere", b"/nowhere")),
            ("chroot", "chroot", (b".",)),
            ("open_tree", "open_tree", (_HERE, b"/", 1)),
            ("open_tree_attr", "open_tree_attr", (_HERE, b"/", 1, 0, 0)),
            ("move_mount", "move_mount", (_HERE, b"/", _HERE, b"/", 0)),
            ("fsopen", "fsopen", (b"tmpfs", 0)),
            ("fsconfig", "fsconfig", (0, 0, 0, 0, 0)),
            ("fsmount", "fsmount", (0, 0, 0)),
            ("fspick", "fspick", (_HERE, b"/", 0)),
            ("mount_setattr", "mount_setattr", (_HERE, b"/", 0, _ZEROS, 32)),
            ("statmount", "statmount", (_ZEROS, _ZEROS, 0, 0)),
            ("quotactl", "quotactl", (0, 0, 0, 0)),
            ("quotactl_fd", "quotactl_fd", (0, 0, 0, 0)),
            ("swapon", "swapon", (b"/nowhere", 0)),
            ("swapoff", "swapoff", (b"/nowhere",)),
        ],
        "the kernel": [
            ("bpf", "bpf", (0, _ZEROS, 0)),
            ("userfaultfd", "userfaultfd", (0,)),
            ("keyctl", "keyctl", (0, -3, 0, 0, 0)),
            ("add_key", "add_key", (b"user", b"a", b"a", 1, -3)),
            ("request_key", "request_key", (b"user", b"a", 0, -3)),
            ("init_module", "init_module", (_ZEROS, 0, b"")),
            ("finit_module", "finit_module", (0, b"", 0)),
            ("delete_module", "delete_module", (b"nowhere", 0)),
            ("kexec_load", "kexec_load", (0, 99, 0, 0)),
            ("kexec_file_load", "kexec_file_load", (0, 0, 0, 0, 0)),
            ("reboot", "reboot", (0, 0, 0, 0)),
            ("syslog", "syslog", (10, 0, 0)),
            ("acct", "acct", (b"/nowhere",)),
            ("sethostname", "sethostname", (b"a", 4096)),
            ("setdomainname", "setdomainname", (b"a", 4096)),
            ("settimeofday", "settimeofday", (0, 0)),
            ("clock_settime", "clock_settime", (99, _ZEROS)),
            ("adjtimex", "adjtimex", (_ZEROS,)),
            ("clock_adjtime", "clock_adjtime", (0, _ZEROS)),
            ("iopl", "iopl", (0,)),
            ("ioperm", "ioperm", (0, 1, 0)),
            ("modify_ldt", "modify_ldt", (0, _ZEROS, 0)),
            ("personality", "personality", (0xFFFFFFFF,)),
            ("vhangup", "vhangup", ()),
            ("fanotify_init", "fanotify_init", (0, 0)),
            ("inotify_init1", "inotify_init1", (0,)),
            ("sync", "sync", ()),
            ("syncfs", "syncfs", (0,)),
            ("ioctl TIOCSTI", "ioctl", (0, _TIOCSTI, b"a")),
            ("ioctl TIOCLINUX", "ioctl", (0, _TIOCLINUX, b"a")),
        ],
        "another user, more privileges": [
            *((name, name, (0,)) for name in ("setuid", "setgid", "setfsuid", "setfsgid")),
            ("setreuid", "setreuid", (-1, -1)),
            ("setregid", "setregid", (-1, -1)),
            ("setresuid", "setresuid", (-1, -1, -1)),
            ("setresgid", "setresgid", (-1, -1, -1)),
            ("setgroups", "setgroups", (0, 0)),
            ("capset", "capset", (b"\x22\x05\x08\x20", b"\xff" * 12)),
            ("seccomp", "seccomp", (0, 1, 0)),
            ("prctl PR_SET_MM", "prctl", (35, 1, 0, 0, 0)),
            ("prctl PR_SET_DUMPABLE", "prctl", (4, 1, 0, 0, 0)),
            ("prctl PR_SET_PDEATHSIG", "prctl", (1, 0, 0, 0, 0)),
            ("prctl PR_SET_SECUREBITS", "prctl", (28, 0, 0, 0, 0)),
            ("prctl PR_SET_PTRACER", "prctl", (0x59616D61, -1, 0, 0, 0)),
        ],
    }
