"""Turns from word times: who holds the floor, when it changes hands, and by what offset.

Aim: the timing of answers, signed, with overlaps kept. Vocabulary:

* a *unit* is a stretch of one person's words without a pause of ``pause`` seconds or more (an inter-pausal unit);
* a *backchannel* is a short unit in the midst of the other person's talk: it leaves the floor where it was. Both people
  have them, and neither's answer anything or are there to be answered; all other units that hold a word are *turns*;
* a *floor transfer* goes from a turn of one person to a turn of the other that begins after it began and ends after it
  ended. Its *offset* is start minus end: positive for a gap, negative for an overlap. A turn can be the answer to the
  one that it begins in, or to the last one that was over by then; where several might answer one, or one several, the
  pairs are those of the least total offset (`omnibench.features.pairing`). After more than `LONGEST_GAP` seconds
  nothing is answered;
* a unit wholly inside the other person's turn (overlap within a speaker) transfers nothing.

Sources: Heldner & Edlund 2010, "Pauses, gaps and overlaps in conversations", section 2 (gaps, overlaps between and
within speakers); Levinson & Torreira 2015, "Timing in turn-taking" (floor-transfer offset; backchannels overlap and
take no turn). Word-level times merge over closures inside words, so pauses of at least 0.5 s are taken as the edge of a
unit; the threshold is a protocol's parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from omnibench.features.pairing import assigned
from omnibench.types import Word

LONGEST_GAP: Final = 5.0
"""Seconds of silence behind a turn after which what is said is no answer to it."""


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

    That is: the other person speaks at its start or stopped less than ``pause`` seconds before, and is still speaking
    at its end or goes on within ``pause`` seconds of it.
    """
    if unit.seconds > seconds or unit.words > words:
        return False
    held = any(u.start < unit.start < u.end + pause for u in other)
    goes_on = any(u.end > unit.end and u.start < unit.end + pause for u in other)
    return held and goes_on


def transfers(first: Sequence[Unit], second: Sequence[Unit], longest: float = LONGEST_GAP) -> tuple[Transfer, ...]:
    """Every transfer of the floor from ``first``'s turns to ``second``'s, in time order, each turn in one at most.

    Args:
        first: in order of their start.
        second: likewise.
        longest: seconds of the longest gap.

    Example:
        >>> [t.offset for t in transfers([Unit(0.0, 2.0, 5)], [Unit(1.5, 4.0, 6)])]
        [-0.5]
    """
    costs = np.full((len(first), len(second)), np.inf)
    for column, unit in enumerate(second):
        begun = [row for row, turn in enumerate(first) if turn.start < unit.start]
        if any(first[row].end >= unit.end for row in begun):
            continue
        over = [row for row in begun if first[row].end <= unit.start][-1:]
        for row in over + [row for row in begun if first[row].end > unit.start]:
            offset = unit.start - first[row].end
            costs[row, column] = abs(offset) if offset <= longest else np.inf
    pairs = zip(first, assigned(costs, longest), strict=True)
    return tuple(Transfer(before, second[column]) for before, column in pairs if column is not None)


class Floor(NamedTuple):
    """What two people's words make of the floor, seen from the listener's side."""

    speaker: tuple[Unit, ...]
    """The speaker's turns."""

    turns: tuple[Unit, ...]
    """The listener's."""

    backchannels: tuple[Unit, ...]
    transfers: tuple[Transfer, ...]
    """From the speaker's turns to the listener's."""


def floor_of(
    speaker: Sequence[Unit],
    listener: Sequence[Unit],
    pause: float,
    seconds: float,
    words: int,
    longest: float = LONGEST_GAP,
    partner: Sequence[Unit] | None = None,
) -> Floor:
    """The units of two people parted into backchannels (`is_backchannel`: at most ``seconds`` long and ``words`` words)
    and turns, and the transfers of the floor. What is neither short nor holds a word is left out of the listener's.

    Args:
        speaker: units of the one who is answered.
        listener: units of the one who answers.
        pause: seconds; ``seconds`` and ``words``, the most of a backchannel; ``longest``, of `transfers`.
        partner: units of the one whom the speaker heard, where that is not the listener: a recorded speaker's
            backchannels are told by the talk that they were said to.
    """
    turns, backchannels = _parted(listener, speaker, pause, seconds, words)
    heard = turns if partner is None else _parted(partner, speaker, pause, seconds, words)[0]
    asked = tuple(u for u in speaker if not is_backchannel(u, heard, pause, seconds, words))
    return Floor(asked, turns, backchannels, transfers(asked, turns, longest))


def answered_turns(
    speaker: Sequence[Unit],
    listener: Sequence[Unit],
    pause: float,
    seconds: float,
    words: int,
    longest: float = LONGEST_GAP,
) -> tuple[Transfer, ...]:
    """Transfers from speaker to listener, backchannels of both left out."""
    return floor_of(speaker, listener, pause, seconds, words, longest).transfers


def _parted(
    units: Sequence[Unit], other: Sequence[Unit], pause: float, seconds: float, words: int
) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    backchannels = tuple(u for u in units if is_backchannel(u, other, pause, seconds, words))
    return tuple(u for u in units if u.words and u not in backchannels), backchannels


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
