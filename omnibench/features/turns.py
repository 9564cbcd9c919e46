"""Turns from word times: who holds the floor, when it changes hands, and by what offset.

Aim: the timing of answers, signed, with overlaps kept. Vocabulary:

* a *unit* is a stretch of one person's words without a pause of ``pause`` seconds or more (an inter-pausal unit);
* a *floor transfer* goes from a unit of one person to a unit of the other that begins after it began, ends after it
  ended, and begins before the first person's next unit. Its *offset* is start minus end: positive for a gap, negative
  for an overlap;
* a unit wholly inside the other person's unit (overlap within a speaker) transfers nothing, and neither does a
  *backchannel*: a short unit after which the other person goes on within ``pause``.

Sources: Heldner & Edlund 2010, "Pauses, gaps and overlaps in conversations", section 2 (gaps, overlaps between and
within speakers); Levinson & Torreira 2015, "Timing in turn-taking" (floor-transfer offset; backchannels overlap and
take no turn). Word-level times merge over closures inside words, so pauses of at least 0.5 s are taken as the edge of a
unit; the threshold is a protocol's parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from omnibench.types import Word


class Unit(NamedTuple):
    """A stretch of one person's speech, seconds, and the number of words in it: 0 for a voice without a word."""

    start: float
    end: float
    words: int

    @property
    def seconds(self) -> float:
        """Duration, pauses inside included."""
        return self.end - self.start


class Transfer(NamedTuple):
    """The floor going from ``before`` (one person) to ``after`` (the other)."""

    before: Unit
    after: Unit

    @property
    def offset(self) -> float:
        """Seconds from the end of one to the start of the other; negative where they overlap."""
        return self.after.start - self.before.end


def units_of(words: Iterable[Word], pause: float) -> tuple[Unit, ...]:
    """Words joined over pauses shorter than ``pause`` seconds, in order of their start.

    Example:
        >>> units_of([Word("well", 0.0, 0.3), Word("yes", 0.5, 0.8), Word("and", 1.4, 1.6)], pause=0.5)
        (Unit(start=0.0, end=0.8, words=2), Unit(start=1.4, end=1.6, words=1))
    """
    units: list[Unit] = []
    for word in sorted(words, key=lambda w: (w.start, w.end)):
        if units and word.start - units[-1].end < pause:
            last = units[-1]
            units[-1] = Unit(last.start, max(last.end, word.end), last.words + 1)
        else:
            units.append(Unit(word.start, word.end, 1))
    return tuple(units)


def is_backchannel(unit: Unit, other: Sequence[Unit], pause: float, seconds: float, words: int) -> bool:
    """Whether a unit of at most ``seconds`` and ``words`` leaves the floor with the other person.

    That is: the other person speaks before it, and is still speaking at its end or goes on within ``pause`` seconds of
    it.
    """
    if unit.seconds > seconds or unit.words > words:
        return False
    spoke_before = any(u.start < unit.start for u in other)
    goes_on = any(u.end > unit.end and u.start < unit.end + pause for u in other)
    return spoke_before and goes_on


def transfers(first: Sequence[Unit], second: Sequence[Unit]) -> tuple[Transfer, ...]:
    """Every transfer of the floor from ``first``'s units to ``second``'s, in time order, at most one for each unit of
    ``first``.

    Example:
        >>> [t.offset for t in transfers([Unit(0.0, 2.0, 5)], [Unit(1.5, 4.0, 6)])]
        [-0.5]
    """
    found: list[Transfer] = []
    for index, unit in enumerate(first):
        until = first[index + 1].start if index + 1 < len(first) else float("inf")
        answer = next((u for u in second if unit.start < u.start < until and u.end > unit.end), None)
        if answer is not None:
            found.append(Transfer(unit, answer))
    return tuple(found)


class Floor(NamedTuple):
    """What two people's words make of the floor, seen from the listener's side."""

    speaker: tuple[Unit, ...]
    turns: tuple[Unit, ...]
    """The listener's units that are no backchannels and hold a word."""

    backchannels: tuple[Unit, ...]
    transfers: tuple[Transfer, ...]
    """From the speaker to the listener's turns."""


def floor_of(speaker: Sequence[Unit], listener: Sequence[Unit], pause: float, seconds: float, words: int) -> Floor:
    """The listener's units parted into backchannels (`is_backchannel`: at most ``seconds`` long and ``words`` words)
    and turns, and the transfers of the floor to those turns. What is neither short nor holds a word is left out.
    """
    backchannels = tuple(u for u in listener if is_backchannel(u, speaker, pause, seconds, words))
    turns = tuple(u for u in listener if u.words and u not in backchannels)
    return Floor(tuple(speaker), turns, backchannels, transfers(speaker, turns))


def answered_turns(
    speaker: Sequence[Unit], listener: Sequence[Unit], pause: float, seconds: float, words: int
) -> tuple[Transfer, ...]:
    """Transfers from speaker to listener, the listener's backchannels left out."""
    return floor_of(speaker, listener, pause, seconds, words).transfers


def spoken_seconds(words: Iterable[Word]) -> float:
    """Seconds in which at least one word is spoken; overlapping words of one person count once.

    Example:
        >>> spoken_seconds([Word("a", 0.0, 1.0), Word("b", 0.5, 2.0)])
        2.0
    """
    return seconds_in((word.start, word.end) for word in words)


def seconds_in(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that at least one of the spans covers."""
    return sum((end - start for start, end in union(spans)), 0.0)


def union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans sorted, with those that touch or overlap joined."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def outside(spans: Iterable[tuple[float, float]], allowed: Iterable[tuple[float, float]]) -> float:
    """Seconds of ``spans`` that no span of ``allowed`` covers.

    Example:
        >>> outside([(0.0, 3.0)], [(1.0, 2.0), (2.5, 9.0)])
        1.5
    """
    permitted = union(allowed)
    total = 0.0
    for start, end in union(spans):
        covered = sum(max(0.0, min(end, b) - max(start, a)) for a, b in permitted)
        total += end - start - covered
    return total
