"""Floor-transfer offset: the median time from the end of the speaker's turn to the start of the model's answer, signed.

Heldner & Edlund 2010; Levinson & Torreira 2015 report about +0.2 s between humans. Overlaps count with their negative
offsets, and nothing is clamped. It has no better direction: an answer that comes before the question is over is not a
better one. Only turns that are answered at all enter; read it beside ``answered_2s``.
"""

from __future__ import annotations

import numpy as np

from omnibench.metrics.base import Median, Parameters, Statistics, may, strongest
from omnibench.metrics.turns.floor import RULES, Talk, TurnSpec, floor, said_and_heard
from omnibench.metrics.turns.turn_rates import EVEN, SPLIT


def offsets(talk: Talk, parameters: Parameters) -> Statistics:
    """``offsets``: seconds, one for each transfer of the floor; none is a normal case."""
    found = floor(talk, "own", parameters).transfers
    return {"offsets": np.array([transfer.offset for transfer in found], dtype=np.float64)}


floor_transfer_offset, heard_floor_transfer_offset = said_and_heard(
    TurnSpec(
        name="floor_transfer_offset",
        title="FTO",
        direction="none",
        onsets=True,
        summary="median time from the end of a speaker turn to the start of the answer; negative where they overlap",
        unit="s",
        definition="Median time from the end of a turn of the speaker to the start of the answer, signed: negative "
        "where they overlap. Between humans about +0.2 s.",
        pitfalls="No better direction, and only turns that are answered at all enter. The recorded speaker does not "
        "wait for the model.",
        order=520,
    ),
    offsets,
    Median("offsets", "the answers never take the floor from the speaker"),
    parameters=RULES,
    audit=(
        may("word_drop", why=SPLIT),
        may(
            "late_words",
            why="the recorded speaker does not wait: an answer late enough to fall into the next turn is counted "
            "against that one",
        ),
        may("other_answer", why=EVEN),
    ),
    shifted=strongest("audio_shift", within_absolute=0.2, why="every answer is heard 0.6 s later"),
)
