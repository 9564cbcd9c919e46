"""Reading a folder of predictions, whoever made it: with or without run.json and journal, with any subset of the
parts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from omnibench.datasets.tracks import read_vector
from omnibench.errors import InputError, MetricError
from omnibench.features.media import Media, media_of_files
from omnibench.files.checked import read_npz, read_object
from omnibench.files.faults import field_faults, shown
from omnibench.files.hashing import file_sha256
from omnibench.files.journal import Journal
from omnibench.files.listing import Listing
from omnibench.files.names import DIFFERS, alike, check_path, printable, same
from omnibench.files.records import JournalLine, Lateness, RunRecord
from omnibench.files.text_records import WORDS
from omnibench.predictions.parts import list_part, require_parts, unread
from omnibench.predictions.receipts import counted_words
from omnibench.predictions.soundness import UNKNOWN, Length, face_fault, part_fault
from omnibench.types import Audio, Face, Word

Part = Literal["text", "audio", "vector", "video", "timing"]
DAMAGED_RUN: Final = "Run again, or score the folder without its run.json, with --data."
READ: Final[Mapping[Part, tuple[str, ...]]] = {
    "text": (".json",),
    "audio": (".wav", ".flac", ".ogg"),
    "vector": (".npy", ".npz"),
    "video": (".mp4",),
    "timing": (".npz",),
}
"""What is read, as in a data set; a run writes the first of each."""
SUFFIXES: Mapping[Part, str] = {"text": ".json", "audio": ".wav", "vector": ".npy", "video": ".mp4", "timing": ".npz"}


@dataclass(frozen=True)
class PredictedDialogue:
    """One dialogue's answers; a part that is not there is None."""

    predictions: Predictions
    id: str
    fps: Fraction | None = None
    """The dialogue's; with it, and where the run kept them, words count from their receipts."""

    @property
    def text(self) -> str | None:
        """The transcript of the answer."""
        return self.predictions.text(self.id) if self.predictions.contains("text", self.id) else None

    @property
    def words(self) -> tuple[Word, ...] | None:
        """The answer's words with the times that the model claims."""
        return self.predictions.words(self.id) if self.predictions.contains("text", self.id) else None

    def timed_words(self, pause: float) -> tuple[Word, ...] | None:
        """The answer's words with the times that count for turns, which a ``pause`` (s) parts
        (`omnibench.predictions.receipts`).
        """
        words, steps = self.words, self.predictions.word_steps(self.id)
        if words is None or steps is None or self.fps is None:
            return words
        if len(steps) != len(words):
            raise InputError(
                f"{self.predictions.path('timing', self.id)}: {len(steps)} receipts of words, expected "
                f"{len(words)}, one for each word of {self.predictions.path('text', self.id)}."
            )
        return counted_words(words, [int(step) for step in steps], self.fps, pause)

    @property
    def audio(self) -> tuple[Audio, int] | None:
        """Samples in [-1, 1] and their rate."""
        return self.predictions.audio(self.id) if self.predictions.contains("audio", self.id) else None

    @property
    def face(self) -> Face | None:
        """``(T, 64)`` coefficients."""
        return self.predictions.vector(self.id) if self.predictions.contains("vector", self.id) else None

    def face_between(self, start: int, stop: int) -> Face:
        """Frames ``start <= i < stop`` of them, past the end fewer. Raises MetricError where there are none."""
        if not self.predictions.contains("vector", self.id):
            raise MetricError("no vector file")
        return self.predictions.vector(self.id, start, stop)

    @property
    def step_seconds(self) -> NDArray[np.float64] | None:
        """Wall time of each step."""
        return self.predictions.timing(self.id)

    @property
    def lateness(self) -> Lateness | None:
        """How late the answers ran, None where no journal says."""
        entry = self.predictions.entry(self.id)
        return entry.late if entry is not None else None

    @cached_property
    def media(self) -> Media:
        """Its pictures and sound for the metrics' networks."""
        video, audio = (
            self.predictions.path(part, self.id) if self.predictions.contains(part, self.id) else None
            for part in ("video", "audio")
        )
        return media_of_files(video, audio)


class Predictions:
    """The answers of one model to one split.

    Where a run's journal holds the sha256 of its files, only those files are its answers: `status` is ``infra_failed``
    for a dialogue of which a file was changed or added later.

    Args:
        folder: holds ``text/ audio/ vector/ video/ timing/`` with one file per dialogue, each optional.
        rewritten: parts whose files were written anew on their way here, so that the journal's sha256 is not theirs.
        damaged: whether the answers were damaged on purpose, and are measured as they are (`unsound`).

    Raises:
        InputError: no such folder, or none of its parts.
    """

    def __init__(self, folder: Path, rewritten: Collection[Part] = (), damaged: bool = False) -> None:
        self.root, self._rewritten, self._damaged = folder, frozenset(rewritten), damaged
        self._hashes: dict[Path, str] = {}
        self._faults: dict[str, str] = {}
        self._listings: dict[Part, Listing] = {}
        self._unsound: dict[tuple[Part, str], str] = {}
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; expected predictions as `omnibench run` writes them.")
        check_path(folder)
        require_parts(folder, SUFFIXES)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """All dialogues with at least one file, sorted."""
        return tuple(sorted({i for part in SUFFIXES for i in self._ids(part)}))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts that at least one dialogue has."""
        return tuple(part for part in SUFFIXES if self._ids(part))

    @cached_property
    def manifest(self) -> RunRecord | None:
        """run.json, or None where nobody wrote one. Raises InputError where it is damaged."""
        path = self.root / "run.json"
        return RunRecord.read(path, DAMAGED_RUN) if path.exists() else None

    @property
    def ran(self) -> RunRecord:
        """run.json, or one that says nothing where nobody wrote it. Raises as `manifest`."""
        return RunRecord() if self.manifest is None else self.manifest

    @cached_property
    def journal(self) -> dict[str, JournalLine]:
        """Journal entries by dialogue; empty without a journal."""
        return Journal(self.root / "journal.jsonl").entries()

    def entry(self, dialogue: str) -> JournalLine | None:
        """A dialogue's entry in the journal, None where it has none."""
        if dialogue in self.journal or dialogue.isascii():
            return self.journal.get(dialogue)
        return next((entry for name, entry in self.journal.items() if same(name) == same(dialogue)), None)

    def path(self, part: Part, dialogue: str) -> Path:
        """Where a part of a dialogue lies, or would; names whose letters are composed otherwise are the same."""
        found = self._listing(part).files.get(self._name(part, dialogue))
        return found[0] if found else self.root / part / f"{dialogue}{SUFFIXES[part]}"

    def answered(self, dialogues: Collection[str]) -> set[str]:
        """Those of ``dialogues`` that have a file or a line of the journal, however their letters are composed."""
        own = {same(name) for name in (*self.ids, *self.journal)}
        return {dialogue for dialogue in dialogues if same(dialogue) in own}

    def has(self, part: Part) -> bool:
        """Whether any dialogue has that part, or had it when the run wrote it."""
        return part in self.parts or any(self.wrote(part, dialogue) for dialogue in self.journal)

    def wrote(self, part: Part, dialogue: str) -> bool:
        """Whether the journal lists that file of a dialogue."""
        entry = self.entry(dialogue)
        return entry is not None and f"{part}/{entry.id}{SUFFIXES[part]}" in entry.files

    def contains(self, part: Part, dialogue: str) -> bool:
        """Whether the file of that part of a dialogue is there, and no other that is called so."""
        return len(self._listing(part).files.get(self._name(part, dialogue), ())) == 1

    def files(self, part: Part) -> dict[str, Path]:
        """The files of a part by dialogue."""
        return {name: paths[0] for name, paths in self._listing(part).files.items()}

    def lacking(self, part: Part, dialogue: str) -> str:
        """Why there is no file of that part of a dialogue."""
        wrote = ", and the run wrote one" if self.wrote(part, dialogue) else ""
        return self.doubt(part, dialogue) or f"no file of this dialogue in {part}/{wrote}"

    def doubt(self, part: Part, dialogue: str) -> str:
        """What lies in the place of a dialogue's file, or which two files are there; ``""`` where nothing does."""
        fault = self._listing(part).fault(self._name(part, dialogue))
        return f"{part}/: {fault}" if fault else ""

    def unread(self, part: Part) -> str:
        """What lies in the place of a part of which nothing can be read, or ``""``."""
        return unread(self.root, part, self._listing(part), {other: self._ids(other) for other in SUFFIXES})

    def unsound(self, part: Part, dialogue: str, length: Length) -> str:
        """Why the file of that part is no answer to a dialogue of that length, or ``""``."""
        key = part, dialogue
        if key not in self._unsound:
            self._unsound[key] = "" if self._damaged else part_fault(part, self.path(part, dialogue), length)
        return self._unsound[key]

    def sample(self, dialogue: str, fps: Fraction | None = None) -> PredictedDialogue:
        """One dialogue's answers, each read when asked for; ``fps`` is the dialogue's."""
        return PredictedDialogue(self, dialogue, fps)

    def model(self) -> str:
        """The model's name in run.json, or ``""``."""
        return self.ran.model.name

    def conditions(self) -> dict[str, str]:
        """What of the run defines the task it was given, for comparison keys; empty without run.json."""
        run = self.manifest
        if run is None:
            return {}
        under = {"cond": run.condition} if run.condition else {}
        return {"transcript": run.transcript or "unknown", **under, **run.made()}

    @property
    def stopwatch(self) -> str:
        """Who took the step times: ``harness``, outside the model's process, ``model``, inside it, or ``claimed``."""
        run = self.manifest
        return "claimed" if run is None else "model" if run.workers == 0 else "harness"

    def status(self, dialogue: str) -> tuple[str, str]:
        """``(status, reason)``: the journal's; without an entry ``ok`` where files are there, else ``infra_failed``.

        ``infra_failed`` too where the journal holds hashes and a file is not what the run wrote.
        """
        entry = self.entry(dialogue)
        if entry is not None and entry.status != "ok":
            return entry.status, entry.reason
        twice = "" if dialogue.isascii() else self._twice(dialogue)
        if twice:
            return "infra_failed", twice
        if self._sealed:
            if dialogue not in self._faults:
                self._faults[dialogue] = self._fault(dialogue, entry)
            if self._faults[dialogue]:
                return "infra_failed", self._faults[dialogue]
        if entry is not None:
            return entry.status, entry.reason
        if any(self.contains(part, dialogue) for part in SUFFIXES if part != "timing"):
            return "ok", ""
        nearly = next((name for name in self.ids if alike(name) == alike(dialogue)), None)
        hint = "" if nearly is None else f"; one of {printable(nearly)!r} is, which {DIFFERS}"
        return "infra_failed", f"no answer in the folder{hint}"

    def digest(self, dialogues: Collection[str]) -> str:
        """Hex sha256 over the files of these dialogues and how each ended: equal for equal answers."""
        known = hashlib.sha256()
        for dialogue in dialogues:
            known.update(json.dumps([dialogue, *self.status(dialogue)]).encode())
            for part in SUFFIXES:
                path = self.path(part, dialogue)
                known.update(f"{part}:{self._hash(path) if self.contains(part, dialogue) else ''}\n".encode())
        return known.hexdigest()

    def text(self, dialogue: str) -> str:
        """The words as one string. Raises InputError for a file without a string under ``text``."""
        path = self.path("text", dialogue)
        text = read_object(path).get("text")
        if not isinstance(text, str):
            raise InputError(f'{path}: "text" is {type(text).__name__}, expected a string.')
        return text

    def words(self, dialogue: str) -> tuple[Word, ...]:
        """The words with their times; empty where the file has no ``words``."""
        path = self.path("text", dialogue)
        try:
            words = WORDS.validate_python(read_object(path).get("words", []))
        except ValidationError as error:
            fault = field_faults(error)[0]
            raise InputError(f'{path}: "words" must be a list of {{"text", "start", "end"}} ({fault}).') from error
        return tuple(Word(word.text, word.start, word.end) for word in words)

    def audio(self, dialogue: str) -> tuple[Audio, int]:
        """``(samples, rate)``, samples float32 in [-1, 1]."""
        from omnibench.media.audio import audio_info, read_audio

        path = self.path("audio", dialogue)
        return read_audio(path), audio_info(path).sample_rate

    def vector(self, dialogue: str, start: int = 0, stop: int | None = None) -> Face:
        """``(T, 64)`` float32, or frames ``start <= i < stop`` of them.

        Raises:
            InputError: not an .npy file of numbers, another width, no frame, NaN or infinity.
        """
        path = self.path("vector", dialogue)
        stored = read_vector(path)
        if fault := face_fault(stored, UNKNOWN, start, stop):
            raise InputError(f"{path}: {fault}.")
        return np.array(stored[start:stop], np.float32)

    def timing(self, dialogue: str) -> NDArray[np.float64] | None:
        """Seconds of each step ``(T,)``, or None where nobody measured."""
        if not self.contains("timing", dialogue):
            return None
        seconds = self.times(dialogue).get("step_seconds")
        if seconds is None:
            raise InputError(f'{self.path("timing", dialogue)}: no "step_seconds" in it, the time that each step took.')
        if seconds.ndim != 1:
            raise InputError(f'{self.path("timing", dialogue)}: "step_seconds" must be seconds, one for each step.')
        return np.asarray(seconds, np.float64)

    def word_steps(self, dialogue: str) -> NDArray[np.int64] | None:
        """The step in which the clock received each word ``(W,)``, or None where nobody kept it."""
        steps = self.times(dialogue).get("word_steps")
        if steps is None:
            return None
        if steps.ndim != 1 or steps.dtype.kind not in "iu" or (steps < 0).any():
            raise InputError(f'{self.path("timing", dialogue)}: "word_steps" must be steps from 0, one for each word.')
        return steps.astype(np.int64)

    def times(self, dialogue: str) -> Mapping[str, NDArray[Any]]:
        """What a run kept of the dialogue's times, by name; empty where nobody kept any."""
        path = self.path("timing", dialogue)
        if not self.contains("timing", dialogue):
            return {}
        found = read_npz(path, 'an .npz with "step_seconds"')
        foreign = [name for name, values in found.items() if values.dtype.kind not in "fiub"]
        if foreign:
            raise InputError(f"{path}: {shown(foreign[0])!r} holds no numbers, expected times.")
        return found

    @cached_property
    def _sealed(self) -> bool:
        """Whether the journal says what the files were when they were written."""
        return any(entry.files for entry in self.journal.values())

    def _fault(self, dialogue: str, entry: JournalLine | None) -> str:
        """Which file of a dialogue is not the run's, or ``""``. One that is missing is its metrics' own matter."""
        own, files = (dialogue, {}) if entry is None else (entry.id, entry.files)
        by_hand = "to score answers that were edited by hand, copy them without run.json and journal.jsonl"
        for part in SUFFIXES:
            path = self.path(part, dialogue)
            if part in self._rewritten or not self.contains(part, dialogue):
                continue
            name = f"{part}/{own}{path.suffix}"
            if name not in files:
                return f"{name} is not of the run: its journal does not list it ({by_hand})"
            found = self._hash(path)
            if found != files[name]:
                return f"{name} is not what the run wrote: sha256 {found[:12]}…, not the journal's ({by_hand})"
        return ""

    def _twice(self, dialogue: str) -> str:
        """Which part has two files of a dialogue, whose names differ in how letters are composed; or ``""``."""
        for part in SUFFIXES:
            forms = [name for name in self._ids(part) if same(name) == same(dialogue)]
            if len(forms) > 1:
                return f"{part}/{dialogue}{SUFFIXES[part]} is there twice, with letters composed and decomposed"
        return ""

    def _name(self, part: Part, dialogue: str) -> str:
        """A dialogue as the files of a part are called: names whose letters are composed otherwise are the same."""
        if dialogue.isascii() or dialogue in self._ids(part):
            return dialogue
        return next((name for name in self._ids(part) if same(name) == same(dialogue)), dialogue)

    def _hash(self, path: Path) -> str:
        if path not in self._hashes:
            self._hashes[path] = file_sha256(path)
        return self._hashes[path]

    @cached_property
    def received(self) -> bool:
        """Whether every text came with the receipts of its words."""
        return all(self.word_steps(dialogue) is not None for dialogue in self._ids("text"))

    def _listing(self, part: Part) -> Listing:
        if part not in self._listings:
            self._listings[part] = list_part(self.root, part, READ[part])
        return self._listings[part]

    def _ids(self, part: Part) -> set[str]:
        return set(self._listing(part).names)
