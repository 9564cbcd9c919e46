"""Which files a submission holds, by name: nothing else is let in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from leaderboard.schema import Part

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
_SCORES: Final = re.compile(r"(?:scores|samples)\.(?:paper|strict|offline)\.jsonl?")
_STEM: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
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
            if folder == part and file.endswith(suffix) and _STEM.fullmatch(file[: -len(suffix)]):
                return part, file[: -len(suffix)]
    return None
