"""Watches what a model's process opens, starts and connects to, for an audit.

The rule: a model may read its libraries, its own sources, its weights and the files that its settings name. Data sets
and predictions are forbidden to it; any other file is out of its reach, since an earlier run may have left there what
it heard. Once it is opened on a dialogue it starts no process, and it connects to nobody. Python's audit hooks see
every ``open``, directory listing, process and connection that goes through Python; readers written in C do not report
there, which is why folders are hidden from the process as well (see `omnibench.runner.seclusion`).
"""

from __future__ import annotations

import os
import site
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from omnibench.system.places import home

FILE_EVENTS: Final = frozenset(
    {"open", "os.listdir", "os.scandir", "os.mkdir", "os.link", "os.symlink", "os.rename", "os.chdir"}
    | {"sqlite3.connect"}
)
PROCESS_EVENTS: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
)
NETWORK_EVENTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})

SYSTEM: Final = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/nix", "/opt", "/proc", "/sbin", "/snap", "/sys",
    "/usr", "/var/cache", "/var/lib",
)  # fmt: skip
"""Where libraries, devices and certificates lie; ``/dev/shm`` is no such place."""

LIBRARY_CACHES: Final = (
    ".cache/fontconfig", ".cache/huggingface", ".cache/matplotlib", ".cache/numba", ".cache/torch",
    ".config/matplotlib", ".nv", ".triton",
)  # fmt: skip
"""Below the home folder: what libraries keep from one program to the next."""

INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
CODE: Final = (".py", ".pyc", ".so", ".pyd")
METADATA: Final = (".dist-info", ".egg-info")
"""Folders beside code in which a package says what it is and registers."""

Kind = Literal["file", "unnamed", "process", "network"]


@dataclass(frozen=True, slots=True)
class Incident:
    """Something the model tried: a forbidden ``file``, an ``unnamed`` one, a ``process`` or the ``network``."""

    kind: Kind
    what: str
    while_doing: str


@dataclass(frozen=True, slots=True)
class FenceSpec:
    """What one model's process may reach. ``forbidden`` holds the data and predictions, ``named`` what the run's
    identity covers: weights, files of the settings, installed packages; of a ``sources`` folder it may read Python code
    alone. ``replace`` maps the data's folder to the copy shown in its place.
    """

    forbidden: tuple[Path, ...]
    named: tuple[Path, ...] = ()
    sources: tuple[Path, ...] = ()
    replace: tuple[tuple[Path, Path], ...] = ()


def readable(named: Sequence[Path]) -> list[Path]:
    """What a model may read beside the `SYSTEM`: ``named``, Python, its packages and libraries' caches."""
    installed = [folder for folder in sys.path if Path(folder).name in INSTALLED]
    packages = [sys.prefix, sys.base_prefix, sys.exec_prefix, site.getusersitepackages(), *installed]
    caches = [home() / name for name in LIBRARY_CACHES]
    caches += [Path(os.environ[name]) for name in ("HF_HOME", "TORCH_HOME", "NUMBA_CACHE_DIR") if name in os.environ]
    return [*named, *(Path(folder) for folder in packages if folder), *caches]


def volatile_folders() -> list[Path]:
    """Where anybody leaves files for later: temporary folders, shared memory, the home and the working folder."""
    own = Path(f"/run/user/{os.getuid()}") if hasattr(os, "getuid") else Path(tempfile.gettempdir())
    return [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), own, home(), Path.cwd()]  # noqa: S108


class Fence:
    """Refuses what the rule forbids, with PermissionError, and keeps a list of every try.

    Without a ``spec`` nothing is watched: a run's fence. An audit hook can never be taken away again, so a process has
    one fence, for as long as it lives.
    """

    def __init__(self, spec: FenceSpec | None) -> None:
        self.incidents: list[Incident] = []
        self._doing = "being loaded"
        if spec is not None:
            self._forbidden = _real(spec.forbidden)
            self._shared = _real([Path("/dev/shm")])  # noqa: S108
            self._allowed = _real([*readable(spec.named), *(Path(folder) for folder in SYSTEM)])
            self._sources = _real([*spec.sources, *(Path(folder) for folder in sys.path if folder)])
            self._own: set[str] = set()
            sys.addaudithook(self._heard)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """The block runs the model's code; ``what`` says which, for the list."""
        before, self._doing = self._doing, what
        try:
            yield
        finally:
            self._doing = before

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in FILE_EVENTS:
            self._check_file(event, arguments)
        elif event in NETWORK_EVENTS:
            self._refuse("network", f"{event} {_shown(arguments)}")
        elif event in PROCESS_EVENTS and self._doing != "being loaded":
            self._refuse("process", f"{event} {_shown(arguments)}")

    def _check_file(self, event: str, arguments: tuple[object, ...]) -> None:
        for argument in arguments[:2] if event in ("os.link", "os.symlink", "os.rename") else arguments[:1]:
            path = _real_path(argument)
            if path is None:
                continue
            if _below(path, self._forbidden):
                self._refuse("file", f"{event} {path}")
            if event == "os.mkdir" and not Path(path).exists():
                self._own.add(path)
            if event in ("open", "sqlite3.connect") and not self._may_open(path, arguments):
                self._refuse("unnamed", f"{event} {path}")

    def _may_open(self, path: str, arguments: tuple[object, ...]) -> bool:
        """What this process made itself it may read again; what it only writes, nobody reads in its audit."""
        flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and not Path(path).exists():
            self._own.add(path)
        if _below(path, tuple(self._own)) or flags & os.O_ACCMODE == os.O_WRONLY:
            return True
        if (path.endswith(CODE) or Path(path).parent.suffix in METADATA) and _below(path, self._sources):
            return True
        return _below(path, self._allowed) and not _below(path, self._shared)

    def _refuse(self, kind: Kind, what: str) -> None:
        self.incidents.append(Incident(kind, what, self._doing))
        raise PermissionError(f"omnibench: a model may not: {what}")


def _real(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(os.path.realpath(path) for path in paths)


def _below(path: str, roots: Sequence[str]) -> bool:
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _real_path(argument: object) -> str | None:
    if isinstance(argument, bytes):
        argument = os.fsdecode(argument)
    if not isinstance(argument, str | os.PathLike) or not os.fspath(argument):
        return None
    return os.path.realpath(os.fsdecode(os.fspath(argument)))


def _shown(arguments: tuple[object, ...]) -> str:
    return " ".join(str(argument) for argument in arguments[:2])[:200]
