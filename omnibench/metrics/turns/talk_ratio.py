"""Talk ratio: seconds the answers speak for every second that the human listeners speak, over the corpus.

1 is as talkative as the humans; there is no better direction, since a model may be right to say less. Blind to when and
what: read it beside ``answered_2s`` and ``false_speech``. Time comes from word times, pauses between words left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.errors import MetricError
from omnibench.features.turns import spoken_seconds
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.types import Dialogue


class TalkRatio:
    """Sum of spoken seconds over sum of the humans' spoken seconds."""

    spec = MetricSpec(
        name="talk_ratio",
        title="Talk ratio",
        direction="none",
        level="corpus",
        needs=("words",),
        summary="seconds the answers speak per second that the human listeners speak",
        section="5 (behaviour; not in the paper)",
        decimals=2,
        minimum=0.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """``spoken`` and ``reference_spoken``, seconds."""
        return {
            "spoken": spoken_seconds(prediction.words or ()),
            "reference_spoken": spoken_seconds(reference.listener.words),
        }

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Ratio of the sums. Raises MetricError where no human listener says a word."""
        human = sum(float(s["reference_spoken"]) for s in statistics)
        if human == 0:
            raise MetricError("the human listeners say nothing in these dialogues")
        return sum(float(s["spoken"]) for s in statistics) / human

    def sample_value(self, statistics: Statistics) -> float | None:
        """This dialogue's ratio, None where the human says nothing."""
        human = float(statistics["reference_spoken"])
        return float(statistics["spoken"]) / human if human else None


talk_ratio = TalkRatio()
