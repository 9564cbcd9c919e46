"""Answered within 2 s: of the speaker turns that the human listener answers, the share that the model answers in time
too.

A turn of the speaker is answered by the human where the floor passes to the listener (`omnibench.features.turns`:
overlaps kept, backchannels left out). The model answers it with a unit that begins between ``lead`` seconds before and
``within`` seconds after the end of that turn and lasts past it; one unit answers one turn. Someone who never stops
talking begins no unit, and so answers nothing. Blind to what is said. The 2 s are a patience limit, not the human
delay, which is about 0.2 s (Levinson & Torreira 2015).
"""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.features.turns import Unit
from omnibench.metrics.base import Parameters, Ratio, Statistics, listens, notice, strongest
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, answers, floor, said_and_heard


def answers_to(ends: Sequence[float], given: Sequence[Unit], lead: float, within: float) -> list[Unit | None]:
    """The answer that each of the turns that end at ``ends`` (ascending, seconds) gets in time, each unit given once.

    Example:
        >>> answers_to([2.0, 6.0], [Unit(1.8, 3.0, 4), Unit(9.0, 10.0, 4)], lead=1.0, within=2.0)
        [Unit(start=1.8, end=3.0, words=4), None]
    """
    left = list(given)
    found: list[Unit | None] = []
    for end in ends:
        answer = next((u for u in left if end - lead <= u.start <= end + within and u.end > end), None)
        found.append(answer)
        if answer is not None:
            left.remove(answer)
    return found


def turn_ends(talk: Talk, parameters: Parameters) -> list[float]:
    """Where the speaker's turns end that the human answers: seconds, ascending."""
    return [transfer.before.end for transfer in floor(talk, "human", parameters).transfers]


def answered(talk: Talk, parameters: Parameters) -> Statistics:
    """``turns`` that the human answers and how many of them the model has ``answered``."""
    ends = turn_ends(talk, parameters)
    found = answers_to(ends, answers(talk), parameters["lead"], parameters["within"])
    return {"turns": float(len(ends)), "answered": float(len(found) - found.count(None))}


answered_2s, heard_answered_2s = said_and_heard(
    TurnSpec(
        name="answered_2s",
        title="Answered ≤ 2 s",
        direction="higher",
        onsets=True,
        summary="share of the speaker turns answered by the human that the model answers within 2 s",
        minimum=0.0,
        maximum=1.0,
        definition="Of the speaker's turns that the human listener answers, the share that the model answers too, no "
        "later than 2 s after the turn's end.",
        pitfalls="Blind to what is said. Two seconds is a limit of patience, not the human delay, which is about "
        "0.2 s. Read false speech beside it: one who talks at every pause answers many turns.",
        order=510,
        claim=listens(
            "what random answers and answers at each pause would get is taken off: only who hears that a turn is over "
            "is above 0"
        ),
    ),
    answered,
    Ratio("answered", "turns", "the human listeners answer no turn in these dialogues"),
    parameters={**RULES, "lead": 1.0, "within": 2.0},
    audit=(
        strongest(
            "word_drop",
            within=0.1,
            why="blind to what is said: a turn is answered as long as one word of its answer is left in time",
        ),
        notice("late_words", why="this is what they are for: an answer that comes too late"),
        notice("other_answer", why="another dialogue's answers come when nobody asked"),
    ),
)
