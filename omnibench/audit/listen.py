"""One pass of the causality audit: a worker as a run has it, in which a model behind a fence answers copies of
dialogues, each up to a frame.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from omnibench.datasets.opening import open_dataset
from omnibench.datasets.transcript import Transcript
from omnibench.errors import ModelFailure, OmnibenchError
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.responder import LockStep, Session
from omnibench.runner.answers import Raised, checked_answer, model_error
from omnibench.runner.clock import Player
from omnibench.runner.executors import WorkerError
from omnibench.runner.fence import Incident
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.recorder import Recorder
from omnibench.runner.remote import ModelBug, ProcessEnded, RemoteModel
from omnibench.system.process_tree import Spent
from omnibench.system.spawning import spawn, threads_of_processes
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

PARTS = ("face", "audio", "words", "image")
KEPT = ("text", "audio", "vector", "video")


@dataclass(frozen=True, slots=True)
class PassSpec:
    """What one worker plays, ``batch`` dialogues at a time in lock-step.

    ``stops`` maps each dialogue to the last frame whose answer counts; one whose last frame that is leaves its answers'
    hashes as well.
    """

    model: ModelSpec
    copy: Path
    split: str
    transcript: Transcript
    contexts: Mapping[str, DialogueContext]
    stops: Mapping[str, int]
    batch: int = 1


@dataclass(slots=True)
class Heard:
    """What a model answered in one dialogue: per step a digest of each part; a digest of each input, and from which
    frame on that was the insertion's; and, of a dialogue that was played to its end, the sha256 of each file that a run
    would have kept.
    """

    answers: list[tuple[str, ...]] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    inserted: int | None = None


@dataclass(slots=True)
class PassResult:
    """All dialogues of one pass, what the fence refused, and whether the originals were mounted over."""

    heard: dict[str, Heard]
    incidents: list[Incident]
    hidden: bool


def listen(spec: PassSpec) -> PassResult:
    """Run one pass in a worker of its own, which holds nothing of any other pass.

    Raises:
        OmnibenchError: the model cannot be built.
        WorkerError: a bug, or the worker died.
    """
    with threads_of_processes(spec.model.threads):
        process, connection = spawn(_work, spec)
    try:
        kind, content = connection.recv()
    except EOFError as error:
        process.join()
        raise WorkerError(f"The audit's worker ended with exit code {process.exitcode}.") from error
    except BaseException:  # a signal: nobody waits for the answers
        process.terminate()
        raise
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
    except ModelBug as bug:
        connection.send(("bug", str(bug)))
    except Exception:
        connection.send(("bug", traceback.format_exc()))


def _listen(spec: PassSpec) -> PassResult:
    dataset = open_dataset(str(spec.copy))
    names = list(spec.stops)
    heard = {name: Heard() for name in names}
    try:
        model = RemoteModel(spec.model)
    except ProcessEnded as ended:
        return _dead(heard, ended)
    renderer = DEFAULT_RENDERER if "image" in model.card.outputs else ""
    try:
        for first in range(0, len(names), spec.batch):
            group = {}
            for name in names[first : first + spec.batch]:
                context, dialogue = spec.contexts[name], dataset.dialogue(spec.split, name)
                folder = spec.copy / ".answers" / name
                recorder = Recorder(folder, context, model.card, renderer, on_drawn=lambda _: None)
                player = Player(dialogue, context, model.card, spec.transcript, recorder.play)
                group[name] = (player, recorder)
            heard |= _converse(group, model, spec.stops)
        return PassResult(heard, model.incidents(), model.hidden)
    except ProcessEnded as ended:
        return _dead(heard, ended)
    finally:
        model.close()


def _dead(heard: dict[str, Heard], ended: ProcessEnded) -> PassResult:
    for found in heard.values():
        found.failure = f"the model's process ended with exit code {ended.exitcode}"
    return PassResult(heard, [], hidden=False)


def _converse(
    group: Mapping[str, tuple[Player, Recorder]], model: RemoteModel, stops: Mapping[str, int]
) -> dict[str, Heard]:
    """Play dialogues side by side until all have reached their stops; a failure ends all of them."""
    heard = {name: Heard() for name in group}
    sessions: Sequence[Session] = ()
    try:
        sessions = model.open([player.context for player, _ in group.values()])
        # A dialogue whose stop is reached goes on as long as others are heard: they must not notice what it does.
        while any(len(heard[name].answers) <= stops[name] for name in group):
            frames = [player.listen() for player, _ in group.values()]
            answers = _step(sessions, frames)
            for (name, (player, _)), frame, answer in zip(group.items(), frames, answers, strict=True):
                if frame is not None and frame.index <= stops[name]:
                    checked = checked_answer(answer, model.card, frame.index)
                    heard[name].inputs.append(digest_of_input(frame))
                    heard[name].answers.append(tuple(_digest(getattr(checked, part)) for part in PARTS))
                    player.answer(frame.index, answer, 0.0, Spent(0.0, 0.0))
        for name, (player, recorder) in group.items():
            heard[name].inserted = player.inserted
            if stops[name] == player.frames - 1:
                kept = recorder.finish(player.words, {})
                heard[name].files = {part: kept[part].sha256 for part in KEPT if part in kept}
    except (ModelFailure, Raised) as error:
        for found in heard.values():
            found.failure = str(error)
    finally:
        for session in sessions:
            with suppress(ModelFailure, Raised):
                session.close()
        for _, recorder in group.values():
            recorder.abandon()
    return heard


def _step(sessions: Sequence[Session], frames: Sequence[SpeakerFrame | None]) -> Sequence[ListenerFrame | None]:
    """Answers to one frame of each dialogue that goes on. Raises ModelFailure where the model raised anything."""
    (index,) = {frame.index for frame in frames if frame is not None}
    try:
        if len(sessions) > 1 and isinstance(sessions, LockStep):
            return sessions.step_batch(frames)
        return [None if frame is None else session.step(frame) for session, frame in zip(sessions, frames, strict=True)]
    except Raised as error:
        raise model_error(f"step {index}", error) from error


def digest_of_input(frame: SpeakerFrame) -> str:
    """A digest of all that a model is handed of one frame."""
    return _digest(frame.face, frame.audio, frame.words, frame.image)


def _digest(*values: Any) -> str:
    digest = hashlib.sha256()
    for value in values:
        described = f"{value.dtype}{value.shape}".encode() if hasattr(value, "dtype") else b""
        digest.update(described + (value.tobytes() if described else repr(value).encode()) + b"|")
    return digest.hexdigest()
