"""Answered within 2 s, corrected for chance: how much oftener the model answers a turn in time than it would by talking
at random as often, or at every pause.

A turn of the speaker is answered by the human where the floor passes to the listener (`omnibench.features.turns`). The
model answers it with a unit that begins between ``lead`` seconds before and ``within`` seconds after the end of that
turn and lasts past it. One unit answers one turn, and where several might, the pairs are those of the least total
distance (`omnibench.features.pairing`). Someone who never stops talking begins no unit, and so answers nothing. Blind
to what is said. The 2 s are a patience limit, not the human delay, which is about 0.2 s (Levinson & Torreira 2015).

The share of turns answered so far is corrected for what its rate of speaking would get without listening to what is
said, in two ways, and the smaller of the two is the value:

* for *random answers*: the share that the same units would answer, moved round the dialogue in ``shifts`` equal steps,
  its end joined to its start. It keeps their number, lengths and rhythm, so that a metronome has 0. What is above that
  is divided by the most that could be, what is below it by the least (Cole's coefficient);
* for *false speech*: the share of the speaker's pauses that the model begins to speak at, of those of at least
  ``hesitation`` seconds in which the speaker goes on and the human listener is silent (pairs as above, all pauses and
  turns together), is taken off. One who speaks at every silence has 0. Where there are no such pauses it is left out.

1 is every turn and no pause, as people have; 0 is chance; -1 the opposite. Were random answers taken off undivided,
people, whose words moved round a short dialogue answer turns too, would lie below an echo, which says less.

Sources: Cole 1949, which above 0 is Cohen's kappa (1960) for one sort of error; a surrogate by circular shift
(Andrzejak et al. 2003); Youden's index (Youden 1950; informedness: Powers 2011), hits less false alarms.
``hesitation`` was chosen on mini's val split and studio's: with .15 and .2 s the reflex has .00 on both (24
dialogues each), with .1 s more than that, since it takes no notice of so short a pause, and with .3 s mini has no
pause left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from omnibench.errors import MetricError
from omnibench.features.heard import spoken_units
from omnibench.features.pairing import assigned
from omnibench.features.turns import LONGEST_GAP, Unit
from omnibench.metrics.base import Corpus, Parameters, Statistics, listens, may, notice
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, answers, floor, said_and_heard


def answers_to(ends: Sequence[float], given: Sequence[Unit], lead: float, within: float) -> list[Unit | None]:
    """The answer that each of the turns that end at ``ends`` (ascending, seconds) gets in time, by best assignment: of
    least total time between ends and answers, where none counts as `LONGEST_GAP`.

    Args:
        ends: seconds, ascending.
        given: units in order; each answers one turn at most.
        lead: seconds before an end from which an answer may begin.
        within: seconds after it until which it may.

    Example:
        >>> answers_to([2.0, 6.0], [Unit(1.8, 3.0, 4), Unit(9.0, 10.0, 4)], lead=1.0, within=2.0)
        [Unit(start=1.8, end=3.0, words=4), None]
    """
    until = np.asarray(ends, np.float64)[:, None]
    start, end = (np.array([[unit[edge] for unit in given]], np.float64) for edge in (0, 1))
    late = start - until
    allowed = (late >= -lead) & (start <= until + within) & (end > until)
    found = assigned(np.where(allowed, np.abs(late), np.inf), LONGEST_GAP)
    # Windows are ordered as their ends are, so that answers can be given to the same turns in order at no greater cost.
    order = iter(sorted(column for column in found if column is not None))
    return [None if column is None else given[next(order)] for column in found]


def turn_ends(talk: Talk, parameters: Parameters) -> list[float]:
    """Where the speaker's turns end that the human answers: seconds, ascending."""
    return [transfer.before.end for transfer in floor(talk, "human", parameters).transfers]


def pauses_left(talk: Talk, ends: Sequence[float], parameters: Parameters) -> list[float]:
    """Where the speaker's pauses begin that the human says nothing in: seconds, ascending.

    Args:
        talk: who speaks when.
        ends: of the turns that the human answers.
        parameters: ``hesitation``, the least that a pause lasts (s), ``lead`` and ``within``.
    """
    stretches = spoken_units(talk.spans("speaker"), parameters["hesitation"])
    pauses = [unit.end for unit in stretches[:-1] if unit.end not in ends]
    moments = sorted([*ends, *pauses])
    taken = answers_to(moments, talk.units("human"), parameters["lead"], parameters["within"])
    return [at for at, unit in zip(moments, taken, strict=True) if unit is None and at not in ends]


def at_random(
    moments: Sequence[float], ends: Sequence[float], units: Sequence[Unit], whole: float, parameters: Parameters
) -> float:
    """How many turns the units would answer on average, moved round a dialogue whose end is joined to its start.

    Args:
        moments: seconds, of turns and pauses.
        ends: those of turns.
        units: the model's.
        whole: seconds that the dialogue lasts.
        parameters: ``shifts``, how many equal steps make the whole; ``lead`` and ``within``.
    """
    lead, shifts = parameters["lead"], parameters["shifts"]
    late = np.array([[unit.start - moment for unit in units] for moment in moments]).reshape(len(moments), len(units))
    seconds = np.array([unit.seconds for unit in units])
    met = 0
    for step in range(shifts):
        moved = (late + (whole * (step + 0.5) / shifts + lead)) % whole - lead
        allowed = (moved <= parameters["within"]) & (moved + seconds > 0)
        found = assigned(np.where(allowed, np.abs(moved), np.inf), LONGEST_GAP)
        met += sum(at in ends and unit is not None for at, unit in zip(moments, found, strict=True))
    return met / shifts


def answered(talk: Talk, parameters: Parameters) -> Statistics:
    """``turns`` that the human answers and how many of them the model has ``answered``; the human's silent ``pauses``
    and how many are ``taken``; ``random``, how many turns the model's units would answer on average, moved.
    """
    ends = turn_ends(talk, parameters)
    pauses = pauses_left(talk, ends, parameters)
    moments = sorted([*ends, *pauses])
    own = answers(talk)
    found = answers_to(moments, own, parameters["lead"], parameters["within"])
    met = [at for at, unit in zip(moments, found, strict=True) if unit is not None]
    turns = sum(at in ends for at in met)
    return {
        "turns": float(len(ends)),
        "answered": float(turns),
        "pauses": float(len(pauses)),
        "taken": float(len(met) - turns),
        "random": at_random(moments, ends, own, 60.0 * talk.minutes, parameters) if ends else 0.0,
    }


_NAMES: Final = ("turns", "answered", "pauses", "taken", "random")


def above_chance(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """The share of answered turns corrected for chance, over the corpus. Raises MetricError where the human answers
    nothing.
    """
    found = _above_chance(statistics)
    if found is None:
        raise MetricError("the human listeners answer no turn in these dialogues")
    return found


def _above_chance(statistics: Sequence[Statistics]) -> float | None:
    sums = {name: sum(float(s[name]) for s in statistics) for name in _NAMES}
    if not sums["turns"]:
        return None
    false = sums["taken"] / sums["pauses"] if sums["pauses"] else 0.0
    share, random = sums["answered"] / sums["turns"], sums["random"] / sums["turns"]
    return min(corrected(share, random), share - false)


def corrected(share: float, chance: float) -> float:
    """A share in 0..1 against what chance would give, in -1..1 (Cole 1949). No share is above a chance of 1.

    Example:
        >>> corrected(1.0, 0.5), corrected(0.75, 0.5), corrected(0.5, 0.5), corrected(0.1, 0.5), corrected(1.0, 1.0)
        (1.0, 0.5, 0.0, -0.8, 0.0)
    """
    above = share - chance
    return above / (1 - chance) if above > 0 else above / chance if above < 0 else 0.0


answered_2s, heard_answered_2s = said_and_heard(
    TurnSpec(
        name="answered_2s",
        title="Answered ≤ 2 s",
        direction="higher",
        onsets=True,
        summary="share of the turns answered by the human that the model answers within 2 s, corrected for chance",
        minimum=-1.0,
        maximum=1.0,
        definition="Of the speaker's turns that the human listener answers, the share that the model answers too, no "
        "later than 2 s after the turn's end, corrected for what as much talk would answer at random, and less the "
        "share of the speaker's pauses that it takes for ends. 1 is every turn and no pause, 0 is chance.",
        pitfalls="Blind to what is said: anything said at the end of turns alone has it. Two seconds is a limit of "
        "patience, not the human delay, which is about 0.2 s. Where the speaker hardly pauses, whoever waits for an "
        "end has what people have.",
        order=510,
        claim=listens(
            "what random answers and answers at each pause would get is taken off: only who hears that a turn is over "
            "is above 0"
        ),
    ),
    answered,
    Corpus(above_chance, lambda own: _above_chance([own]), interval="bootstrap"),
    parameters={**RULES, "lead": 1.0, "within": 2.0, "hesitation": 0.15, "shifts": 50},
    audit=(
        may("word_drop", why="lost words end an answer or split it, and less talk meets less by chance as well"),
        notice("late_words", why="this is what they are for: an answer that comes too late"),
        notice("other_answer", why="another dialogue's answers come when nobody asked"),
    ),
)
