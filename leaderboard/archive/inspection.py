"""Unpacks an archive and looks into every file of it: a job of the confined process.

Unpacking counts what really comes out of each member, whatever its headers say, and compares its sha256; decoding goes
through every frame and sample. Each fault is noted with its file, and the next file's turn comes.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leaderboard.archive.contents import EXPECTED, JOURNAL, METADATA, RUN, SUMS, is_document, part_of
from leaderboard.archive.expectation import lengths_from_json
from leaderboard.entry.limits import Limits
from omnibench.predictions.soundness import Length

if TYPE_CHECKING:
    from leaderboard.entry.records import JournalLine

_BLOCK: Final = 1 << 20
_SUM_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f]+)")
Note = Callable[[str, str], None]


def inspect_job(arguments: dict[str, Any], report: Callable[..., None]) -> dict[str, Any]:
    """Unpack ``archive`` into ``folder`` (or take the folder as it is), inspect all files, and list the problems.

    Returns:
        ``problems``, and ``parts``: the dialogues that have a sound file, by part.
    """
    folder, limits = Path(arguments["folder"]), Limits.from_json(arguments["limits"])
    problems: list[tuple[str, str]] = []

    def note(where: str, message: str) -> None:
        problems.append((where, message))

    names = list(arguments["names"])
    if arguments["archive"] is not None:
        names = _unpack(Path(arguments["archive"]), names, arguments["sums"], folder, note, report)
    lengths = lengths_from_json(arguments["dialogues"])
    sound = _inspect(folder, names, lengths, limits, note, report)
    ended: dict[str, JournalLine] = sound.pop("ended")
    _check_ids(arguments["names"], lengths, {name: line.status for name, line in ended.items()}, note)
    _check_written(read_sums(arguments["sums"])[0], ended, note)
    return {"problems": problems, "parts": sound}


def read_sums(text: str) -> tuple[dict[str, str], list[str]]:
    """``SHA256SUMS``: the hex digest of each name, and what is wrong with its lines."""
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _SUM_LINE.fullmatch(line)
        if match is None:
            faults.append(f"line {number}: expected 64 hex digits, two spaces and a name")
        elif match.group(2) in found:
            faults.append(f"line {number}: {match.group(2)} is there twice")
        else:
            found[match.group(2)] = match.group(1)
    return found, faults


def _unpack(
    archive: Path, names: list[str], sums_text: str, folder: Path, note: Note, report: Callable[..., None]
) -> list[str]:
    sums, faults = read_sums(sums_text)
    for fault in faults:
        note(SUMS, fault)
    for name in sorted(set(sums) - set(names)):
        note(name, f"{SUMS} lists it, the archive does not hold it")
    folder.mkdir()
    done = []
    with zipfile.ZipFile(archive) as members:
        for name in sorted(names):
            if name == SUMS:
                continue
            report(at=name)
            if name not in sums:
                note(name, f"{SUMS} does not list it")
            try:
                digest = _copy(members, members.getinfo(name), folder / name)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
                note(name, f"cannot be unpacked ({error})")
                continue
            if name in sums and digest != sums[name]:
                note(name, f"sha256 {digest[:12]}…, {SUMS} says {sums[name][:12]}…")
            done.append(name)
    return done


def _copy(members: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> str:
    """Unpack one member into a new file; its sha256."""
    target.parent.mkdir(exist_ok=True)
    digest, left = hashlib.sha256(), member.file_size
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as output, members.open(member) as source:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise ValueError(f"more than the {member.file_size} bytes that its header promises")
            digest.update(block)
            output.write(block)
    if left:
        raise ValueError(f"{left} bytes fewer than its header promises")
    return digest.hexdigest()


def _inspect(
    folder: Path,
    names: list[str],
    lengths: Mapping[str, Length],
    limits: Limits,
    note: Note,
    report: Callable[..., None],
) -> dict[str, Any]:
    sound: dict[str, Any] = {"ended": {}}
    for name in sorted(names):
        if name in (METADATA, SUMS):
            continue
        report(at=name)
        path = folder / name
        found = part_of(name)
        if found is None:
            faults = _document_faults(path, limits, sound["ended"]) if is_document(name) else [f"not known; {EXPECTED}"]
        elif found[1] not in lengths:
            continue
        else:
            faults = _part_faults(found[0], path, lengths[found[1]], limits)
            sound.setdefault(found[0], []).append(found[1])
        for fault in faults:
            note(name, fault)
    return sound


def _part_faults(part: str, path: Path, length: Length, limits: Limits) -> list[str]:
    from leaderboard.archive.formats import documents, npy, timing, wav

    frames, fps = length.frames, length.fps
    if part == "text":
        return documents.transcript_faults(path, length, limits)
    if part == "audio":
        return wav.wav_faults(path, frames, fps, limits)
    if part == "vector":
        return npy.vector_faults(path, frames)
    if part == "timing":
        return timing.timing_faults(path, frames, limits) if path.suffix == ".npz" else npy.timing_faults(path, frames)
    from leaderboard.archive.formats import mp4

    return mp4.mp4_faults(path, frames, fps, limits)


def _document_faults(path: Path, limits: Limits, ended: dict[str, JournalLine]) -> list[str]:
    from leaderboard.archive.formats import documents

    if path.name == RUN:
        return documents.run_faults(path, limits)
    if path.name == JOURNAL:
        faults, found = documents.journal_faults(path, limits)
        ended.update(found)
        return faults
    if path.name.startswith("scores."):
        return documents.scores_faults(path, limits)
    return documents.samples_faults(path, limits)


def _check_written(sums: Mapping[str, str], ended: Mapping[str, JournalLine], note: Note) -> None:
    """Answers are what the run wrote, where its journal says what that was; none was changed later."""
    for line in ended.values():
        for name, digest in line.files.items():
            if line.status == "ok" and sums.get(name, digest) != digest:
                note(name, f"is not what the run wrote: {JOURNAL} has another sha256. Run that dialogue again")


def _check_ids(names: list[str], lengths: Mapping[str, Length], ended: Mapping[str, str], note: Note) -> None:
    """Exactly the split's dialogues in every part, but for those that the journal says the model failed on."""
    by_part: dict[str, dict[str, str]] = {}
    for name in names:
        found = part_of(name)
        if found is not None and by_part.setdefault(found[0], {}).setdefault(found[1], name) != name:
            note(name, f"stands beside {by_part[found[0]][found[1]]}; expected one of the two")
    if not {"text", "audio", "vector", "video"} & set(by_part):
        note("", "no answers: expected at least one of text/, audio/, vector/, video/")
    failed = {dialogue for dialogue, status in ended.items() if status == "model_failed"}
    for dialogue in sorted(d for d, status in ended.items() if status == "infra_failed"):
        note(JOURNAL, f'"{dialogue}" failed for a reason outside the model; run it again')
    for dialogue in sorted(set(ended) - set(lengths)):
        note(JOURNAL, f'"{dialogue}" is no dialogue of this split')
    if len(failed) == len(lengths):
        note(JOURNAL, "the model failed on every dialogue")
    for part, files in sorted(by_part.items()):
        for dialogue in sorted(set(files) - set(lengths)):
            note(files[dialogue], "is of no dialogue of this split")
        for dialogue in lengths:
            if dialogue not in files and dialogue not in failed:
                note(f"{part}/{dialogue}", f"missing: every dialogue of the split needs its {part}")
