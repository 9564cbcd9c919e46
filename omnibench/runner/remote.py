"""The harness's end of a model's process: starts it, hands it frames, and measures what each answer took.

Whatever a model does to its own clock, modules or objects stays in its process. The command line is the same for every
model and every purpose.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Final

from omnibench import errors
from omnibench.errors import InputError, ModelFailure, OmnibenchError
from omnibench.model_file import is_model_file
from omnibench.responder import MODELS, ModelCard, ModelEntry, ModelOptions, Session, find_model
from omnibench.runner.answers import model_error
from omnibench.runner.building import Model
from omnibench.runner.fence import Incident
from omnibench.runner.model_process import INTERRUPTED, ModelSpec
from omnibench.runner.wire import (
    Cost,
    Header,
    Opened,
    ReadFile,
    Ready,
    Refused,
    Unhappy,
    card_from_json,
    checked,
    unpack,
    unpack_answers,
    unpack_raised,
)
from omnibench.system.process_tree import Spent, own_children, times_put_off, tree_spent, waited_seconds
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from omnibench.runner.model_process import main; main(int(sys.argv[1]), int(sys.argv[2]))"
)


class ProcessEnded(BaseException):
    """A model's process is gone, with this exit code. No Exception: whoever handles a model's errors must not handle
    this as one of them.
    """

    def __init__(self, exitcode: int) -> None:
        super().__init__(exitcode)
        self.exitcode = exitcode


class ModelBug(Exception):
    """A bug of ours met in a model's process; the text is its traceback."""


class RemoteModel:
    """A model in a process of its own. The time of a daemon that it leaves behind is counted where this process is one
    that adopts orphans.

    Raises:
        OmnibenchError: the model cannot be built.
        ProcessEnded: its process died of it.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._line = _Line(spec)
        ready = checked(Ready, self._line.receive())
        self.card: ModelCard = card_from_json(ready.card)
        self.opens_together, self.needs_oracle, self.hidden = ready.together, ready.needs_oracle, ready.hidden

    def open(self, contexts: Sequence[DialogueContext]) -> Sequence[Session]:
        """Open dialogues, several together; a ``LockStep`` where the model steps them in one call.

        Raises:
            ModelFailure: the model raised anything.
        """
        opened = checked(Opened, self._line.ask("open", list(contexts)))
        if opened.count != len(contexts):
            raise ModelFailure(f"the model's process opened {opened.count} dialogues of {len(contexts)}.")
        sessions = [_RemoteSession(self._line, opened.first + n) for n in range(opened.count)]
        return _RemoteGroup(self._line, opened.first, sessions) if opened.together else sessions

    def spent(self) -> Spent:
        """Processor time that the model's process has taken, with its threads and whatever it started."""
        return self._line.spent()

    def incidents(self) -> list[Incident]:
        """What the process's fence refused so far."""
        return [Incident(*found) for found in checked(Refused, self._line.ask("incidents")).incidents]

    def close(self) -> None:
        """End the process."""
        self._line.close()


class _RemoteSession:
    """One dialogue over there."""

    def __init__(self, line: _Line, number: int) -> None:
        self._line, self._number = line, number
        self._account: Mapping[str, float] | None = None

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        (answer,) = self._line.ask_answers("step", self._number, frame)
        if answer is None:
            raise ModelFailure(f"step {frame.index}: the model's process sent no answer.")
        return answer

    def account(self) -> Mapping[str, float]:
        if self._account is None:
            self._account = checked(Cost, self._line.ask("account", self._number)).account
        return self._account

    def close(self) -> None:
        self._account = checked(Cost, self._line.ask("close", self._number)).account


class _RemoteGroup(list[Session]):
    """Dialogues that one call steps."""

    def __init__(self, line: _Line, number: int, sessions: Sequence[Session]) -> None:
        super().__init__(sessions)
        self._line, self._number = line, number

    def step_batch(self, frames: Sequence[SpeakerFrame | None]) -> Sequence[ListenerFrame | None]:
        return self._line.ask_answers("step_batch", self._number, list(frames))


class _Line:
    """The process and the socket to it."""

    def __init__(self, spec: ModelSpec | str) -> None:
        self._socket, there = Pipe()
        lifeline, self._alive = os.pipe()
        self._beside, self._receiving = own_children(), 0.0
        command = [sys.executable, "-P", "-c", _START, str(there.fileno()), str(lifeline), json.dumps(sys.path)]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, pass_fds=(there.fileno(), lifeline)
        )
        there.close()
        os.close(lifeline)
        self._socket.send(spec)

    def ask(self, what: str, *arguments: object) -> Header:
        """Send a message and return what the answer says. Raises as `receive`."""
        before = self._sent(what, arguments)
        header = self.receive()
        self._receiving += waited_seconds(os.getpid()) - before
        return header

    def ask_answers(self, what: str, *arguments: object) -> list[ListenerFrame | None]:
        """Send a message that a model's answers come back to. Raises as `receive`."""
        before = self._sent(what, arguments)
        header, content = unpack(self._bytes())
        _raise_for(header)
        answers = unpack_answers(header, content)
        self._receiving += waited_seconds(os.getpid()) - before
        return answers

    def receive(self) -> Header:
        """The next message.

        Raises:
            Raised: what the model's own code raised.
            OmnibenchError: the model cannot be built.
            ModelBug: a bug.
            ProcessEnded: no process is there any more.
        """
        header, _ = unpack(self._bytes())
        _raise_for(header)
        return header

    def spent(self) -> Spent:
        found = tree_spent(self._process.pid, self._beside)
        return found._replace(waited=found.waited + self._receiving)

    def close(self) -> None:
        self._socket.close()
        os.close(self._alive)
        self._process.kill()
        self._process.wait()

    def _sent(self, what: str, arguments: Sequence[object]) -> float:
        """Send a message and sleep until the answer comes; returns how long this side had waited for a processor by
        then. What it waits when that wakes it is in no step's time; but where others had put it off its processor
        before it slept, it may have waited while the model was at work, and counts from here on.
        """
        try:
            self._socket.send((what, arguments))
        except (BrokenPipeError, ConnectionResetError):
            raise ProcessEnded(self._process.wait()) from None
        put_off, before = times_put_off(), waited_seconds(os.getpid())
        self._socket.poll(None)
        woken = waited_seconds(os.getpid())
        return before if times_put_off() == put_off else woken

    def _bytes(self) -> bytes:
        try:
            return self._socket.recv_bytes()
        except (EOFError, ConnectionResetError):
            raise ProcessEnded(self._process.wait()) from None


def _raise_for(header: Header) -> None:
    kind = header.get("kind")
    if kind == "raised":
        error = unpack_raised(header)
        if error.verdict in ("gave_up", "gave_up_unavailable"):
            raise model_error("", error) from error
        raise error
    if kind == "error":
        kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
        said = checked(Unhappy, header)
        found = kinds.get(said.type, OmnibenchError)
        raise (found if issubclass(found, OmnibenchError) else OmnibenchError)(said.text)
    if kind == "bug":
        raise ModelBug(checked(Unhappy, header).trace)


@dataclass(frozen=True, slots=True)
class _FileEntry(ModelEntry):
    """A model of a file, as another process read it; built, the file is read again."""

    card: ModelCard
    _name: str
    source: str = ""

    def build(self, options: ModelOptions) -> Model:
        return find_model(self._name).build(options)


_READ: Final[dict[str, tuple[_FileEntry, Mapping[str, int]]]] = {}
"""Entries that were read, and when each of their files was modified, in nanoseconds."""


def model_entry(name: str) -> ModelEntry:
    """A model by name or by ``path/to/file.py:Class``. A file is read in a process of its own: it may be anybody's,
    and this one measures and scores.

    Raises:
        OmnibenchError: as `omnibench.responder.find_model`.
    """
    if name in MODELS.names() or not is_model_file(name):
        return find_model(name)
    place = str(Path.cwd() / name)
    known = _READ.get(place)
    if known is None or any(not Path(f).exists() or Path(f).stat().st_mtime_ns != at for f, at in known[1].items()):
        known = _READ[place] = _read(name)
    return known[0]


def _read(name: str) -> tuple[_FileEntry, Mapping[str, int]]:
    line = _Line(name)
    try:
        found = checked(ReadFile, line.receive())
        return _FileEntry(card_from_json(found.card), name, found.source), found.modified
    except ProcessEnded as ended:
        if ended.exitcode in (-signal.SIGINT, INTERRUPTED):
            raise KeyboardInterrupt from None
        raise InputError(f"{name}: the process that read the file ended with exit code {ended.exitcode}.") from None
    finally:
        line.close()
