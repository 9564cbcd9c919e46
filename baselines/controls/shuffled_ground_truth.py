"""``shuffled_ground_truth``: a real listener, of another dialogue of the split.

Every marginal statistic is human and nothing fits the speaker: a metric on which it does as well as ``ground_truth``
does not look at the speaker.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from baselines.controls import ground_truth
from baselines.controls.entry import ControlEntry
from baselines.controls.replay import ReplaySession
from omnibench.errors import InputError
from omnibench.responder import Oracle, TimedTrack
from omnibench.types import DialogueContext

CARD = replace(
    ground_truth.CARD,
    name="shuffled_ground_truth",
    outputs=("face", "audio", "words"),
    summary="The human listener of another dialogue of the split, chosen by the seed.",
)


def derangement(count: int, seed: int) -> tuple[int, ...]:
    """A cyclic permutation of ``range(count)``: nobody stays in place.

    Raises:
        InputError: fewer than two.
    Source: Sattolo 1986.
    """
    if count < 2:
        raise InputError("shuffled_ground_truth needs a split of two dialogues or more: nobody else can answer in one.")
    order, rng = list(range(count)), np.random.default_rng(seed)
    for last in range(count - 1, 0, -1):
        other = int(rng.integers(last))
        order[last], order[other] = order[other], order[last]
    return tuple(order)


class ShuffledGroundTruth:
    """The control."""

    card = CARD

    def open_with_oracle(self, context: DialogueContext, oracle: Oracle) -> ReplaySession:
        """Replay the listener that the seed puts in this dialogue's place."""
        order = derangement(len(oracle.ids), context.seed)
        other = oracle.ids[order[oracle.ids.index(context.dialogue)]]
        return ReplaySession(cast(TimedTrack, oracle.listener(other)), context, images=False)


entry = ControlEntry(CARD, ShuffledGroundTruth)
