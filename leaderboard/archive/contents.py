"""Which files a submission holds, by name: nothing else is let in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from leaderboard.entry.schema import Part

METADATA: Final = "metadata.json"
SUMS: Final = "SHA256SUMS"
RUN: Final = "run.json"
JOURNAL: Final = "journal.jsonl"
# Times go as the run wrote them, so that the journal's sha256 holds for them; step times alone go as a plain .npy.
SUFFIXES: Final[dict[Part, tuple[str, ...]]] = {
    "text": (".json",),
    "audio": (".wav",),
    "vector": (".npy",),
    "video": (".mp4",),
    "timing": (".npz", ".npy"),
}
_LEFT_BEHIND: Final = (".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini")
_SCORES: Final = re.compile(r"(?:scores|samples)\.(?:paper|strict|offline)\.jsonl?")
STEM: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_PARTS: Final = ", ".join(f"{part}/<id>{suffixes[0]}" for part, suffixes in SUFFIXES.items())
EXPECTED: Final = f"expected {METADATA}, {SUMS}, {RUN}, {JOURNAL}, scores.*.json, samples.*.jsonl, {_PARTS}"


def is_document(name: str) -> bool:
    """Whether it is one of the files at the top."""
    if name in (METADATA, SUMS, RUN, JOURNAL):
        return True
    return bool(_SCORES.fullmatch(name)) and name.startswith("scores") == name.endswith(".json")


def part_of(name: str) -> tuple[Part, str] | None:
    """``(part, dialogue)`` of a name such as ``audio/a.wav``, or None for a file that does not belong."""
    folder, _, file = name.partition("/")
    for part, suffixes in SUFFIXES.items():
        for suffix in suffixes:
            if folder == part and file.endswith(suffix) and STEM.fullmatch(file[: -len(suffix)]):
                return part, file[: -len(suffix)]
    return None


def left_behind(name: str) -> bool:
    """Whether it is what macOS and Windows put into every folder and archive. Nothing of it is unpacked.

    >>> left_behind("__MACOSX/text/._a.json"), left_behind("video/Thumbs.db"), left_behind("audio/.hidden")
    (True, True, False)
    """
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.startswith("._") or path.name.casefold() in _LEFT_BEHIND


def wrapping_folder(names: Iterable[str]) -> str | None:
    """The folder that a whole submission lies in, like ``mini-test`` of ``mini-test/audio/a.wav``; None where it lies
    at the top, or where nothing of a submission is found. What systems add is passed over.
    """
    paths = [PurePosixPath(name) for name in names if not left_behind(name)]
    paths = [path for path in paths if path.parts]
    known = [path for path in paths if _belongs(path.as_posix())]
    prefix = ""
    while paths and not known and len({path.parts[0] for path in paths}) == 1 and all(len(p.parts) > 1 for p in paths):
        prefix = f"{prefix}/{paths[0].parts[0]}" if prefix else paths[0].parts[0]
        paths = [PurePosixPath(*path.parts[1:]) for path in paths]
        known = [path for path in paths if _belongs(path.as_posix())]
    return prefix if prefix and known else None


def _belongs(name: str) -> bool:
    return is_document(name) or part_of(name) is not None
