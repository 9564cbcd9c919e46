"""Talk ratio: seconds the answers speak for every second that the human listeners speak, over the corpus.

1 is as talkative as the humans; there is no better direction, since a model may be right to say less. Blind to when and
what: read it beside ``answered_2s`` and ``false_speech``. Time comes from word times, pauses between words left out.
"""

from __future__ import annotations

from omnibench.features.turns import spoken_seconds
from omnibench.metrics.base import Metric, Parameters, PredictionSample, Ratio, Statistics, blind, notice
from omnibench.metrics.turns.floor import TurnSpec
from omnibench.types import Dialogue


def seconds_spoken(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``spoken`` and ``reference_spoken``, seconds."""
    return {
        "spoken": spoken_seconds(prediction.words or ()),
        "reference_spoken": spoken_seconds(reference.listener.words),
    }


talk_ratio = Metric(
    TurnSpec(
        name="talk_ratio",
        title="Talk ratio",
        direction="none",
        summary="seconds the answers speak per second that the human listeners speak",
        minimum=0.0,
        definition="Seconds the answers speak for every second that the human listeners speak, over the corpus. 1 is "
        "as talkative as they.",
        pitfalls="No better direction: a model may be right to say less. Blind to when and to what.",
        order=500,
    ),
    seconds_spoken,
    Ratio("spoken", "reference_spoken", "the human listeners say nothing in these dialogues"),
    protocols=("strict",),
    audit=(
        notice("word_drop", why="less is spoken, and backchannels are lost with their words"),
        blind(
            "late_words", "other_answer", within=1e-9, why="seconds spoken over all dialogues, whenever and by whomever"
        ),
    ),
)
