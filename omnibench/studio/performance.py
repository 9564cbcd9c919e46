"""A performed dialogue: who said what when, with the sound; and its two files (``.json`` and ``.npz``)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.files.atomic import write_bytes, write_text
from omnibench.studio.script import ROLES, Role
from omnibench.studio.voice import Phone
from omnibench.types import Word

SAMPLE_RATE: Final = 16_000


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech of one person, or a nod without a word; seconds from the dialogue's start."""

    start: float
    end: float
    mood: str
    kind: Literal["turn", "backchannel", "nod"]
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One person's side. ``audio`` is mono int16 at 16 kHz over the whole dialogue, exact zeros where it is silent.

    ``power``: where the synthesiser plans it (:attr:`omnibench.studio.voice.Utterance.power`), the mean square of the
    audio around every 200th of a second of the dialogue; None where only the sound tells.
    """

    person: str
    turns: tuple[Turn, ...]
    words: tuple[Word, ...]
    phones: tuple[Phone, ...]
    audio: NDArray[np.int16]
    power: NDArray[np.float64] | None = None

    @property
    def spoken(self) -> tuple[Turn, ...]:
        """The turns that are said, not nodded."""
        return tuple(turn for turn in self.turns if turn.kind != "nod")


@dataclass(frozen=True, slots=True)
class Performance:
    """A whole dialogue; ``duration`` in seconds has whole frames and whole samples."""

    slug: str
    topic: str
    mood: str
    split: str
    fps: Fraction
    duration: float
    speaker: Part
    listener: Part

    def part(self, role: Role) -> Part:
        """The side of a role."""
        return self.speaker if role == "speaker" else self.listener

    @property
    def frames(self) -> int:
        """Video frames at the dialogue's own rate."""
        return round(self.duration * self.fps)


def save(performance: Performance, stem: Path) -> None:
    """Write ``<stem>.npz`` (int16 ``speaker`` and ``listener``) and then ``<stem>.json`` (all the rest)."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, speaker=performance.speaker.audio, listener=performance.listener.audio)
    write_bytes(stem.with_suffix(".npz"), buffer.getvalue())
    record: dict[str, object] = {
        "slug": performance.slug,
        "topic": performance.topic,
        "mood": performance.mood,
        "split": performance.split,
        "fps": str(performance.fps),
        "duration": performance.duration,
    }
    record |= {role: _record(performance.part(role)) for role in ROLES}
    write_text(stem.with_suffix(".json"), json.dumps(record, ensure_ascii=False) + "\n")


def load(stem: Path) -> Performance:
    """Read what :func:`save` wrote. Raises FileNotFoundError if either file is missing."""
    record = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(stem.with_suffix(".npz"), allow_pickle=False) as audio:
        speaker, listener = (_part(record[role], audio[role]) for role in ROLES)
    return Performance(
        record["slug"],
        record["topic"],
        record["mood"],
        record["split"],
        Fraction(record["fps"]),
        record["duration"],
        speaker,
        listener,
    )


def _record(part: Part) -> dict[str, object]:
    return {
        "person": part.person,
        "turns": [{"start": t.start, "end": t.end, "mood": t.mood, "kind": t.kind, "text": t.text} for t in part.turns],
        "words": [{"text": w.text, "start": w.start, "end": w.end} for w in part.words],
        "phones": [[p.symbol, p.start, p.end] for p in part.phones],
    }


def _part(record: dict[str, Any], audio: NDArray[np.int16]) -> Part:
    return Part(
        record["person"],
        tuple(Turn(**turn) for turn in record["turns"]),
        tuple(Word(**word) for word in record["words"]),
        tuple(Phone(*phone) for phone in record["phones"]),
        audio,
    )
