"""A process that starts afresh, at the other end of a pipe."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pickle import PicklingError
from types import ModuleType
from typing import Any, Final

from omnibench.errors import InputError

THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def spawn(work: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Connection]:
    """Start ``work(connection, *arguments)`` in a new process; returns it and this end of the pipe.

    It has nothing of this one but the arguments, not even its script, which so needs no guard against being run twice.
    It ends when this one does, and leaves Ctrl-C, which reaches the whole group, to this one.

    Raises:
        InputError: an argument that cannot be sent to another process.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(there, work, arguments), daemon=True)
    try:
        with _without_script():
            process.start()
    except (PicklingError, TypeError, AttributeError) as error:
        raise InputError(
            f"What a worker process needs cannot be sent there ({error}). A data set of one's own holds no open file "
            f"and is of a class in a module; in this process alone (--workers 0) it can be anything."
        ) from error
    there.close()
    return process, here


def _run(connection: Connection, work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    work(connection, *arguments)


def end_with_parent() -> None:
    """Let this process, which another one spawned, end when that one does, however it is killed."""
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    wait([parent.sentinel])
    os._exit(1)


@contextmanager
def _without_script() -> Iterator[None]:
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


@contextmanager
def threads_of_processes(count: int) -> Iterator[None]:
    """The environment in which numeric libraries of a new process start with ``count`` threads."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
