"""Floor-transfer offset: the median time from the end of the speaker's turn to the start of the model's answer, signed.

Heldner & Edlund 2010; Levinson & Torreira 2015 report about +0.2 s between humans. Overlaps count with their negative
offsets, and nothing is clamped. It has no better direction: an answer that comes before the question is over is not a
better one. Only turns that are answered at all enter; read it beside ``answered_2s``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnibench.errors import MetricError
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.turns.floor import listener_floor, own_words
from omnibench.types import Dialogue


class FloorTransferOffset:
    """Median offset over all transfers from the speaker to the answer."""

    spec = MetricSpec(
        name="floor_transfer_offset",
        title="FTO",
        direction="none",
        level="corpus",
        needs=("words",),
        onsets=True,
        summary="median time from the end of a speaker turn to the start of the answer; negative where they overlap",
        section="5 (behaviour; not in the paper)",
        unit="s",
        interval="quantile",
        decimals=2,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``offsets``: seconds, one for each transfer of the floor; none is a normal case."""
        found = listener_floor(reference, own_words(prediction, parameters), parameters).transfers
        return {"offsets": np.array([transfer.offset for transfer in found], dtype=np.float64)}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Median in seconds. Raises MetricError where the floor never passes to the model."""
        offsets = np.concatenate([np.atleast_1d(s["offsets"]) for s in statistics]) if statistics else np.zeros(0)
        if offsets.size == 0:
            raise MetricError("the answers never take the floor from the speaker")
        return float(np.median(offsets))

    def sample_value(self, statistics: Statistics) -> float | None:
        """Median of this dialogue's transfers, None where there is none."""
        offsets = np.atleast_1d(statistics["offsets"])
        return float(np.median(offsets)) if offsets.size else None


floor_transfer_offset = FloorTransferOffset()
