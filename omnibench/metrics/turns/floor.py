"""Who holds the floor in a dialogue, under a protocol's rules: what every metric of turns starts from."""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.features.turns import Floor, floor_of, units_of
from omnibench.metrics.base import Parameters, PredictionSample
from omnibench.types import Dialogue, Word


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
