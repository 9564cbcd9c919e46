"""What runs in a model's own process: the model, and nothing of the dialogues but what it is handed frame by frame.

No data set is open here, no recorder, no clock: the harness sits at the other end of a socket and measures there. A
control, and only a control, opens the data set, for its oracle. An audit's process differs from a run's by its fence
alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from omnibench.errors import OmnibenchError
from omnibench.model_file import source_files
from omnibench.responder import (
    BatchResponder,
    Control,
    FileEntry,
    LockStep,
    ModelOptions,
    Oracle,
    Session,
    find_model,
)
from omnibench.runner.answers import model_error, raised
from omnibench.runner.building import Model, account_of, build_model, guarded, is_given_oracle, open_sessions
from omnibench.runner.fence import Fence, FenceSpec, readable, volatile_folders
from omnibench.runner.seclusion import seclude
from omnibench.runner.wire import card_json, pack, pack_answers, pack_raised
from omnibench.system.memory import be_the_first_victim, limit_memory
from omnibench.system.places import expanded
from omnibench.system.refusals import machine_fault
from omnibench.types import DialogueContext, SpeakerFrame

INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a process needs to hold one model. ``oracle`` is ``(data, split, seed)``, opened for a control alone;
    ``memory`` is the most it may take, in 10^9 bytes.
    """

    name: str
    threads: int = 1
    checkpoint: Path | None = None
    device: str = "cpu"
    settings: Mapping[str, Any] = field(default_factory=dict)
    memory: float | None = None
    measuring: bool = False
    oracle: tuple[str, str, int] | None = None
    fence: FenceSpec | None = None

    @property
    def options(self) -> ModelOptions:
        """How the model is built."""
        return ModelOptions(self.checkpoint, self.device, self.settings)


def main(descriptor: int, lifeline: int) -> None:
    """Serve the harness at the other end of socket ``descriptor`` until it hangs up, or ``lifeline`` says it died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the harness decides
    connection = Connection(descriptor)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a model prints for its author is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        spec: ModelSpec | str = connection.recv()
        hidden = not isinstance(spec, str) and spec.fence is not None and _seclude(spec.fence)
        threading.Thread(target=_die_with_harness, args=(lifeline,), daemon=True).start()
        _serve(connection, spec, hidden)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    sys.stdout.flush()
    sys.stderr.flush()
    # Nobody waits for what a model's threads or libraries would still do.
    os._exit(0)


def _die_with_harness(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)


def _seclude(fence: FenceSpec) -> bool:
    """Hide the data and what anybody may have left; before the process's second thread, as the system asks."""
    keep = [*readable(fence.named), *fence.sources, *(Path(folder) for folder in sys.path if folder)]
    return seclude(volatile_folders(), keep, dict(fence.replace))


def _serve(connection: Connection, spec: ModelSpec | str, hidden: bool) -> None:
    try:
        if isinstance(spec, str):
            connection.send_bytes(_described(spec))
            return
        floor = _Floor.build(spec, hidden)
    except OmnibenchError as error:
        connection.send_bytes(pack({"kind": "error", "type": type(error).__name__, "text": str(error)}))
        return
    except Exception as error:
        fault = machine_fault(error)
        unhappy = {"kind": "error", "type": "InputError", "text": fault}
        connection.send_bytes(pack(unhappy if fault else {"kind": "bug", "trace": traceback.format_exc()}))
        return
    connection.send_bytes(floor.ready())
    while True:
        what, arguments = connection.recv()
        connection.send_bytes(floor.answer(what, arguments))


def _described(name: str) -> bytes:
    """A model of a file: its card, the hash of its code, and when each file of it was modified."""
    entry = find_model(name)
    if not isinstance(entry, FileEntry):
        raise AssertionError(f"{name} is no file")
    path = expanded(name.rpartition(":")[0])
    modified = {str(file.resolve()): file.stat().st_mtime_ns for file in source_files(path)}
    return pack({"kind": "card", "card": card_json(entry.card), "source": entry.source, "modified": modified})


class _Floor:
    """The model, its sessions by number, and what each message does with them."""

    def __init__(self, model: Model, oracle: Oracle | None, fence: Fence, hidden: bool) -> None:
        self._model, self._oracle, self._fence, self._hidden = model, oracle, fence, hidden
        self._sessions: dict[int, Session] = {}
        self._groups: dict[int, LockStep] = {}
        self._opened = 0

    @classmethod
    def build(cls, spec: ModelSpec, hidden: bool) -> _Floor:
        be_the_first_victim()
        if spec.memory is not None:
            limit_memory(spec.memory)
        fence = Fence(spec.fence)
        model = build_model(find_model(spec.name), spec.name, spec.options, spec.threads, spec.measuring)
        return cls(model, _oracle_of(model, spec), fence, hidden)

    def ready(self) -> bytes:
        together = isinstance(self._model, BatchResponder)
        needs_oracle = is_given_oracle(self._model)
        known = {"together": together, "needs_oracle": needs_oracle, "hidden": self._hidden}
        return pack({"kind": "ready", "card": card_json(self._model.card), **known})

    def answer(self, what: str, arguments: Any) -> bytes:
        """Do what a message asks; whatever the model raises on the way is the answer."""
        calls: dict[str, Callable[..., bytes]] = {
            "open": self._open,
            "step": self._step,
            "step_batch": self._step_batch,
            "account": self._account,
            "close": self._close,
            "incidents": self._incidents,
        }
        try:
            return calls[what](*arguments)
        except (Exception, SystemExit) as error:
            return pack_raised(raised(error))

    def _open(self, contexts: Sequence[DialogueContext]) -> bytes:
        with self._fence.doing("opening a dialogue"):
            sessions = open_sessions(self._model, contexts, self._oracle)
        first, self._opened = self._opened, self._opened + len(sessions)
        self._sessions |= dict(enumerate(sessions, first))
        if len(contexts) > 1 and isinstance(sessions, LockStep):
            self._groups[first] = sessions
        return pack({"kind": "opened", "first": first, "count": len(sessions), "together": first in self._groups})

    def _step(self, number: int, frame: SpeakerFrame) -> bytes:
        try:
            with self._fence.doing(f"step {frame.index}"):
                answer = self._sessions[number].step(frame)
        except (Exception, SystemExit) as error:
            raise model_error(f"step {frame.index}", error) from error
        return pack_answers([answer], self._model.card, [frame.index])

    def _step_batch(self, group: int, frames: Sequence[SpeakerFrame | None]) -> bytes:
        (index,) = {frame.index for frame in frames if frame is not None}
        with self._fence.doing(f"step {index}"):
            answers = self._groups[group].step_batch(frames)
        if len(answers) != len(frames):
            raise ValueError(f"{len(answers)} answers to {len(frames)} dialogues")
        return pack_answers(answers, self._model.card, [None if frame is None else index for frame in frames])

    def _account(self, number: int) -> bytes:
        account = guarded("account", lambda: account_of(self._sessions[number]))
        return pack({"kind": "account", "account": account})

    def _close(self, number: int) -> bytes:
        session = self._sessions[number]
        try:
            with self._fence.doing("closing a dialogue"):
                guarded("close", session.close)
            return self._account(number)
        finally:
            del self._sessions[number]
            if not self._sessions:
                self._groups.clear()

    def _incidents(self) -> bytes:
        found = [[incident.kind, incident.what, incident.while_doing] for incident in self._fence.incidents]
        return pack({"kind": "incidents", "incidents": found})


def _oracle_of(model: Model, spec: ModelSpec) -> Oracle | None:
    """The human listeners, for a control. Ground truth never reaches another model's process."""
    if spec.oracle is None or not isinstance(model, Control) or model.card.kind != "control":
        return None
    from omnibench.datasets.opening import open_dataset
    from omnibench.runner.oracle import SplitOracle

    data, split, seed = spec.oracle
    return SplitOracle(open_dataset(data), split, seed)
