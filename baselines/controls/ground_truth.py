"""``ground_truth``: the human listener as recorded, pictures included. The ceiling, and the row that has to match the
paper's own.
"""

from __future__ import annotations

from typing import cast

from baselines.controls.entry import ControlEntry
from baselines.controls.replay import ReplaySession
from omnibench.responder import ModelCard, Oracle, TimedTrack
from omnibench.types import DialogueContext

CARD = ModelCard(
    name="ground_truth",
    version="1",
    kind="control",
    outputs=("face", "audio", "words", "image"),
    summary="The human listener as recorded, replayed through the clock.",
    inputs=(),
    licence="Apache-2.0",
    group="Controls",
)


class GroundTruth:
    """The control."""

    card = CARD

    def open_with_oracle(self, context: DialogueContext, oracle: Oracle) -> ReplaySession:
        """Replay this dialogue's own listener."""
        track = cast(TimedTrack, oracle.listener(context.dialogue))
        return ReplaySession(track, context, images=True)


entry = ControlEntry(CARD, GroundTruth)
