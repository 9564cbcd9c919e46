"""How people take turns in a split: of data whose text files list ``turns``.

    {"text": "…", "words": […], "turns": [{"start": 5.5, "end": 7.1, "kind": "turn", "text": "Do you?"}]}

``kind`` is ``turn``, ``backchannel`` (said inside the other's turn) or ``nod`` (not said). The words alone do not tell
these apart without a threshold; metrics, which have one, find turns in the words (`omnibench.features.turns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple, Protocol

from omnibench.datasets.wording import PHRASE, ngrams, openings, repeated
from omnibench.files.checked import read_json

KINDS: Final = ("turn", "backchannel", "nod")


class Spoken(Protocol):
    """What is said from ``start`` to ``end``, in seconds."""

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float: ...


class Turn(NamedTuple):
    """What one person says at a stretch, in seconds from the clip's start."""

    start: float
    end: float
    kind: str
    text: str


@dataclass
class TurnStatistics:
    """Of the dialogues that list turns: their ``seconds``, those in which both people talk, turns by kind, what lies
    between one person's turn and the other's (seconds, negative where they overlap), and the texts.
    """

    dialogues: int = 0
    seconds: float = 0.0
    both: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    gaps: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, speaker: Sequence[Turn], listener: Sequence[Turn], seconds: float) -> None:
        """Count one dialogue; nothing where neither has a turn."""
        if not speaker and not listener:
            return
        self.dialogues += 1
        self.seconds += seconds
        self.kinds.update(turn.kind for turn in (*speaker, *listener))
        said = [[turn for turn in own if turn.kind != "nod"] for own in (speaker, listener)]
        self.both += both_talk(*said)
        order = sorted((turn.start, turn.end, who) for who in (0, 1) for turn in said[who] if turn.kind == "turn")
        self.gaps += [after[0] - before[1] for before, after in pairwise(order) if before[2] != after[2]]
        self.texts += [turn.text for own in said for turn in own]

    def document(self) -> dict[str, Any]:
        """As JSON values; empty where no dialogue lists turns."""
        if not self.dialogues or not self.seconds:
            return {}
        minutes = self.seconds / 60
        between = {"gap_median_s": median(self.gaps)} if self.gaps else {}
        overlapped = sum(gap < 0 for gap in self.gaps) / len(self.gaps) if self.gaps else 0.0
        return {
            "dialogues": self.dialogues,
            "turns_a_minute": self.kinds["turn"] / minutes,
            "backchannels_a_minute": self.kinds["backchannel"] / minutes,
            "nods_a_minute": self.kinds["nod"] / minutes,
            "both_talk": self.both / self.seconds,
            **between,
            "transfers_overlapped": overlapped,
            "openings_repeated": repeated(openings(self.texts)),
            "phrases_repeated": repeated(ngrams(self.texts, PHRASE)),
        }


def both_talk(one: Sequence[Spoken], other: Sequence[Spoken]) -> float:
    """Seconds in which both people talk, of what each says."""
    return sum(max(0.0, min(a.end, b.end) - max(a.start, b.start)) for a in one for b in other)


def read_turns(path: Path) -> tuple[Turn, ...]:
    """The turns of a text file; none where it does not list any, or lists something else under that name.

    Raises:
        InputError: the file cannot be read.
    """
    content = read_json(path)
    listed = content.get("turns") if isinstance(content, dict) else None
    return tuple(turn for turn in map(_turn, listed if isinstance(listed, list) else ()) if turn is not None)


def _turn(item: Any) -> Turn | None:
    if not isinstance(item, dict) or item.get("kind") not in KINDS or not isinstance(item.get("text"), str):
        return None
    start, end = item.get("start"), item.get("end")
    if not isinstance(start, int | float) or not isinstance(end, int | float):
        return None
    return Turn(float(start), float(end), item["kind"], item["text"])
