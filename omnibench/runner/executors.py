"""Runs groups of dialogues in spawned workers, each with its model in a process of its own, or in this one.

A worker plays, measures and records; its model has a process below it, which holds nothing of the data. Both die with
the parent (a killed run leaves no process behind), and nothing that they do outlasts them: a worker writes into staging
only, the parent publishes.
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from omnibench.errors import InputError, MissingError, OmnibenchError
from omnibench.files.records import JournalLine, Status
from omnibench.responder import ModelCard
from omnibench.runner.play import Played, PlaySpec, Stage
from omnibench.runner.remote import ModelBug, ProcessEnded
from omnibench.system.memory import MORE_MEMORY, kernel_kills
from omnibench.system.process_tree import adopt_orphans
from omnibench.system.refusals import machine_fault
from omnibench.system.spawning import spawn, threads_of_processes

REPORTED_FRAMES = 10

OnFrames = Callable[[int], None]
OnPlayed = Callable[[Sequence[Played]], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what happens: the card of the model as built, frames as they are played, dialogues as they end."""

    built: Callable[[ModelCard], None]
    frames: OnFrames
    played: OnPlayed


class WorkerError(Exception):
    """A bug met in a worker process; the text is its traceback."""


def run_here(spec: PlaySpec, groups: Sequence[Sequence[str]], staging: Path, listener: Listener) -> None:
    """Play all groups in this process, one after the other."""
    with closing(Stage(spec, apart=False)) as stage:
        listener.built(stage.card)
        for group in groups:
            listener.played(stage.play(group, staging, listener.frames))


def run_spawned(
    spec: PlaySpec, groups: Sequence[Sequence[str]], staging: Path, workers: int, listener: Listener
) -> None:
    """Play groups in up to ``workers`` processes. ``listener`` is called here.

    A process that dies is replaced. Its dialogues are ``model_failed`` where the kernel ended it because memory ran
    out, and ``infra_failed`` otherwise (a crash in a library, somebody's kill).

    Raises:
        OmnibenchError: what a worker raised while it built the model or opened the data.
        MissingError: a worker died of it.
        WorkerError: a bug.
    """
    waiting = list(groups)
    pool: list[_Worker] = []
    try:
        with threads_of_processes(spec.model.threads):
            pool = [_Worker(spec, staging) for _ in range(min(workers, len(waiting)))]
        while pool:
            for ready in wait([worker.connection for worker in pool]):
                worker = next(w for w in pool if w.connection is ready)
                if worker.handle(waiting, listener):
                    continue
                worker.stop()
                pool.remove(worker)
                if waiting and worker.died:
                    with threads_of_processes(spec.model.threads):
                        pool.append(_Worker(spec, staging))
    finally:
        for worker in pool:
            worker.stop()


class _Worker:
    """One spawned process, what it is playing, and the pipe to it."""

    def __init__(self, spec: PlaySpec, staging: Path) -> None:
        self._process, self.connection = spawn(_work, spec, staging)
        self._group: Sequence[str] | None = None
        self._kills = kernel_kills()
        self.died = False

    def handle(self, waiting: list[Sequence[str]], listener: Listener) -> bool:
        """Take one message; False when the process is not needed any more or is gone."""
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            return self._mourn(listener, self._process.exitcode)
        if kind == "ended":
            return self._mourn(listener, content)
        if kind == "frames":
            listener.frames(content)
            return True
        if kind == "error":
            raise content
        if kind == "bug":
            raise WorkerError(content)
        if kind == "ready":
            listener.built(content)
        if kind == "played":
            listener.played(content)
        self._group, self._kills = (waiting.pop(0) if waiting else None), kernel_kills()
        if self._group is not None:
            self.connection.send(self._group)
        return self._group is not None

    def stop(self) -> None:
        """End the process, whatever it does, and close the pipe."""
        self.connection.close()
        self._process.terminate()
        self._process.join()

    def _mourn(self, listener: Listener, exitcode: int | None) -> bool:
        starved = exitcode == -signal.SIGKILL and kernel_kills() > self._kills
        ending = "out of memory: the kernel ended it" if starved else _ending(exitcode)
        reason = f"the worker process ended ({ending})"
        if self._group is None and exitcode is not None and exitcode >= 0:
            raise InputError(f"While the model was loaded, {reason}: its own code did that. Its last words are above.")
        if self._group is None:
            raise MissingError(f"While the model was loaded, {reason}. {MORE_MEMORY}.")
        status: Status = "model_failed" if starved else "infra_failed"
        listener.played(
            [
                Played(JournalLine(id=dialogue, status=status, stage="generate", reason=reason))
                for dialogue in self._group
            ]
        )
        self.died = True
        return False


def _work(connection: Connection, spec: PlaySpec, staging: Path) -> None:
    """What a worker process does: build, then play groups until the parent has no more."""
    adopt_orphans()
    try:
        stage = Stage(spec, apart=True)
        connection.send(("ready", stage.card))
        while True:
            group = connection.recv()
            connection.send(("played", stage.play(group, staging, _counted(connection))))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except ProcessEnded as ended:
        connection.send(("ended", ended.exitcode))
    except OmnibenchError as error:
        connection.send(("error", error))
    except ModelBug as bug:
        connection.send(("bug", str(bug)))
    except Exception as error:
        fault = machine_fault(error)
        connection.send(("error", InputError(fault)) if fault else ("bug", traceback.format_exc()))


def _counted(connection: Connection) -> OnFrames:
    pending = 0

    def on_frames(count: int) -> None:
        nonlocal pending
        pending += count
        if pending >= REPORTED_FRAMES or not count:
            connection.send(("frames", pending))
            pending = 0

    return on_frames


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"signal {signal.Signals(-exitcode).name}; out of memory?"
    return f"exit code {exitcode}"
