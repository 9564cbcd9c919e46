"""What is drawn for one situation: lines without repeats within a kind, seconds, moods, people. Hashes of names alone,
so that a further kind or line changes no other situation's draws but those of its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from omnibench.studio.events.lines import read_lines
from omnibench.studio.people import draw

T = TypeVar("T")


def shuffled(items: Sequence[T], *names: str) -> list[T]:
    """The items in an order that hangs on ``names`` alone."""
    return [item for _, item in sorted((draw(*names, str(i)), item) for i, item in enumerate(items))]


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of the ``number``-th situation of a kind; ``seed`` names the whole."""

    seed: str
    kind: str
    number: int

    def line(self, name: str, skip: int = 0) -> tuple[str, ...]:
        """The parts of a line of a file: another one for each number, until all were used; ``skip`` counts on."""
        lines = shuffled(read_lines(name), self.seed, self.kind, name)
        return lines[(self.number + skip * len(lines) // 2) % len(lines)]

    def between(self, low: float, high: float, *names: str) -> float:
        """Seconds between two bounds, in hundredths."""
        share = draw(self.seed, self.kind, str(self.number), f"{low}-{high}", *names) / 2**48
        return round(low + (high - low) * share, 2)

    def chance(self, share: float) -> bool:
        """True in that share of situations."""
        return draw(self.seed, self.kind, str(self.number), "chance") < share * 2**48

    def mood(self, *moods: str) -> str:
        """One of these moods."""
        return moods[draw(self.seed, self.kind, str(self.number), "mood") % len(moods)]

    def pick(self, what: str, names: Sequence[str]) -> str:
        """One of these names, all of them alike often."""
        return shuffled(names, self.seed, self.kind, what)[self.number % len(names)]
