"""A situation before anybody has spoken: who does what after what, and what is asked of the listener.

Times are told by what happens, a line's beginning or its end, since how long a line takes is the speaker's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omnibench.files.event_records import Act, Anchor, Kind, Rule

MoveName = Literal["smile", "nod", "away", "cough"]


@dataclass(frozen=True, slots=True)
class Moment:
    """``plus`` seconds after a recording begins; with ``line``, after that line's beginning, or its ``end``."""

    plus: float
    line: int | None = None
    end: bool = False

    def after(self, seconds: float) -> Moment:
        """The moment so many seconds later."""
        return Moment(self.plus + seconds, self.line, self.end)


def at(seconds: float) -> Moment:
    """Seconds from a recording's beginning."""
    return Moment(seconds)


def begins(line: int, plus: float = 0.0) -> Moment:
    """Seconds from a line's beginning."""
    return Moment(plus, line)


def ends(line: int, plus: float = 0.0) -> Moment:
    """Seconds from a line's end."""
    return Moment(plus, line, end=True)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is said from ``start`` on, in a mood of the studio."""

    text: str
    start: Moment
    mood: str = "neutral"
    backchannel: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """Something that the face or the head does, from ``start`` to ``end``."""

    name: MoveName
    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that is nobody's speech (`omnibench.studio.events.sounds`), from ``start`` on."""

    name: str
    start: Moment
    seconds: float


@dataclass(frozen=True, slots=True)
class Talk:
    """What somebody else says in the background, out of the speaker's transcript."""

    text: str
    start: Moment


@dataclass(frozen=True, slots=True)
class Side:
    """What the speaker does in one recording."""

    lines: tuple[Line, ...] = ()
    moves: tuple[Move, ...] = ()
    sounds: tuple[Sound, ...] = ()
    talks: tuple[Talk, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A window of the record, not yet in seconds."""

    rule: Rule
    acts: tuple[Act, ...]
    start: Moment
    end: Moment
    anchor: Anchor = "clip"


@dataclass(frozen=True, slots=True)
class Noticed:
    """The cue of the record, not yet in seconds."""

    what: str
    start: Moment
    end: Moment
    anchor: Anchor = "clip"


@dataclass(frozen=True, slots=True)
class Plan:
    """One situation. ``inserted`` is what the speaker does once the listener was heard after ``since``."""

    kind: Kind
    variant: str
    main: Side
    cue: Noticed
    asked: tuple[Asked, ...]
    inserted: Side | None = None
    since: Moment | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """When the lines of a recording begin and end, seconds; and how long the background's talks take."""

    lines: tuple[tuple[float, float], ...]

    def of(self, moment: Moment) -> float:
        """Seconds of a moment, to a tenth of a millisecond."""
        if moment.line is None:
            return round(moment.plus, 4)
        return round(self.lines[moment.line][moment.end] + moment.plus, 4)


def placed(side: Side, seconds: Mapping[str, float]) -> Times:
    """Put the lines one after the other.

    Args:
        side: a recording.
        seconds: how long each text takes.
    """
    found: list[tuple[float, float]] = []
    for line in side.lines:
        start = round(Times(tuple(found)).of(line.start), 3)
        found.append((start, round(start + seconds[line.text], 4)))
    return Times(tuple(found))
