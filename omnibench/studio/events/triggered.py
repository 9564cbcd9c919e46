"""The kinds of situations in which the speaker waits until the listener has been heard for .8 s: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from omnibench.files.event_records import Kind
from omnibench.studio.events.draws import Draws
from omnibench.studio.events.plan import (
    Asked,
    Line,
    Moment,
    Move,
    Noticed,
    Plan,
    Side,
    Sound,
    at,
    begins,
    ends,
)

HEARD: Final = 0.8
"""Seconds for which the listener has to be heard."""
LEVEL: Final = -45.0
"""dBFS that its sound has to reach: 20 dB below the level at which the studio's people speak."""
STOPPED: Final = 1.2
"""Who is interrupted has stopped so many seconds after the interruption began."""
GOES_ON: Final = 1.0
"""Who is not interrupted is heard again within so many seconds of what did not interrupt."""
WAIT: Final = 4.0
"""Seconds after the question in which an answer has to be heard for something to be inserted."""


def _asked_first(draws: Draws) -> tuple[Side, Moment]:
    """An open question, and the moment from which on the listener's sound counts."""
    (text,) = draws.line("open_question")
    side = Side((Line(text, at(draws.between(0.5, 0.9)), draws.mood("neutral", "happy")),))
    return side, ends(0)


def yield_floor(draws: Draws) -> Plan:
    """The speaker interrupts: the listener stops within 1.2 s and lets them finish."""
    (main, since), (text,) = _asked_first(draws), draws.line("yield_floor")
    inserted = Side((Line(text, at(0.05), draws.mood("serious", "neutral", "worried")),))
    asked = (
        Asked("must", ("stop",), begins(0), begins(0, STOPPED), "insertion"),
        Asked("must_not", ("turn",), begins(0, STOPPED), ends(0, -0.5), "insertion"),
        Asked("may", ("turn", "backchannel"), ends(0, -0.25), ends(0, 2.0), "insertion"),
    )
    cue = Noticed("interruption", begins(0), ends(0), "insertion")
    return Plan("yield_floor", text, main, cue, asked, inserted, since)


def _kept(draws: Draws, kind: Kind, variant: str, inserted: Side, start: Moment, end: Moment) -> Plan:
    """Something that is no interruption: the listener is heard again right after it."""
    main, since = _asked_first(draws)
    asked = (Asked("must", ("speech",), end, end.after(GOES_ON), "insertion"),)
    return Plan(kind, variant, main, Noticed(kind, start, end, "insertion"), asked, inserted, since)


def keep_floor(draws: Draws) -> Plan:
    """The speaker says *mm-hm* while the listener talks: the listener goes on."""
    (text,) = draws.line("keep_floor")
    inserted = Side((Line(text, at(0.05), draws.mood("neutral", "happy"), backchannel=True),))
    return _kept(draws, "keep_floor", text, inserted, begins(0), ends(0))


def keep_noise(draws: Draws) -> Plan:
    """The speaker coughs, or something falls, while the listener talks: the listener goes on."""
    name = draws.pick("noise", ("cough", "throat", "door", "keys", "dishes"))
    start, seconds = at(0.05), draws.between(0.5, 0.9)
    moves = (Move("cough", start, start.after(seconds)),) if name in ("cough", "throat") else ()
    inserted = Side((), moves, (Sound(name, start, seconds),))
    return _kept(draws, "keep_noise", name, inserted, start, start.after(seconds))


def repair(draws: Draws) -> Plan:
    """The speaker did not understand: the listener stops, and says something again once they have asked."""
    (main, since), (text,) = _asked_first(draws), draws.line("repair")
    inserted = Side((Line(text, at(0.05), draws.mood("surprised", "worried", "neutral")),))
    asked = (
        Asked("must", ("stop",), begins(0), ends(0, 0.7), "insertion"),
        Asked("must", ("turn", "backchannel"), ends(0, -0.25), ends(0, 2.5), "insertion"),
    )
    cue = Noticed("repair", begins(0), ends(0), "insertion")
    return Plan("repair", text, main, cue, asked, inserted, since)


TRIGGERED: Final[Mapping[Kind, Callable[[Draws], Plan]]] = {
    "yield_floor": yield_floor,
    "keep_floor": keep_floor,
    "keep_noise": keep_noise,
    "repair": repair,
}
