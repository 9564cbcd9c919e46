"""Response delay: the seconds from the end of a speaker turn that the human listener answers to the model's answer to
it; the median over those turns, signed.

Unlike ``floor_transfer_offset``, which looks at every answer that the model gives, this asks what someone who waits for
an answer sees: a turn that gets none counts with `LIMIT` seconds, so more than half of the turns unanswered gives
`LIMIT`. Answers are paired with turns as in ``answered_2s``; one that begins up to ``lead`` seconds before the turn's
end has a negative delay, which is kept. Between humans it is about 0.2 s (Levinson & Torreira 2015), and earlier is not
better, so there is no better direction; the table's ground truth has the human's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from omnibench.errors import MetricError
from omnibench.features.turns import units_of
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.turns.answered import answers_to
from omnibench.metrics.turns.floor import listener_floor, own_words
from omnibench.types import Dialogue

LIMIT: Final = 5.0
"""Seconds after a turn in which an answer still belongs to it."""


class ResponseDelay:
    """Median delay over the turns that the human answers."""

    spec = MetricSpec(
        name="response_delay",
        title="Delay",
        direction="none",
        level="corpus",
        needs=("words",),
        onsets=True,
        summary=f"median time from a turn that the human answers to the model's answer; none counts as {LIMIT} s",
        section="5 (behaviour; not in the paper)",
        unit="s",
        interval="quantile",
        decimals=2,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``delays``: seconds, one for each turn that the human answers."""
        human = listener_floor(reference, reference.listener.words, parameters).transfers
        answers = units_of(own_words(prediction, parameters), parameters["pause"])
        ends = [transfer.before.end for transfer in human]
        found = answers_to(ends, answers, parameters["lead"], LIMIT)
        delays = [LIMIT if a is None else a.start - end for end, a in zip(ends, found, strict=True)]
        return {"delays": np.array(delays, dtype=np.float64)}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Median in seconds. Raises MetricError where the humans answer no turn."""
        delays = np.concatenate([np.atleast_1d(s["delays"]) for s in statistics]) if statistics else np.zeros(0)
        if delays.size == 0:
            raise MetricError("the human listeners answer no turn in these dialogues")
        return float(np.median(delays))

    def sample_value(self, statistics: Statistics) -> float | None:
        """Median of this dialogue's delays, None where the human answers no turn."""
        delays = np.atleast_1d(statistics["delays"])
        return float(np.median(delays)) if delays.size else None


response_delay = ResponseDelay()
