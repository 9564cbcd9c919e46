"""Response delay: the seconds from the end of a speaker turn that the human listener answers to the model's answer to
it; the median over those turns, signed.

Unlike ``floor_transfer_offset``, which looks at every answer that the model gives, this asks what someone who waits for
an answer sees: a turn that gets none counts with `LIMIT` seconds, so more than half of the turns unanswered gives
`LIMIT`. Answers are paired with turns as in ``answered_2s``; one that begins up to ``lead`` seconds before the turn's
end has a negative delay, which is kept. Between humans it is about 0.2 s (Levinson & Torreira 2015), and earlier is not
better, so there is no better direction; the table's ground truth has the human's own.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from omnibench.features.turns import LONGEST_GAP
from omnibench.metrics.base import Median, Parameters, Statistics, may, notice, strongest
from omnibench.metrics.turns.answered import answers_to, turn_ends
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, answers, said_and_heard
from omnibench.metrics.turns.turn_rates import EVEN, NO_WAITING

LIMIT: Final = LONGEST_GAP
"""Seconds after a turn in which an answer still belongs to it."""


def delays(talk: Talk, parameters: Parameters) -> Statistics:
    """``delays``: seconds, one for each turn that the human answers."""
    ends = turn_ends(talk, parameters)
    found = answers_to(ends, answers(talk), parameters["lead"], parameters["longest"])
    waited = [LIMIT if a is None else a.start - end for end, a in zip(ends, found, strict=True)]
    return {"delays": np.array(waited, dtype=np.float64)}


response_delay, heard_response_delay = said_and_heard(
    TurnSpec(
        name="response_delay",
        title="Delay",
        direction="none",
        onsets=True,
        summary=f"median time from a turn that the human answers to the model's answer; none counts as {LIMIT} s",
        unit="s",
        definition="Median seconds from the end of a turn that the human answers to the model's answer, signed; a turn "
        "that gets none counts as 5 s.",
        pitfalls="No better direction: an answer that comes before the question is over is not a better one. Compare "
        "with the ground truth's own.",
        order=540,
    ),
    delays,
    Median("delays", "the human listeners answer no turn in these dialogues"),
    parameters={**RULES, "lead": 1.0},
    audit=(
        notice(
            "word_drop",
            why="an answer that loses its first words begins later, and a lost one counts with the longest delay",
        ),
        strongest("late_words", within_absolute=0.5, why=NO_WAITING),
        may("other_answer", why=EVEN),
    ),
    shifted=strongest("audio_shift", within_absolute=0.2, why="every answer is heard 0.6 s later"),
)
