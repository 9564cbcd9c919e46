"""Plays a group of dialogues to a model in one process and leaves their files in a staging folder."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from omnibench.datasets.base import DataSet, open_dataset
from omnibench.errors import InputError, OmnibenchError, UsageError
from omnibench.responder import (
    BatchResponder,
    Control,
    ModelCard,
    ModelOptions,
    Responder,
    Session,
    find_model,
)
from omnibench.runner.answers import ModelFailure
from omnibench.runner.clock import Player
from omnibench.runner.context import make_context
from omnibench.runner.journal import Entry
from omnibench.runner.oracle import SplitOracle
from omnibench.runner.predictions import Part
from omnibench.runner.recorder import Recorder
from omnibench.runner.request import check_transfer
from omnibench.runner.transcript import Transcript
from omnibench.types import Dialogue, DialogueContext

Model = Responder | BatchResponder | Control
FailedStage = Literal["read", "generate", "write"]


@dataclass(frozen=True, slots=True)
class PlaySpec:
    """What a process needs to play dialogues of one run."""

    model: str
    data: str
    split: str
    seed: int
    transcript: Transcript
    renderer: str
    threads: int
    allow_transfer: bool
    checkpoint: Path | None = None
    device: str = "cpu"
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """How one dialogue ended, and the staged files of one that ended well."""

    entry: Entry
    staged: Mapping[Part, Path] = field(default_factory=dict)
    errno: int | None = None


@dataclass(slots=True)
class _Running:
    dialogue: Dialogue
    recorder: Recorder
    begin: float
    session: Session | None = None
    player: Player | None = None
    open_seconds: float = 0.0


class Stage:
    """A model and a data set, open in this process.

    Raises:
        UsageError: unknown names, settings the model does not take, a checkpoint that does not transfer.
        MissingError: weights or data have to be fetched first.
    """

    def __init__(self, spec: PlaySpec) -> None:
        self._spec = spec
        self._dataset: DataSet = open_dataset(spec.data)
        self.model = build_model(spec.model, ModelOptions(spec.checkpoint, spec.device, spec.settings), spec.threads)
        self.card: ModelCard = self.model.card
        check_transfer(self.card, self._dataset.name, spec.allow_transfer)
        self._oracle = SplitOracle(self._dataset, spec.split, spec.seed)

    def play(self, ids: Sequence[str], staging: Path, on_frames: Callable[[int], None]) -> list[Played]:
        """Play dialogues side by side, frame by frame; a failing one does not stop the others."""
        played: dict[str, Played] = {}
        running: list[_Running] = []
        for dialogue_id in ids:
            begin = time.perf_counter()
            try:
                dialogue = self._dataset.dialogue(self._spec.split, dialogue_id)
                context = make_context(self._dataset, self._spec.split, dialogue, self._spec.seed)
                recorder = Recorder(staging / dialogue_id, context, self.card, self._spec.renderer)
                run = _Running(dialogue, recorder, begin)
                run.player = Player(dialogue, context, self.card, self._spec.transcript, recorder.play)
                running.append(run)
            except (OmnibenchError, OSError) as error:
                played[dialogue_id] = _failed(dialogue_id, error, begin)
        self._open_sessions(running, played)
        active = [run for run in running if run.dialogue.id not in played]
        while active:
            active = [run for run in active if self._advance(run, played)]
            on_frames(len(active))
        return [played[dialogue_id] for dialogue_id in ids]

    def _open_sessions(self, running: Sequence[_Running], played: dict[str, Played]) -> None:
        contexts = [run.player.context for run in running if run.player is not None]
        if isinstance(self.model, BatchResponder) and len(contexts) > 1:
            begin = time.perf_counter()
            try:
                sessions = _guarded("open_batch", lambda: self.model.open_batch(contexts))  # type: ignore[union-attr]
            except ModelFailure as error:
                played |= {run.dialogue.id: _failed(run.dialogue.id, error, run.begin) for run in running}
                return
            for run, session in zip(running, sessions, strict=True):
                run.session, run.open_seconds = session, (time.perf_counter() - begin) / len(running)
            return
        for run, context in zip(running, contexts, strict=True):
            begin = time.perf_counter()
            try:
                run.session = open_session(self.model, context, self._oracle)
            except ModelFailure as error:
                run.recorder.abandon()
                played[run.dialogue.id] = _failed(run.dialogue.id, error, run.begin)
            run.open_seconds = time.perf_counter() - begin

    def _advance(self, run: _Running, played: dict[str, Played]) -> bool:
        """Play one frame of a dialogue; False when it has ended, well or not."""
        assert run.player is not None and run.session is not None  # noqa: S101
        try:
            if run.player.advance(run.session.step):
                return True
            files = run.recorder.finish(run.player.words, run.player.step_seconds, run.open_seconds)
            result = Played(
                Entry(
                    run.dialogue.id,
                    "ok",
                    frames=run.player.frames,
                    late=run.player.lateness,
                    seconds=round(time.perf_counter() - run.begin, 3),
                ),
                files,
            )
        except (OmnibenchError, OSError) as error:
            run.recorder.abandon()
            result = _failed(run.dialogue.id, error, run.begin)
        played[run.dialogue.id] = self._closed(run, result)
        return False

    def _closed(self, run: _Running, result: Played) -> Played:
        assert run.session is not None  # noqa: S101
        try:
            _guarded("close", run.session.close)
        except ModelFailure as error:
            return result if result.entry.status != "ok" else _failed(run.dialogue.id, error, run.begin)
        return result


def build_model(name: str, options: ModelOptions, threads: int) -> Model:
    """Build a model by name, with torch, if it uses it, on ``threads`` threads.

    Raises:
        UsageError: the model cannot be built from these settings.
        OmnibenchError: whatever the model's own look-up says.
    """
    entry = find_model(name)
    try:
        model: Model = entry.build(options)
    except (OmnibenchError, OSError):
        raise
    except Exception as error:
        raise UsageError(f"{name}: could not be built ({type(error).__name__}: {error}). Check --set and --config.") from error
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
    return model


def open_session(model: Model, context: DialogueContext, oracle: SplitOracle) -> Session:
    """Open one dialogue; only a control gets the oracle. Raises ModelFailure where the model raised anything."""
    if isinstance(model, Control) and model.card.kind == "control":
        return _guarded("open", lambda: model.open_with_oracle(context, oracle))
    if isinstance(model, Responder):
        return _guarded("open", lambda: model.open(context))
    if isinstance(model, BatchResponder):
        return _guarded("open_batch", lambda: model.open_batch([context])[0])
    raise ModelFailure(f"{type(model).__name__} has neither open nor open_batch; see omnibench.responder.")


def _guarded(what: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        raise ModelFailure(f"{what} raised {type(error).__name__}: {error}") from error


def _failed(dialogue_id: str, error: OmnibenchError | OSError, begin: float) -> Played:
    seconds = round(time.perf_counter() - begin, 3)
    if isinstance(error, ModelFailure):
        cause = error.__cause__
        trace = "".join(traceback.format_exception(cause)) if cause is not None else ""
        return Played(Entry(dialogue_id, "model_failed", "generate", str(error), seconds=seconds, traceback=trace))
    if isinstance(error, InputError):
        return Played(Entry(dialogue_id, "infra_failed", "read", str(error), seconds=seconds))
    if isinstance(error, OSError):
        return Played(Entry(dialogue_id, "infra_failed", "write", str(error), seconds=seconds), errno=error.errno)
    raise error
