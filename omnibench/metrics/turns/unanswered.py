"""Unanswered: of the speaker turns that the human listener answers, the share after which the floor does not pass to
the model.

What comes later than `omnibench.features.turns.LONGEST_GAP` is no transfer of the floor, and so in no offset
(``floor_transfer_offset``): this says how many turns the offsets leave out. Anyone who talks often enough leaves none
unanswered, so it has no better direction.
"""

from __future__ import annotations

from omnibench.metrics.base import Parameters, Ratio, Statistics, may, notice
from omnibench.metrics.turns.answered import turn_ends
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard
from omnibench.metrics.turns.turn_rates import EVEN, NO_WAITING


def without_answer(talk: Talk, parameters: Parameters) -> Statistics:
    """``turns`` that the human answers and how many of them are ``unanswered``."""
    ends = turn_ends(talk, parameters)
    answered = {transfer.before.end for transfer in floor(talk, "own", parameters).transfers}
    return {"turns": float(len(ends)), "unanswered": float(sum(end not in answered for end in ends))}


unanswered, heard_unanswered = said_and_heard(
    TurnSpec(
        name="unanswered",
        title="Unanswered",
        direction="none",
        onsets=True,
        summary="share of the turns answered by the human that get no answer of the model within 5 s",
        minimum=0.0,
        maximum=1.0,
        definition="Of the speaker's turns that the human listener answers, the share that gets no answer of the model "
        "within 5 s. They are in no offset.",
        pitfalls="No better direction: one who talks often enough leaves nothing unanswered. Read offsets with it.",
        order=524,
    ),
    without_answer,
    Ratio("unanswered", "turns", "the human listeners answer no turn in these dialogues"),
    parameters=RULES,
    audit=(
        notice("word_drop", why="an answer is lost with its words"),
        may("late_words", why=NO_WAITING),
        may("other_answer", why=EVEN),
    ),
)
