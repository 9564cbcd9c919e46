"""Who holds the floor in a dialogue, under a protocol's rules: what every metric of turns starts from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from omnibench.features.turns import Floor, floor_of, units_of
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample
from omnibench.types import Dialogue, Word

RULES: Final = {"pause": 0.5, "backchannel_seconds": 1.0, "backchannel_words": 3}
"""A pause of half a second ends a unit of speech; a backchannel is short and leaves the floor with the other person."""

TurnSpec = partial(MetricSpec, needs=("words",), section="5 (behaviour; not in the paper)", decimals=2, family="turns")


def own_words(prediction: PredictionSample, parameters: Parameters) -> tuple[Word, ...]:
    """The model's words with the times that count for turns."""
    return prediction.timed_words(parameters["pause"]) or ()


def listener_floor(reference: Dialogue, words: Sequence[Word], parameters: Parameters) -> Floor:
    """The floor between the recorded speaker and a listener who says ``words``: the model or the human.

    Args:
        reference: its speaker is read.
        words: of the listener.
        parameters: ``pause`` (s) that ends a unit; ``backchannel_seconds`` and ``backchannel_words``, the most that a
            backchannel lasts and says.
    """
    pause = parameters["pause"]
    return floor_of(
        units_of(reference.speaker.words, pause),
        units_of(words, pause),
        pause,
        parameters["backchannel_seconds"],
        parameters["backchannel_words"],
    )
