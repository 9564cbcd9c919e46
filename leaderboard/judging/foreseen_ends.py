"""Answers that come at a fixed moment before the speaker falls silent, turn after turn: nobody who listens can know it.

People start before a turn ends, and late, and spread over hundreds of milliseconds (Levinson & Torreira 2015); a model
that waits for silence starts after it. One that has seen the turn's end starts at the same distance from it every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from omnibench.types import Word

PAUSE_SECONDS: Final = 0.4
"""Of the speaker, after which a turn is over; likewise of the answer, before which it begins."""
BEFORE_SECONDS: Final = (-1.0, -0.04)
WIDTH_SECONDS: Final = 0.08
LEAST_TURNS: Final = 12
SHARE: Final = 0.5


@dataclass
class TurnEnds:
    """Over a split, for each turn of the speaker's: how long before its end an answer begins, where one does."""

    turns: int = 0
    leads: list[tuple[str, float]] = field(default_factory=list)

    def add(self, dialogue: str, said: Sequence[Word], heard: Sequence[Word]) -> None:
        """Take one dialogue's answer and what the speaker says."""
        onsets = [w.start for before, w in zip((None, *said), said, strict=False) if _after_pause(before, w)]
        ends = [w.end for w, after in zip(heard, (*heard[1:], None), strict=False) if _before_pause(w, after)]
        self.turns += len(ends)
        for end in ends:
            early = [onset - end for onset in onsets if BEFORE_SECONDS[0] <= onset - end <= BEFORE_SECONDS[1]]
            self.leads += [(dialogue, max(early))] if early else []

    def closest(self) -> tuple[float, list[str]]:
        """The share of turns whose answers begin within `WIDTH_SECONDS` of one another, and their dialogues."""
        times = np.array([lead for _, lead in self.leads])
        if not self.turns or not len(times):
            return 0.0, []
        together = (times[None, :] >= times[:, None]) & (times[None, :] <= times[:, None] + WIDTH_SECONDS)
        chosen = together[int(together.sum(axis=1).argmax())]
        names = [name for (name, _), inside in zip(self.leads, chosen, strict=True) if inside]
        return float(chosen.sum() / self.turns), list(dict.fromkeys(names))

    def flag(self) -> dict[str, Any] | None:
        """The flag with its evidence (fields of `leaderboard.entry.schema.Flag`), or None."""
        share, names = self.closest()
        if self.turns < LEAST_TURNS or share < SHARE:
            return None
        message = (
            f"Answers begin at one moment before the speaker falls silent: within {WIDTH_SECONDS * 1000:.0f} ms of one "
            f"another in {share:.0%} of {self.turns} turns."
        )
        return {"kind": "precedes_cause", "message": message, "dialogues": names}


def _after_pause(before: Word | None, word: Word) -> bool:
    return before is None or word.start - before.end >= PAUSE_SECONDS


def _before_pause(word: Word, after: Word | None) -> bool:
    return after is None or after.start - word.end >= PAUSE_SECONDS
