"""The generate stage: plays a split to a model, keeps its answers, and goes on where an earlier run stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from omnibench.datasets.base import DataSet
from omnibench.errors import CoverageError, InputError, OmnibenchError, UsageError
from omnibench.files.records import (
    RUN_SCHEMA_VERSION,
    Card,
    Git,
    Hardware,
    Identity,
    JournalLine,
    RunData,
    RunRecord,
)
from omnibench.predictions.folder import Predictions
from omnibench.predictions.timings import summary
from omnibench.responder import ModelCard, ModelEntry
from omnibench.runner.effect import check_effect, without_effect
from omnibench.runner.executors import Listener, run_here, run_spawned
from omnibench.runner.folder import RunFolder, disk_fault
from omnibench.runner.play import Played
from omnibench.runner.recorder import draws
from omnibench.runner.remote import model_entry
from omnibench.runner.request import RunRequest
from omnibench.runner.transfer import check_transfer
from omnibench.system.progress import Progress
from omnibench.system.provenance import git_state, hardware, packages


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended: the journal's entries of the dialogues that were asked for, how many dialogues the folder was
    asked for in all, and how many the split has; ``remark`` is what to say of a condition that changed nothing.
    """

    out: Path
    entries: tuple[JournalLine, ...]
    asked: int
    split_size: int
    remark: str = ""

    def raise_for_coverage(self) -> None:
        """Raise for anything but an answer to every dialogue that was asked for.

        Raises:
            InputError: a recording could not be read.
            CoverageError: the model failed on a dialogue.
        """
        failed = [entry for entry in self.entries if entry.status != "ok"]
        if failed:
            first = failed[0]
            text = (
                f"{len(failed)} of {len(self.entries)} dialogues have no answer. "
                f"{first.id}: {first.status}, {first.reason.rstrip('.')}. "
                f"All reasons are in {self.out / 'journal.jsonl'}; the same command tries those dialogues again."
            )
            raise _coverage_error(first)(text)


def run_split(request: RunRequest) -> RunSummary:
    """Play what is not done yet and return how everything that was asked for ended.

    Raises:
        UsageError: names, ids or options that do not fit, or a folder that holds other answers.
        MissingError: weights or data have to be fetched first.
        InputError: the output folder cannot be written, or the disk is full; what was finished is kept.
    """
    play, model = request.play, request.play.model
    if play.entry is not None and request.workers:
        raise UsageError(f"{play.entry.card.name} is an object of this process, which no other has: workers=0.")
    entry = play.entry or model_entry(model.name)
    if model.memory is not None and request.workers == 0:
        raise UsageError("--memory limits worker processes; it goes with --workers 1 or more.")
    if play.waits and (request.workers, request.batch) != (1, 1):
        raise UsageError("--pace real plays one dialogue at a time, outside the harness: --workers 1 and --batch 1.")
    check_split(play.dataset, play.split)
    if model.checkpoint is None:
        check_transfer(entry.card, play.dataset.name, play.allow_transfer)
    wanted = request.wanted()
    if play.condition is not None:
        check_effect(play.condition, play.dataset, play.split, wanted)
    folder = RunFolder(request.out)
    identity = request.identity(entry)
    with folder.open(identity, request.fresh):
        return _run(request, entry, folder, identity, wanted)


def check_split(dataset: DataSet, split: str) -> None:
    """Raises UsageError for a split that the data set does not have."""
    if split not in dataset.splits():
        raise UsageError(f'{dataset.name} has no split "{split}"; it has {", ".join(dataset.splits())}.')


def _run(
    request: RunRequest, entry: ModelEntry, folder: RunFolder, identity: Identity, wanted: tuple[str, ...]
) -> RunSummary:
    begin, dataset, split = time.perf_counter(), request.play.dataset, request.play.split
    done = folder.done()
    todo = [dialogue for dialogue in wanted if dialogue not in done]
    asked = _asked(folder, dataset, split, wanted)
    before = folder.manifest()
    if before is None or todo:
        folder.write_manifest(_manifest(request, entry.card, identity, asked))
    else:
        folder.write_manifest(before.model_copy(update=_origin(request, identity, asked)))
    if todo:
        under = "".join(f" under {condition}" for condition in request.under.values())
        label = f"{entry.card.name} on {dataset.name}-{split}{under}"
        frames, drawn = _frames(dataset, split, todo), bool(request.play.renderer) and draws(entry.card)
        with Progress(label, len(wanted), len(wanted) - len(todo), frames, drawn=drawn) as progress:
            cards = _play(request, folder, todo, progress)
        manifest = _manifest(request, cards[-1] if cards else entry.card, identity, asked)
        account = folder.journal.account()
        costs = {"account": account} if account else {}
        timings = summary(Predictions(folder.root), wanted, time.perf_counter() - begin)
        folder.write_manifest(manifest.model_copy(update={**costs, "timings": timings}))
    folder.check_journal()
    entries = folder.journal.entries()
    ended = tuple(entries[dialogue] for dialogue in wanted)
    condition = request.play.condition
    remark = "" if condition is None else without_effect(condition, entry.card, ended)
    return RunSummary(request.out, ended, len(asked), len(dataset.ids(split)), remark)


def _asked(folder: RunFolder, dataset: DataSet, split: str, wanted: Sequence[str]) -> tuple[str, ...]:
    """Every dialogue that the folder answers for: those of this command, and those that an earlier one brought to an
    end, well or not. So a look at one dialogue does not make a part of a whole run, and no failure is forgotten.
    """
    known = {*wanted, *folder.journal.entries()}
    return tuple(dialogue for dialogue in dataset.ids(split) if dialogue in known)


def _play(request: RunRequest, folder: RunFolder, todo: Sequence[str], progress: Progress) -> list[ModelCard]:
    """Returns the cards of the models as they were built, which know more than an entry's: parameters, training
    data.
    """
    cards: list[ModelCard] = []

    def on_played(results: Sequence[Played]) -> None:
        for played in results:
            fault = _disk_fault(played, folder)
            if fault is not None:
                raise fault
            folder.publish(played.entry, played.staged)
        progress.dialogues(len(results))

    size = max(1, request.batch)
    groups = [tuple(todo[i : i + size]) for i in range(0, len(todo), size)]
    listener = Listener(cards.append, progress.frames, on_played)
    play = replace(request.play, workers=min(request.workers, len(groups)))
    if request.workers == 0:
        run_here(play, groups, folder.staging, listener)
    else:
        run_spawned(play, groups, folder.staging, request.workers, listener)
    return cards


def _disk_fault(played: Played, folder: RunFolder) -> InputError | None:
    if played.errno is None:
        return None
    return disk_fault(OSError(played.errno, played.entry.reason), folder.root)


def _frames(dataset: DataSet, split: str, ids: Sequence[str]) -> int:
    total = 0
    for dialogue in ids:
        try:
            total += dataset.dialogue(split, dialogue).frames
        except InputError:
            continue  # played, it gets this reason in the journal
    return total


def _manifest(request: RunRequest, card: ModelCard, identity: Identity, asked: Sequence[str]) -> RunRecord:
    play = request.play
    transferred = play.dataset.name not in card.trained_on and not card.transfers
    waited: dict[str, Any] = {"pace": "real"} if play.waits else {}
    return RunRecord(
        schema_version=RUN_SCHEMA_VERSION,
        model=Card(**asdict(card), transferred=transferred),
        **_origin(request, identity, asked),
        transcript=str(play.transcript),
        **request.under,
        **waited,
        seed=play.seed,
        settings=dict(play.model.settings),
        renderer=play.renderer,
        workers=request.workers,
        identity=identity,
        packages=packages(),
        git=Git.model_validate(git_state()),
        hardware=Hardware.model_validate(hardware()),
    )


def _origin(request: RunRequest, identity: Identity, asked: Sequence[str]) -> dict[str, Any]:
    """What the answers are answers to, and how they are to be scored."""
    dataset, split = request.play.dataset, request.play.split
    data = RunData(
        name=dataset.name,
        version=dataset.version,
        split=split,
        manifest=identity.manifest,
        dialogues=len(dataset.ids(split)),
        location=dataset.location,
    )
    return {"data": data, "ids": tuple(asked), "protocol": request.protocol or dataset.default_protocol}


def _coverage_error(entry: JournalLine) -> type[OmnibenchError]:
    return InputError if entry.stage == "read" else CoverageError
