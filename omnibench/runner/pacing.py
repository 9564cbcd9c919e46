"""A run's answers as they would have been heard and seen in real time: ``paced/`` in its folder, itself a folder of
predictions, which is scored, shown and compared as any other.

Everything follows from the files (`omnibench.predictions.pace`): the same answers and times give the same bytes. What
is in time is copied as it is. Pictures that were drawn are drawn again from the face that moved; a model's own are
decoded and encoded once more.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, ModelFailure, UsageError
from omnibench.files.hashing import file_sha256
from omnibench.files.records import Card, JournalLine, Lateness, Paced, Shift
from omnibench.predictions.folder import SUFFIXES, Part, Predictions
from omnibench.predictions.origin import asked_for
from omnibench.predictions.pace import BUFFER, Counts, Moved, MovedWords, first_frames, moved, moved_words, ready_frames
from omnibench.responder import ModelCard
from omnibench.runner.clock import PlayedFrame
from omnibench.runner.context import make_context
from omnibench.runner.folder import PACED, RunFolder
from omnibench.runner.paceable import charges, computes_elsewhere, listened_back, unpaceable_run, unpaceable_times
from omnibench.runner.recorder import Kept, Recorder
from omnibench.system.provenance import machine_number
from omnibench.types import Dialogue, Image, samples_before

_PACE: Final = "real"


class _NotPacedError(Exception):
    """Why answers cannot be paced."""


def pace_answers(answers: Predictions, dataset: DataSet, split: str, advance: Callable[[], None]) -> Path:
    """Make ``paced/`` of a run, unless it is there already, and return it. Where the answers cannot be paced it holds
    none, and its ``run.json`` says why. ``advance`` is called after each dialogue.

    Raises:
        UsageError: these are paced answers.
        InputError: the folder cannot be written, or a file of it cannot be read.
    """
    run, ids = answers.ran, asked_for(answers, dataset, split)
    if run.paced is not None:
        raise UsageError(f"{answers.root}: holds paced answers; score it without --pace, or name the folder above it.")
    machine = f"{machine_number(run.hardware.document()):08x}"
    paced = Paced(pace=_PACE, buffer=BUFFER, machine=machine, source=answers.digest(ids))
    folder = RunFolder(answers.root / PACED)
    if _is_current(folder, paced, run.model, ids):
        return folder.root
    record = run.model_copy(update={"paced": paced})
    with folder.open(run.identity, fresh=True):
        folder.write_manifest(record)
        try:
            _pace_all(answers, dataset, split, ids, folder, advance)
        except _NotPacedError as error:
            for name in ids:
                folder.publish(JournalLine(id=name, status="infra_failed", stage="pace", reason=str(error)), {})
            folder.write_manifest(record.model_copy(update={"paced": paced.model_copy(update={"reason": str(error)})}))
    return folder.root


def _is_current(folder: RunFolder, paced: Paced, model: Card, ids: tuple[str, ...]) -> bool:
    try:
        manifest = folder.manifest()
    except InputError:
        return False
    if manifest is None or manifest.paced != paced or manifest.model != model:
        return False
    return {*folder.journal.entries()} >= {*ids} and _whole(folder)


def _whole(folder: RunFolder) -> bool:
    return {name for name, entry in folder.journal.entries().items() if entry.status == "ok"} == folder.done()


def _pace_all(
    answers: Predictions,
    dataset: DataSet,
    split: str,
    ids: tuple[str, ...],
    folder: RunFolder,
    advance: Callable[[], None],
) -> None:
    """Publish every dialogue. Raises _NotPacedError where one cannot be paced."""
    played = [dialogue for dialogue in ids if answers.status(dialogue)[0] == "ok"]
    faults = (unpaceable_times(answers, dialogue) for dialogue in played)
    if reason := unpaceable_run(answers) or next(filter(None, faults), ""):
        raise _NotPacedError(reason)
    for name in ids:
        status, reason = answers.status(name)
        kept = answers.entry(name) or JournalLine(id=name, status="ok")
        if status == "ok":
            folder.publish(*_paced(answers, dataset, split, kept, folder.staging / name))
        else:
            folder.publish(kept.model_copy(update={"status": status, "reason": reason}), {})
        advance()


@dataclass(frozen=True, slots=True)
class _Moves:
    """How a dialogue moves, part by part; of a part that the model does not have, there is nothing to move."""

    face: Moved
    audio: Moved
    image: Moved
    words: MovedWords
    still: bool


def _paced(
    answers: Predictions, dataset: DataSet, split: str, entry: JournalLine, staging: Path
) -> tuple[JournalLine, dict[Part, Kept]]:
    """One dialogue's new files and its line of the journal."""
    dialogue, times = dataset.dialogue(split, entry.id), answers.times(entry.id)
    if len(times["step_seconds"]) != dialogue.frames:
        steps = len(times["step_seconds"])
        raise _NotPacedError(f"timing/{entry.id}.npz holds {steps} steps, the dialogue has {dialogue.frames} frames")
    moves = _moves(answers, dialogue, times)
    said = len(times["word_steps"])
    if moves.still:
        return entry.model_copy(update={"shift": Shift(words_said=said)}), _copied(answers, entry.id, staging)
    if reason := listened_back(answers, dialogue):
        raise _NotPacedError(reason)
    fps, rate = dialogue.fps, dialogue.sample_rate
    delays = [float(delay) for delay in (moves.face.delay / fps, moves.image.delay / fps, moves.audio.delay / rate)]
    shift = Shift(
        delay=round(max(delays), 6),
        words=moves.words.lost,
        words_said=said,
        audio=round(moves.audio.lost / rate, 6),
        face=moves.face.lost,
        image=moves.image.lost,
    )
    staged = _played_again(answers, dataset, split, dialogue, moves, staging)
    return entry.model_copy(update={"shift": shift, "late": _lateness(entry.late, moves, answers)}), staged


def _moves(answers: Predictions, dialogue: Dialogue, times: Mapping[str, NDArray[Any]]) -> _Moves:
    fps, frames, rate = dialogue.fps, dialogue.frames, dialogue.sample_rate
    cost = charges(times, computes_elsewhere(answers))
    ready = ready_frames(cost.steps, cost.between, cost.opening, fps)
    model = answers.ran.model
    seen, heard = first_frames(ready), first_frames(ready + model.lookahead * float(fps))
    told = heard if "audio" in model.outputs else seen

    def part(name: str, first: Counts, before: Callable[[int], int]) -> Moved:
        handed = times.get(f"handed_{name}", np.zeros(frames, np.int64))
        return moved(handed, first, before, frames)

    face, image = (part(name, seen, lambda frame: frame) for name in ("face", "image"))
    audio = part("audio", heard, lambda frame: samples_before(frame, fps, rate))
    steps = [int(step) for step in times["word_steps"]]
    words = answers.words(dialogue.id) if answers.contains("text", dialogue.id) else ()
    if len(words) != len(steps):
        raise _NotPacedError(f"timing/{dialogue.id}.npz has receipts of {len(steps)} words, the text has {len(words)}")
    spoken = moved_words(words, steps, told, audio, rate, fps)
    in_time = all(told[step] == step + 1 for step in steps)
    still = in_time and all(own.still for own in (face, image, audio))
    return _Moves(face, audio, image, spoken, still)


def _copied(answers: Predictions, dialogue: str, staging: Path) -> dict[Part, Kept]:
    staging.mkdir(parents=True, exist_ok=True)
    found: dict[Part, Kept] = {}
    for part, suffix in SUFFIXES.items():
        if answers.contains(part, dialogue):
            copy = Path(shutil.copyfile(answers.path(part, dialogue), staging / f"{part}{suffix}"))
            found[part] = Kept(copy, file_sha256(copy))
    return found


def _played_again(
    answers: Predictions, dataset: DataSet, split: str, dialogue: Dialogue, moves: _Moves, staging: Path
) -> dict[Part, Kept]:
    """The files that a clock would have left that plays each item in its new place."""
    run, name, frames = answers.ran, dialogue.id, dialogue.frames
    told = run.model
    outputs: Any = told.outputs
    card = ModelCard(told.name, told.version, "online", outputs, told.summary)
    context = make_context(dataset, split, dialogue, run.seed or 0)
    renderer = (run.renderer or "") if answers.contains("video", name) else ""
    recorder = Recorder(staging, context, card, renderer, lambda _: None)
    faces = answers.vector(name)[moves.face.held(frames)] if answers.contains("vector", name) else None
    audio = moves.audio.placed(answers.audio(name)[0]) if answers.contains("audio", name) else None
    images = _images(answers.path("video", name), moves.image.held(frames)) if renderer and "image" in outputs else None
    try:
        for index in range(frames):
            begin, end = context.samples_before(index), context.samples_before(index + 1)
            recorder.play(
                PlayedFrame(
                    index,
                    None if faces is None else faces[index],
                    None if audio is None else audio[begin:end],
                    None if images is None else next(images),
                )
            )
        times = {**answers.times(name), "word_steps": moves.words.steps}
        return recorder.finish(moves.words.words, times)
    except ModelFailure as error:
        raise InputError(f"{answers.path('video', name)}: {error}") from error
    finally:
        recorder.abandon()


def _images(path: Path, shown: NDArray[np.int64]) -> Iterator[Image]:
    """Pictures of a video in the order of ``shown``, ascending; the last one stays."""
    from omnibench.media.video import read_frames

    pictures, at = read_frames(path), 0
    image = next(pictures)
    for index in shown:
        while at < index:
            image, at = next(pictures, image), at + 1
        yield image


def _lateness(before: Lateness, moves: _Moves, answers: Predictions) -> Lateness:
    """What was late, counted again; what was left in the queues then is left there now, and more."""
    has = {part: part in answers.ran.model.outputs for part in ("face", "audio", "image")}
    return Lateness(
        face=moves.face.late * has["face"],
        audio=moves.audio.late * has["audio"],
        image=moves.image.late * has["image"],
        face_unplayed=before.face_unplayed + moves.face.lost,
        audio_unplayed=before.audio_unplayed,
        image_unplayed=before.image_unplayed + moves.image.lost,
        words=before.words,
    )
