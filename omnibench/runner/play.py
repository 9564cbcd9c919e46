"""Plays a group of dialogues to a model in one process and leaves their files in a staging folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from omnibench.conditions.catalogue import Condition
from omnibench.datasets.base import DataSet
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError, ModelFailure, ModelUnavailable, OmnibenchError, UsageError
from omnibench.files.records import JournalLine
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.predictions.folder import Part
from omnibench.responder import BatchResponder, LockStep, ModelCard, ModelEntry, Session, find_model
from omnibench.runner.answers import model_error, raised
from omnibench.runner.building import account_of, build_model, guarded, is_given_oracle, open_sessions
from omnibench.runner.clock import Player
from omnibench.runner.context import make_context
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.oracle import SplitOracle
from omnibench.runner.recorder import Kept, Recorder
from omnibench.runner.remote import RemoteModel
from omnibench.runner.transfer import check_transfer
from omnibench.system.process_tree import Spent, own_spent
from omnibench.system.provenance import hardware, machine_number
from omnibench.types import DialogueContext, SpeakerFrame


@dataclass(frozen=True, slots=True)
class PlaySpec:
    """A model and what it is played: all that a process needs to play dialogues of one run, which gets it as it is.

    ``entry`` is a model of this process alone, where ``model`` names none that another could find. ``renderer`` ``""``
    writes no video. ``waits``: the clock is the wall's, and no frame is handed over before it is complete. ``workers``:
    how many such processes play at a time.
    """

    model: ModelSpec
    dataset: DataSet
    split: str
    seed: int = 0
    transcript: Transcript = field(default_factory=Transcript)
    renderer: str = DEFAULT_RENDERER
    allow_transfer: bool = False
    entry: ModelEntry | None = None
    condition: Condition | None = None
    waits: bool = False
    workers: int = 1


class Host(Protocol):
    """Where the model lives: in this process, or in one of its own."""

    card: ModelCard
    opens_together: bool
    needs_oracle: bool
    """Whether it is given the human listener's own track."""

    def open(self, contexts: Sequence[DialogueContext]) -> Sequence[Session]:
        """Open dialogues. Raises ModelFailure where the model raised anything."""

    def spent(self) -> Spent:
        """Processor time of the model so far, and how long it waited for one."""

    def close(self) -> None:
        """Let go of the model."""


class LocalModel:
    """A model in this process, for a debugger: what it does to a clock moves the harness's as well."""

    def __init__(self, spec: PlaySpec) -> None:
        name = spec.model.name
        self._model = build_model(spec.entry or find_model(name), name, spec.model.options, spec.model.threads)
        self._oracle = SplitOracle(spec.dataset, spec.split, spec.seed)
        self.card: ModelCard = self._model.card
        self.opens_together = isinstance(self._model, BatchResponder)
        self.needs_oracle = is_given_oracle(self._model)

    def open(self, contexts: Sequence[DialogueContext]) -> Sequence[Session]:
        """Open dialogues. Raises ModelFailure where the model raised anything."""
        return open_sessions(self._model, contexts, self._oracle)

    def spent(self) -> Spent:
        """Of this process."""
        return own_spent()

    def close(self) -> None:
        """Nothing to do."""


@dataclass(frozen=True, slots=True)
class Played:
    """How one dialogue ended, and the staged files of one that ended well."""

    entry: JournalLine
    staged: Mapping[Part, Kept] = field(default_factory=dict)
    errno: int | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A dialogue on the clock that nobody answers yet."""

    id: str
    recorder: Recorder
    player: Player
    begin: float
    load: float


@dataclass(frozen=True, slots=True)
class _Running:
    """A dialogue that a session answers, alone or in lock-step with others."""

    prepared: _Prepared
    session: Session
    open_seconds: float


@dataclass(frozen=True, slots=True)
class _Opened:
    """Dialogues that were opened; ``together`` steps all of them, in this order, where the model can."""

    running: list[_Running]
    together: LockStep | None = None


class Stage:
    """A data set and a model: ``apart``, in a process of its own, or here.

    Raises:
        UsageError: unknown names, settings the model does not take, a checkpoint that does not transfer, a control that
            replays human listeners of whom none are given out.
        MissingError: weights or data have to be fetched first.
    """

    def __init__(self, spec: PlaySpec, apart: bool) -> None:
        self._spec, self._dataset = spec, spec.dataset
        oracle = (spec.dataset.location, spec.split, spec.seed)
        self._host: Host = RemoteModel(replace(spec.model, oracle=oracle)) if apart else LocalModel(spec)
        self.card: ModelCard = self._host.card
        check_transfer(self.card, self._dataset.name, spec.allow_transfer)
        if self._host.needs_oracle and self._dataset.withholds(spec.split):
            self.close()
            raise UsageError(
                f"{self.card.name} replays the human listener, and {self._dataset.name} gives out speakers alone. "
                "Choose a model that answers by itself (`omnibench models`), or other data (`omnibench data list`)."
            )
        # Where each dialogue was measured goes with it: a run may be gone on with elsewhere, and otherwise.
        self._measured = {"workers": np.array(spec.workers), "machine": np.array(machine_number(hardware()))}

    def close(self) -> None:
        """Let go of the model."""
        self._host.close()

    def play(self, ids: Sequence[str], staging: Path, on_frames: Callable[[int], None]) -> list[Played]:
        """Play dialogues side by side, frame by frame; a failing one does not stop the others. ``on_frames`` is told of
        frames as they are played, and again as they are drawn.
        """
        played: dict[str, Played] = {}
        prepared = []
        for dialogue_id in ids:
            begin = time.perf_counter()
            try:
                prepared.append(self._prepare(dialogue_id, staging / dialogue_id, begin, on_frames))
            except (OmnibenchError, OSError) as error:
                played[dialogue_id] = _failed(dialogue_id, error, begin)
        opened = self._open(prepared, played)
        active = opened.running
        while active:
            if opened.together is None:
                active = [run for run in active if self._advance(run, played)]
            else:
                active = self._advance_together(opened.together, opened.running, active, played)
            on_frames(len(active))
        return [played[dialogue_id] for dialogue_id in ids]

    def _prepare(self, dialogue_id: str, folder: Path, begin: float, on_frames: Callable[[int], None]) -> _Prepared:
        dialogue = self._dataset.dialogue(self._spec.split, dialogue_id)
        context = make_context(self._dataset, self._spec.split, dialogue, self._spec.seed)
        recorder = Recorder(folder, context, self.card, self._spec.renderer, on_frames)
        damage = None if self._spec.condition is None else self._spec.condition.on(dialogue)
        player = Player(
            dialogue,
            context,
            self.card,
            self._spec.transcript,
            recorder.play,
            self._host.spent,
            damage,
            self._spec.waits,
        )
        return _Prepared(dialogue_id, recorder, player, begin, _load())

    def _open(self, prepared: Sequence[_Prepared], played: dict[str, Played]) -> _Opened:
        """Open all dialogues, together where the model can; those that cannot be opened end in ``played``."""
        together = self._host.opens_together and len(prepared) > 1
        running: list[_Running] = []
        waiting = [list(prepared)] if together else [[one] for one in prepared]
        while waiting:
            group = waiting.pop(0)
            before, begin = self._host.spent(), time.perf_counter()
            try:
                sessions = self._host.open([one.player.context for one in group])
            except ModelFailure as error:
                if len(group) > 1:  # perhaps one of them cannot be served; the others shall not miss out
                    waiting = [[one] for one in group]
                    continue
                for one in group:
                    one.recorder.abandon()
                    played[one.id] = _failed(one.id, error, one.begin)
                continue
            end = time.perf_counter()
            seconds = (end - begin) / len(group)
            if len(prepared) == 1:
                prepared[0].player.opened(begin, end, before)
            running += [_Running(one, session, seconds) for one, session in zip(group, sessions, strict=True)]
            if len(group) > 1 and isinstance(sessions, LockStep):
                return _Opened(running, sessions)
        return _Opened(running)

    def _advance(self, run: _Running, played: dict[str, Played]) -> bool:
        """Play one frame of a dialogue; False when it has ended, well or not."""
        return self._kept(run, played, lambda: run.prepared.player.advance(lambda frame: run.session.step(frame)))

    def _advance_together(
        self, together: LockStep, opened: Sequence[_Running], active: Sequence[_Running], played: dict[str, Played]
    ) -> list[_Running]:
        """Play one frame of all active dialogues with one call of the model; returns those that go on.

        A dialogue's seconds are the call's: it waits for the whole of it.
        """
        heard: dict[str, SpeakerFrame] = {}

        def listen(run: _Running) -> bool:
            frame = run.prepared.player.listen()
            if frame is not None:
                heard[run.prepared.id] = frame
            return frame is not None

        going = [run for run in active if self._kept(run, played, lambda: listen(run))]  # noqa: B023
        if not going:
            return []
        frames = [heard.get(run.prepared.id) for run in opened]
        answers: Sequence[object] = ()
        failure: Exception | None = None
        before, begin = self._host.spent(), time.perf_counter()
        try:
            answers = together.step_batch(frames)
            if len(answers) != len(frames):
                raise ValueError(f"{len(answers)} answers to {len(frames)} dialogues")
        except Exception as error:
            failure = error
        seconds, after = time.perf_counter() - begin, self._host.spent()
        spent = after.since(before)
        places = {run.prepared.id: place for place, run in enumerate(opened)}

        def answer(run: _Running) -> bool:
            index = heard[run.prepared.id].index
            if failure is not None:
                raise model_error(f"step {index}, in lock-step with {len(going) - 1} others,", failure) from failure
            run.prepared.player.answer(index, answers[places[run.prepared.id]], seconds, spent)
            return True

        return [run for run in going if self._kept(run, played, lambda: answer(run))]  # noqa: B023

    def _kept(self, run: _Running, played: dict[str, Played], play: Callable[[], bool]) -> bool:
        """Whether a dialogue goes on after ``play``; one that ended, well or not, is put into ``played``."""
        one, player = run.prepared, run.prepared.player
        try:
            if play():
                return True
            load = (one.load, _load())
            timing = {**player.timing(run.open_seconds, load), **self._measured}
            files = one.recorder.finish(player.words, timing)
            guarded("close", lambda: run.session.close())
            seconds = round(time.perf_counter() - one.begin, 3)
            entry = JournalLine(id=one.id, status="ok", frames=player.frames, late=player.lateness, seconds=seconds)
            account = guarded("account", lambda: account_of(run.session))
            told = {"account": account, "inserted": player.inserted, "damaged": player.damaged}
            played[one.id] = Played(entry.model_copy(update=told), files)
        except (OmnibenchError, OSError) as error:
            one.recorder.abandon()
            failed = played[one.id] = _failed(one.id, error, one.begin)
            with suppress(ModelFailure):  # the dialogue has failed already, for an earlier reason
                account = guarded("account", lambda: account_of(run.session))
                played[one.id] = replace(failed, entry=failed.entry.model_copy(update={"account": account}))
            with suppress(ModelFailure):
                guarded("close", lambda: run.session.close())
        return False


def _load() -> float:
    """How many processes wanted to run on this machine in the last minute, on average; NaN where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _failed(dialogue_id: str, error: OmnibenchError | OSError, begin: float) -> Played:
    seconds = round(time.perf_counter() - begin, 3)
    if isinstance(error, ModelFailure):
        if isinstance(error, ModelUnavailable):
            return Played(
                JournalLine(id=dialogue_id, status="infra_failed", stage="generate", reason=str(error), seconds=seconds)
            )
        return Played(
            JournalLine(
                id=dialogue_id,
                status="model_failed",
                stage="generate",
                reason=str(error),
                seconds=seconds,
                traceback=raised(error).trace,
            )
        )
    if isinstance(error, InputError):
        return Played(
            JournalLine(id=dialogue_id, status="infra_failed", stage="read", reason=str(error), seconds=seconds)
        )
    if isinstance(error, OSError):
        return Played(
            JournalLine(id=dialogue_id, status="infra_failed", stage="write", reason=str(error), seconds=seconds),
            errno=error.errno,
        )
    raise error
