"""Watches what a model's process opens while the model has the floor.

The rule: from the moment the model is built, its code may read anything but data sets and predictions (its own
weights, libraries and ``/dev/urandom`` are fine), and once it is opened on a dialogue it starts no process and
connects to no other machine. Python's audit hooks see every ``open``, directory listing, process and connection that
goes through Python; readers written in C do not report there, which is why the original data is hidden from the
process as well (see `conceal`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE_EVENTS: Final = frozenset(
    {"open", "os.listdir", "os.scandir", "os.link", "os.symlink", "os.rename", "os.chdir", "sqlite3.connect"}
)
PROCESS_EVENTS: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"}
)
NETWORK_EVENTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})


@dataclass(frozen=True, slots=True)
class Incident:
    """Something the model did and may not do: ``kind`` is ``file``, ``process`` or ``network``."""

    kind: str
    what: str
    while_doing: str


class Sandbox:
    """Forbids folders to the model's code and keeps a list of every try, which fails with PermissionError.

    An audit hook can never be taken away again, so a process has one sandbox, for as long as it lives.

    Args:
        forbidden: folders below which the model may open nothing.
    """

    def __init__(self, forbidden: Sequence[Path]) -> None:
        self.incidents: list[Incident] = []
        self._forbidden = tuple(os.path.realpath(folder) for folder in forbidden)
        # Only the thread that runs the harness is trusted, and only between the model's turns.
        self._harness = threading.get_ident()
        self._model_does = ""
        sys.addaudithook(self._heard)

    @contextmanager
    def model(self, doing: str) -> Iterator[None]:
        """The block runs the model's code; ``doing`` says which, for the list."""
        self._model_does = doing
        try:
            yield
        finally:
            self._model_does = ""

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in FILE_EVENTS:
            self._check_file(event, arguments)
        elif event in PROCESS_EVENTS and self._model_does.startswith("step"):
            self._refuse("process", f"{event} {_shown(arguments)}")
        elif event in NETWORK_EVENTS and self._model_does.startswith("step"):
            self._refuse("network", f"{event} {_shown(arguments)}")

    def _check_file(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._model_does and threading.get_ident() == self._harness:
            return
        for argument in arguments[:2]:
            path = _real_path(argument)
            if path is not None and any(path == root or path.startswith(root + os.sep) for root in self._forbidden):
                self._refuse("file", f"{event} {path}")

    def _refuse(self, kind: str, what: str) -> None:
        self.incidents.append(Incident(kind, what, self._model_does or "in a thread of its own"))
        raise PermissionError(f"omnibench audit: a model may not: {what}")


def _real_path(argument: object) -> str | None:
    if isinstance(argument, bytes):
        argument = os.fsdecode(argument)
    if not isinstance(argument, str | os.PathLike) or not os.fspath(argument):
        return None
    return os.path.realpath(os.fsdecode(os.fspath(argument)))


def _shown(arguments: tuple[object, ...]) -> str:
    return " ".join(str(argument) for argument in arguments[:2])[:200]
