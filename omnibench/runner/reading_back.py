"""Answers as their recordings tell them: ``read_back/`` in a folder, itself a folder of predictions, which is scored,
shown and compared as any other.

Only ``audio/`` and ``video/`` are read; words with their times and face coefficients are made of them
(`omnibench.features.reading`), whatever the model said of itself. A video's own sound track is the voice where there
is no file of it in ``audio/``. What was read is kept by content, so reading the same recordings again is quick.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, MetricError, UsageError
from omnibench.features.media import media_of_files
from omnibench.features.reading import WORD_READER, read_faces, read_words
from omnibench.features.recogniser import load_recogniser
from omnibench.features.store import FeatureStore
from omnibench.files.hashing import file_sha256
from omnibench.files.records import JournalLine, ReadBack
from omnibench.media.audio import audio_info, read_audio, write_wav
from omnibench.media.landmarker import landmarker_model, landmarker_name
from omnibench.media.soundtrack import soundtrack
from omnibench.predictions.folder import SUFFIXES, Part, Predictions
from omnibench.predictions.origin import asked_for
from omnibench.predictions.soundness import Length, length_of, part_fault
from omnibench.runner.folder import READ_BACK, RunFolder
from omnibench.runner.recorder import Kept, words_json

_STAGE: Final = "read"
_MADE: Final[dict[Part, Part]] = {"audio": "text", "video": "vector"}
"""What is read of what."""


def read_back_answers(answers: Predictions, dataset: DataSet, split: str, advance: Callable[[], None]) -> Path:
    """Make ``read_back/`` of a folder, unless it is there already, and return it; ``advance`` is called after each
    dialogue.

    Raises:
        UsageError: these answers are read back already.
        MissingError: the recogniser or the landmarker is not installed; the message has the command.
        InputError: there is neither sound nor video to read, of one kind nothing could be read, or the folder cannot be
            written.
    """
    if answers.ran.read_back is not None:
        raise UsageError(f"{answers.root}: is read back already; score it without --from, or name the folder above it.")
    ids = asked_for(answers, dataset, split)
    seen = any(answers.contains("video", name) for name in ids)
    if not seen and not any(answers.contains("audio", name) for name in ids):
        raise InputError(
            f"{answers.root}: nothing to read back; expected recordings like audio/{ids[0]}.wav and video/{ids[0]}.mp4."
        )
    load_recogniser()
    if seen:
        landmarker_model()
    read = ReadBack(words=WORD_READER, faces=landmarker_name() if seen else "", source=answers.digest(ids))
    folder = RunFolder(answers.root / READ_BACK)
    if not _is_current(folder, read, ids):
        record = answers.ran.model_copy(update={"read_back": read})
        store = FeatureStore()
        with folder.open(answers.ran.identity, fresh=True):
            for name in ids:
                entry, staged = _read(answers, dataset, split, name, folder.staging / name, store)
                if entry is not None:
                    folder.publish(entry, staged)
                advance()
            # Last: what a reading that was broken off left is not taken for a whole one.
            folder.write_manifest(record)
    _require_some(answers, Predictions(folder.root), ids)
    return folder.root


def _is_current(folder: RunFolder, read: ReadBack, ids: tuple[str, ...]) -> bool:
    try:
        manifest = folder.manifest()
    except InputError:
        return False
    lines = folder.journal.entries() if manifest is not None and manifest.read_back == read else {}
    return bool(lines) and {name for name, line in lines.items() if line.status == "ok"} == folder.done()


def _read(
    answers: Predictions, dataset: DataSet, split: str, name: str, staging: Path, store: FeatureStore
) -> tuple[JournalLine | None, dict[Part, Kept]]:
    """A dialogue's line and files; no line where it has no recording. What cannot be read is told in its reason."""
    status, reason = answers.status(name)
    entry = answers.entry(name) or JournalLine(id=name, status="ok")
    video, audio = (answers.path(part, name) if answers.contains(part, name) else None for part in ("video", "audio"))
    if status != "ok":
        known = answers.entry(name) is not None
        return (entry.model_copy(update={"status": status, "reason": reason}) if known else None), {}
    staging.mkdir(parents=True, exist_ok=True)
    length = length_of(dataset.dialogue(split, name))
    files: dict[Part, Path] = {}
    faults: list[str] = []
    frames = unseen = 0
    if video is not None:
        if fault := part_fault("video", video, length):
            faults.append(fault)
            video = None
        else:
            files["video"] = _linked(video, staging / f"video{SUFFIXES['video']}")
    try:
        sound = _sound(audio, video, staging / f"audio{SUFFIXES['audio']}", length)
    except InputError as error:
        sound = None
        faults.append(str(error))
    media = media_of_files(video, sound)
    try:
        if sound is not None:
            files["audio"], files["text"] = sound, staging / f"text{SUFFIXES['text']}"
            files["text"].write_text(words_json(read_words(media, store)), encoding="utf-8")
        if video is not None:
            faces, unseen = read_faces(media, store)
            frames, files["vector"] = len(faces), staging / f"vector{SUFFIXES['vector']}"
            np.save(files["vector"], faces, allow_pickle=False)
    except InputError as error:
        faults.append(str(error))
    except MetricError as error:
        faults.append(f"{video}: {error}")
    told = "; ".join(faults)
    failed = {"status": "infra_failed", "stage": _STAGE} if faults and not files else {}
    line = entry.model_copy(update={"reason": told, "unseen": unseen, "frames": frames or entry.frames, **failed})
    return line, {part: Kept(path, file_sha256(path)) for part, path in files.items()}


def _sound(audio: Path | None, video: Path | None, target: Path, length: Length) -> Path | None:
    """The voice as a WAV file at ``target``: a file of its own, else the video's; None where there is neither.

    Raises:
        InputError: it cannot be read, or does not last as long as the dialogue.
    """
    if audio is not None:
        if fault := part_fault("audio", audio, length):
            raise InputError(fault)
        if audio.suffix == target.suffix:
            return _linked(audio, target)
        write_wav(target, read_audio(audio), audio_info(audio).sample_rate)
        return target
    found = None if video is None else soundtrack(video)
    if found is None:
        return None
    write_wav(target, *found)
    if fault := part_fault("audio", target, length):
        raise InputError(f"{video}, its sound track: {fault.removeprefix(f'{target}: ')}")
    return target


def _linked(path: Path, target: Path) -> Path:
    """The file under another name: the same one where the file system can, else a copy."""
    try:
        os.link(path.resolve(), target)
    except OSError:
        shutil.copyfile(path, target)
    return target


def _require_some(answers: Predictions, made: Predictions, ids: tuple[str, ...]) -> None:
    """Raises InputError where all recordings of a kind came to nothing: a model's dash would hide that."""
    for recorded, read in _MADE.items():
        names = [name for name in ids if answers.contains(recorded, name)]
        if names and not any(made.contains(read, name) for name in names):
            reasons = [entry.reason for name in names if (entry := made.entry(name)) is not None]
            told = next(filter(None, reasons), "no dialogue of them was answered")
            raise InputError(f"{answers.root}: of all {len(names)} files in {recorded}/ none can be read back: {told}")
