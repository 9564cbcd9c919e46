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
from omnibench.responder import Control, LockStep, ModelOptions, Responder, Session
from omnibench.runner.answers import ModelFailure, checked_answer, model_error
from omnibench.runner.clock import Player
from omnibench.runner.executors import WorkerError, threads_of_processes
from omnibench.runner.play import Model, build_model, open_sessions
from omnibench.runner.transcript import Transcript
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

PARTS = ("face", "audio", "words", "image")


@dataclass(frozen=True, slots=True)
class PassSpec:
    """What one process plays, ``batch`` dialogues at a time in lock-step.

    ``stops`` maps each dialogue to the last frame whose answer counts.
    """

    model: str
    options: ModelOptions
    copy: Path
    split: str
    transcript: Transcript
    contexts: Mapping[str, DialogueContext]
    stops: Mapping[str, int]
    original: Path | None
    forbidden: Sequence[Path]
    batch: int = 1


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
            model = build_model(spec.model, spec.options, threads=1, measuring=True)
        except PermissionError:
            return PassResult({}, sandbox.incidents, hidden)
    if isinstance(model, Control) and not isinstance(model, Responder):
        raise UsageError(f"{model.card.name} is a control that is given the human listener: there is nothing to audit.")
    heard: dict[str, Heard] = {}
    names = list(spec.stops)
    for first in range(0, len(names), spec.batch):
        players = {}
        for name in names[first : first + spec.batch]:
            dialogue = dataset.dialogue(spec.split, name)
            players[name] = Player(dialogue, spec.contexts[name], model.card, spec.transcript, lambda _: None)
        heard |= _converse(players, model, sandbox, spec.stops)
    return PassResult(heard, sandbox.incidents, hidden)


def _converse(
    players: Mapping[str, Player], model: Model, sandbox: Sandbox, stops: Mapping[str, int]
) -> dict[str, Heard]:
    """Play dialogues side by side until all have reached their stops; a failure ends all of them."""
    heard = {name: Heard() for name in players}
    sessions: Sequence[Session] = ()
    try:
        with sandbox.model("opening a dialogue"):
            sessions = open_sessions(model, [player.context for player in players.values()], None)
        # A dialogue whose stop is reached goes on as long as others are heard: they must not notice what it does.
        while any(len(heard[name].answers) <= stops[name] for name in players):
            frames = [player.listen() for player in players.values()]
            answers = _step(sessions, frames, sandbox)
            for (name, player), frame, answer in zip(players.items(), frames, answers, strict=True):
                if frame is not None and frame.index <= stops[name]:
                    checked = checked_answer(answer, model.card, frame.index)
                    heard[name].inputs.append(_digest(frame.face, frame.audio, frame.words, frame.image))
                    heard[name].answers.append(tuple(_digest(getattr(checked, part)) for part in PARTS))
                    player.answer(frame.index, answer, 0.0)
    except ModelFailure as error:
        for found in heard.values():
            found.failure = str(error)
    finally:
        for session in sessions:
            with sandbox.model("closing a dialogue"):
                session.close()
    return heard


def _step(
    sessions: Sequence[Session], frames: Sequence[SpeakerFrame | None], sandbox: Sandbox
) -> Sequence[ListenerFrame | None]:
    """Answers to one frame of each dialogue that goes on. Raises ModelFailure where the model raised anything."""
    (index,) = {frame.index for frame in frames if frame is not None}
    try:
        with sandbox.model(f"step {index}"):
            if len(sessions) > 1 and isinstance(sessions, LockStep):
                return sessions.step_batch(frames)
            return [
                None if frame is None else session.step(frame) for session, frame in zip(sessions, frames, strict=True)
            ]
    except Exception as error:
        raise model_error(f"step {index}", error) from error


def _digest(*values: Any) -> str:
    digest = hashlib.sha256()
    for value in values:
        described = f"{value.dtype}{value.shape}".encode() if hasattr(value, "dtype") else b""
        digest.update(described + (value.tobytes() if described else repr(value).encode()) + b"|")
    return digest.hexdigest()
