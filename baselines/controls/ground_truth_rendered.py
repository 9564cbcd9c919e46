"""``ground_truth_rendered``: the human listener's coefficients through our renderer, what a perfect model's video
would be.

Beside ``ground_truth`` it tells what the renderer costs in every metric on video.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from baselines.controls import ground_truth
from baselines.controls.entry import ControlEntry
from baselines.controls.replay import ReplaySession
from omnibench.responder import Oracle, TimedTrack
from omnibench.types import DialogueContext

CARD = replace(
    ground_truth.CARD,
    name="ground_truth_rendered",
    outputs=("face", "audio", "words"),
    summary="The human listener's coefficients, drawn by our renderer, with the recorded voice and words.",
)


class GroundTruthRendered:
    """The control."""

    card = CARD

    def open_with_oracle(self, context: DialogueContext, oracle: Oracle) -> ReplaySession:
        """Replay this dialogue's own listener without the pictures."""
        track = cast(TimedTrack, oracle.listener(context.dialogue))
        return ReplaySession(track, context, images=False)


entry = ControlEntry(CARD, GroundTruthRendered)
