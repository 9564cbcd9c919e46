"""Who holds the floor in a dialogue, under a protocol's rules: what every metric of turns starts from."""

from __future__ import annotations

from collections.abc import Sequence

from omnibench.features.receipts import counted_words
from omnibench.features.turns import Floor, floor_of, units_of
from omnibench.metrics.base import Parameters, PredictionSample
from omnibench.runner.transcript import Transcript
from omnibench.types import Dialogue, Word


def both_listeners(prediction: PredictionSample, reference: Dialogue) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of the model and of the human listener, by the same clock.

    Where the model's starts count from their receipts, so do the human's, as if each word had been handed over in the
    frame in which it ends: the human's own words are then no better and no worse than themselves.
    """
    human = reference.listener.words
    if prediction.received:
        human = counted_words(human, [Transcript().frame_of(word, reference.fps) for word in human], reference.fps)
    return prediction.timed_words or (), human


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
