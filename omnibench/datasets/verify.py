"""Checks a whole data set and lists every problem at once. Errors stop a run; warnings are worth a look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from omnibench.datasets.alternatives import alternatives_path
from omnibench.datasets.asked import event_path
from omnibench.datasets.base import DataSet
from omnibench.datasets.checks import FileChecker, Medium, Problem
from omnibench.datasets.layout import SplitFiles, inserted_files
from omnibench.datasets.lengths import MAY_DIFFER_BY, disagreement
from omnibench.datasets.manifest import MANIFEST_NAME, ManifestEntry
from omnibench.datasets.rates import infer_rate
from omnibench.datasets.read_through import read_through
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.tracks import ABSENT, MODALITIES, ROLES, Missing, Modality, Role
from omnibench.datasets.withheld import context_path, read_known
from omnibench.errors import InputError
from omnibench.files.hashing import file_sha256
from omnibench.files.names import same
from omnibench.types import Word

_UNITS: Final[dict[Modality, str]] = {"video": "frames per second", "audio": "Hz"}

Media = Mapping[tuple[Role, Modality], Medium]


def verify(data: DataSet, splits: Iterable[str], on_dialogue: Callable[[str], None]) -> list[Problem]:
    """Check every file of the splits, in order; of a data set in no layout of ours, all that a run would read. Memory
    does not grow with the length of a clip.

    Args:
        data: the data set.
        splits: which ones; UsageError for one that is not there.
        on_dialogue: called with each id as its check begins, for progress.
    """
    if not isinstance(data, ResponseNetFolder):
        return read_through(data, splits, on_dialogue)
    problems: list[Problem] = []
    for split in splits:
        files, entries = data.files(split), data.entries(split)
        checker = FileChecker(data.folder)
        for folder, what in files.unread.items():
            checker.add("error", folder, "", what)
        if not files.files and not files.unread:
            checker.add(
                "error", files.folder, "", "no files in this split; expected text, audio, vector or video files"
            )
        for dialogue in files.ids():
            if dialogue not in entries:
                message = f'"{dialogue}" has files but is not listed: it is never played'
                checker.add("warning", data.folder / MANIFEST_NAME, f"splits.{split}", message)
        problems += checker.problems
        for dialogue, entry in entries.items():
            on_dialogue(dialogue)
            problems += check_dialogue(FileChecker(data.folder), files, entry, data.roles(split))
            if entry.insertion is not None:
                problems += _inserted(FileChecker(data.folder), files, entry)
            try:
                data.event(split, dialogue)
            except InputError as error:
                problems.append(Problem("error", event_path(files.folder, dialogue).as_posix(), "", str(error)))
            if data.withholds(split):
                problems += _withheld(FileChecker(data.folder), files, entry)
            problems += _alternatives(FileChecker(data.folder), data, split, entry)
    return problems


def _alternatives(checker: FileChecker, data: ResponseNetFolder, split: str, entry: ManifestEntry) -> list[Problem]:
    """Of what others would have answered: it can be read, and is where the listeners are."""
    path = alternatives_path(data.folder / split, entry.id)
    try:
        if data.alternatives(split, entry.id) and data.withholds(split):
            checker.add("error", path, "", f"{MANIFEST_NAME} says that the listeners are withheld; so are these")
    except InputError as error:
        checker.add("error", path, "", str(error).removeprefix(f"{path}: "))
    return checker.problems


def _withheld(checker: FileChecker, files: SplitFiles, entry: ManifestEntry) -> list[Problem]:
    """Of a dialogue that is given out without its listener: what is told of them is there, and nothing else."""
    told = context_path(files.folder, entry.id)
    try:
        if read_known(files.folder, entry.id) is None:
            checker.add("error", told, "", "missing: it tells what may be known of the listener, who is withheld")
    except InputError as error:
        checker.add("error", told, "", str(error).removeprefix(f"{told}: "))
    for modality in MODALITIES:
        path = files.find(modality, "listener", entry.id)
        if path is not None and not isinstance(path, Missing):
            checker.add("error", path, "", f"{MANIFEST_NAME} says that the listeners are withheld: never read")
    return checker.problems


def _inserted(checker: FileChecker, files: SplitFiles, entry: ManifestEntry) -> list[Problem]:
    """Of a dialogue with an insertion: what the speaker does then is there and can be read."""
    for modality, path in inserted_files(files.folder, entry.id).items():
        if isinstance(path, Missing):
            checker.add("error", path.expected, "", f"missing: {MANIFEST_NAME} says when it is inserted")
        elif path is not None:
            readers = {"text": checker.text, "vector": checker.vector, "audio": checker.audio, "video": checker.video}
            readers[modality](path)
    return checker.problems


def check_dialogue(
    checker: FileChecker, files: SplitFiles, entry: ManifestEntry, roles: tuple[Role, ...] = ROLES
) -> list[Problem]:
    """Check one dialogue's files of these people, each alone and then against each other."""
    if entry.id in files.faults:
        fault = files.faults[entry.id]
        checker.add("error", fault.expected, "", fault.reason)
        return checker.problems
    media: dict[tuple[Role, Modality], Medium] = {}
    words: dict[Role, tuple[Word, ...]] = {}
    readers = {"vector": checker.vector, "audio": checker.audio, "video": checker.video}
    for modality in files.files:
        for role in roles:
            path = files.find(modality, role, entry.id)
            if isinstance(path, Missing):
                fellows = f"the split has {modality} files, so both people of every dialogue need one"
                reason = f"missing: {fellows}{path.hint}" if path.reason == ABSENT else path.reason
                checker.add("error", path.expected, "", reason)
            if path is None or isinstance(path, Missing):
                continue
            if modality == "text":
                words[role] = checker.text(path) or ()
            elif (medium := readers[modality](path)) is not None:
                media[role, modality] = medium
    _as_frozen(checker, files.folder, entry)
    _one_rate(checker, media, "video")
    _one_rate(checker, media, "audio")
    fps = _frame_rate(checker, media, entry)
    if fps is not None:
        _one_length(checker, media, fps)
        for role, spoken in words.items():
            path = files.find("text", role, entry.id)
            longest = max((_frames(m, fps) for (r, _), m in media.items() if r == role), default=None)
            if longest is not None and not isinstance(path, Missing) and path is not None:
                _words_inside(checker, path, spoken, float((longest + MAY_DIFFER_BY) / fps))
    return checker.problems


def _as_frozen(checker: FileChecker, folder: Path, entry: ManifestEntry) -> None:
    reported = {problem.file for problem in checker.problems}
    for name, expected in entry.sha256.items():
        path = _spelt(folder / name)
        if not path.is_file():
            if path.relative_to(checker.root).as_posix() not in reported:
                checker.add("error", path, "", f"missing: {MANIFEST_NAME} lists it")
        elif (found := file_sha256(path)) != expected:
            message = f"{found[:12]}… is not the {expected[:12]}… of {MANIFEST_NAME}: another file than the frozen one"
            checker.add("error", path, "sha256", message)


def _spelt(path: Path) -> Path:
    """The file, also where its letters are composed otherwise than the manifest has them."""
    if path.is_file() or not path.parent.is_dir():
        return path
    return next((other for other in path.parent.iterdir() if same(other.name) == same(path.name)), path)


def _one_rate(checker: FileChecker, media: Media, modality: Modality) -> None:
    speaker, listener = (media.get((role, modality)) for role in ROLES)
    if speaker is None or listener is None or speaker.rate == listener.rate:
        return
    message = f"{listener.rate} {_UNITS[modality]}, expected the speaker's {speaker.rate}: both people run on one clock"
    checker.add("error", listener.path, "rate", message)


def _frame_rate(checker: FileChecker, media: Media, entry: ManifestEntry) -> Fraction | None:
    videos = [medium for (_, modality), medium in media.items() if modality == "video"]
    for video in videos:
        if entry.fps is not None and video.rate != entry.fps:
            checker.add("warning", video.path, "rate", f"{video.rate} frames per second, the manifest says {entry.fps}")
    if videos:
        return videos[0].rate
    if entry.fps is not None:
        return entry.fps
    for role in ROLES:
        vector, audio = media.get((role, "vector")), media.get((role, "audio"))
        if vector is None or audio is None or audio.rate is None:
            continue
        inferred = infer_rate(vector.count, audio.count, int(audio.rate))
        if inferred is None:
            seconds = audio.count / float(audio.rate)
            message = f"{vector.count} vectors over {seconds:.2f} s of audio: no usual rate; say fps in {MANIFEST_NAME}"
            checker.add("error", vector.path, "rate", message)
        return inferred
    return None


def _frames(medium: Medium, fps: Fraction) -> Fraction:
    return Fraction(medium.count) if medium.rate in (None, fps) else medium.count * fps / medium.rate


def _one_length(checker: FileChecker, media: Media, fps: Fraction) -> None:
    if not media:
        return
    refused = set()
    for role in ROLES:
        vector, video, audio = media.get((role, "vector")), media.get((role, "video")), media.get((role, "audio"))
        sound = None if audio is None or audio.rate is None else audio.count / audio.rate
        pictures, own = (None, fps) if video is None else (video.count, video.rate or fps)
        found = disagreement(own, None if vector is None else vector.count, pictures, sound)
        blamed = vector if found is not None and found[0] == "vector" else audio
        if found is not None and blamed is not None:
            refused.add(blamed.path)
            checker.add("error", blamed.path, "length", found[1])
    lengths = {medium.path: _frames(medium, fps) for medium in media.values() if medium.path not in refused}
    if not lengths:
        return
    longest = max(lengths, key=lambda path: lengths[path])
    for path, frames in lengths.items():
        if lengths[longest] - frames > MAY_DIFFER_BY:
            where = longest.relative_to(checker.root).as_posix()
            message = (
                f"{float(frames):.1f} frames long, {where} {float(lengths[longest]):.1f}: more than 2 frames apart"
            )
            checker.add("warning", path, "length", message)


def _words_inside(checker: FileChecker, path: Path, words: tuple[Word, ...], end: float) -> None:
    late = [(number, word) for number, word in enumerate(words) if word.end > end]
    if late:
        number, word = late[0]
        message = f'"{word.text}" ends at {word.end:g} s, past the end of the clip ({end:.2f} s); {len(late)} words do'
        checker.add("warning", path, f"words[{number}].end", message)
