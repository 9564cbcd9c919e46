"""One pass of the causality audit: a fresh process in which a model answers copies, each up to a frame, under watch."""

from __future__ import annotations

import hashlib
import multiprocessing
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from omnibench.audit.conceal import conceal
from omnibench.audit.sandbox import Incident, Sandbox
from omnibench.datasets.base import open_dataset
from omnibench.errors import OmnibenchError, UsageError
from omnibench.responder import Control, ModelOptions, Responder, Session
from omnibench.runner.answers import ModelFailure, checked_answer
from omnibench.runner.clock import Player
from omnibench.runner.executors import WorkerError, threads_of_processes
from omnibench.runner.play import Model, build_model, open_sessions
from omnibench.runner.transcript import Transcript
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

PARTS = ("face", "audio", "words", "image")


@dataclass(frozen=True, slots=True)
class PassSpec:
    """What one process plays. ``stops`` maps each dialogue to the last frame whose answer counts."""

    model: str
    options: ModelOptions
    copy: Path
    split: str
    transcript: Transcript
    contexts: Mapping[str, DialogueContext]
    stops: Mapping[str, int]
    original: Path | None
    forbidden: Sequence[Path]


@dataclass(slots=True)
class Heard:
    """What a model answered in one dialogue: per step a digest of each part; and a digest of each input."""

    answers: list[tuple[str, ...]] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    failure: str = ""


@dataclass(slots=True)
class PassResult:
    """All dialogues of one pass, what the sandbox caught, and whether the original data was mounted over."""

    heard: dict[str, Heard]
    incidents: list[Incident]
    hidden: bool


def listen(spec: PassSpec) -> PassResult:
    """Run one pass in a process of its own, which holds nothing of any other pass.

    Raises:
        OmnibenchError: the model cannot be built.
        WorkerError: a bug, or the process died.
    """
    context = multiprocessing.get_context("spawn")
    connection, other = context.Pipe()
    with threads_of_processes(1):
        process = context.Process(target=_work, args=(other, spec), daemon=True)
        process.start()
    other.close()
    try:
        kind, content = connection.recv()
    except EOFError as error:
        process.join()
        raise WorkerError(f"The audit's process ended with exit code {process.exitcode}.") from error
    finally:
        connection.close()
        process.join()
    if kind == "error":
        raise content
    if kind == "bug":
        raise WorkerError(content)
    result: PassResult = content
    return result


def _work(connection: Connection, spec: PassSpec) -> None:
    try:
        connection.send(("result", _listen(spec)))
    except OmnibenchError as error:
        connection.send(("error", error))
    except Exception:
        connection.send(("bug", traceback.format_exc()))


def _listen(spec: PassSpec) -> PassResult:
    hidden = spec.original is not None and conceal(spec.original, spec.copy)
    dataset = open_dataset(str(spec.copy))
    sandbox = Sandbox(spec.forbidden)
    with sandbox.model("being built"):
        try:
            model = build_model(spec.model, spec.options, threads=1)
        except PermissionError:
            return PassResult({}, sandbox.incidents, hidden)
    if isinstance(model, Control) and not isinstance(model, Responder):
        raise UsageError(f"{model.card.name} is a control that is given the human listener: there is nothing to audit.")
    heard = {}
    for dialogue_id, stop in spec.stops.items():
        dialogue = dataset.dialogue(spec.split, dialogue_id)
        player = Player(dialogue, spec.contexts[dialogue_id], model.card, spec.transcript, lambda _: None)
        heard[dialogue_id] = _converse(player, model, sandbox, stop)
    return PassResult(heard, sandbox.incidents, hidden)


def _converse(player: Player, model: Model, sandbox: Sandbox, stop: int) -> Heard:
    heard, session = Heard(), None
    try:
        with sandbox.model("opening a dialogue"):
            session = open_sessions(model, [player.context], None)[0]
        step = _watched(session, model, sandbox, heard)
        while len(heard.answers) <= stop and player.advance(step):
            pass
    except ModelFailure as error:
        heard.failure = str(error)
    finally:
        if session is not None:
            with sandbox.model("closing a dialogue"):
                session.close()
    return heard


def _watched(session: Session, model: Model, sandbox: Sandbox, heard: Heard) -> Any:
    def step(frame: SpeakerFrame) -> ListenerFrame:
        heard.inputs.append(_digest(frame.face, frame.audio, frame.words, frame.image))
        with sandbox.model(f"step {frame.index}"):
            answer = session.step(frame)
        checked = checked_answer(answer, model.card, frame.index)
        heard.answers.append(tuple(_digest(getattr(checked, part)) for part in PARTS))
        return answer

    return step


def _digest(*values: Any) -> str:
    digest = hashlib.sha256()
    for value in values:
        described = f"{value.dtype}{value.shape}".encode() if hasattr(value, "dtype") else b""
        digest.update(described + (value.tobytes() if described else repr(value).encode()) + b"|")
    return digest.hexdigest()
