"""First-sound and last-word latency: seconds from the end of a speaker turn that the human listener answers to the
first sound of the model's answer, and to the end of its last word; the medians over the turns that are answered.

Both begin where the speaker's turn ends, by its words, and neither says what took the time: the model's patience, a
codec that holds sound back for what it looks ahead, and, in paced scores (``--pace real``), computing. Sound is what a
level tells (`omnibench.features.activity`), so a codec's look-ahead counts, which a model's words need not show. Turns
and answers are paired as in ``answered_2s``, up to ``longest`` seconds after the turn; one that gets none has no
latency, and is counted by ``unanswered``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from omnibench.errors import MetricError
from omnibench.features.activity import speech_spans
from omnibench.features.heard import spoken_units
from omnibench.features.turns import Unit
from omnibench.metrics.base import (
    Median,
    Metric,
    Parameters,
    PredictionSample,
    Statistics,
    ignore,
    may,
)
from omnibench.metrics.turns.answered import answers_to, turn_ends
from omnibench.metrics.turns.floor import RULES, Said, TurnSpec, answers
from omnibench.metrics.turns.turn_rates import EVEN
from omnibench.types import Dialogue


def _answered(talk: Said, given: Sequence[Unit]) -> list[tuple[float, Unit]]:
    """The end of each turn that is answered, and its answer."""
    ends = turn_ends(talk, talk.parameters)
    found = answers_to(ends, given, talk.parameters["lead"], talk.parameters["longest"])
    return [(end, answer) for end, answer in zip(ends, found, strict=True) if answer is not None]


def first_sounds(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``latencies``: seconds, one for each answered turn. Raises MetricError where there is no sound."""
    if prediction.audio is None:
        raise MetricError("no audio")
    sound = spoken_units(speech_spans(*prediction.audio), parameters["pause"])
    found = _answered(Said(prediction, reference, parameters), sound)
    return {"latencies": np.array([answer.start - end for end, answer in found], np.float64)}


def last_words(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``latencies``: seconds, one for each answered turn."""
    talk = Said(prediction, reference, parameters)
    found = _answered(talk, answers(talk))
    return {"latencies": np.array([answer.end - end for end, answer in found], np.float64)}


_PARAMETERS: Final = {**RULES, "lead": 1.0}
_NONE: Final = "no turn is answered in these dialogues"
_NO_WAITING: Final = "an answer late enough to fall behind the next turn is paired with that one, as an early one"
_PITFALL: Final = "No better direction: an answer that comes before the question is over is no better one, and a short"
first_sound_latency = Metric(
    TurnSpec(
        name="first_sound_latency",
        title="First sound",
        direction="none",
        needs=("audio",),
        summary="median time from the end of a turn that the human answers to the first sound of the answer",
        unit="s",
        definition="Median seconds from the end of a speaker turn that the human listener answers to the first sound "
        "of the model's answer, of the turns that it answers within 5 s.",
        pitfalls=f"{_PITFALL} noise is a sound. Lateness of computing is in it in paced scores alone.",
        order=542,
    ),
    first_sounds,
    Median("latencies", _NONE),
    parameters=_PARAMETERS,
    protocols=("strict",),
    audit=(
        may("audio_shift", why=_NO_WAITING),
        may("audio_noise", "dropouts", why="noise can pass the threshold, and a hole can swallow a start"),
        ignore("silence_padding", within_absolute=0.02, why="nothing moves; the level of speech is the track's own"),
        may("other_answer", why=EVEN),
    ),
)
last_word_latency = Metric(
    TurnSpec(
        name="last_word_latency",
        title="Last word",
        direction="none",
        onsets=True,
        summary="median time from the end of a turn that the human answers to the end of the answer's last word",
        unit="s",
        definition="Median seconds from the end of a speaker turn that the human listener answers to the end of the "
        "last word of the model's answer, of the turns that it answers within 5 s.",
        pitfalls=f"{_PITFALL} answer is over sooner. Lateness of computing is in it in paced scores alone.",
        order=544,
    ),
    last_words,
    Median("latencies", _NONE),
    parameters=_PARAMETERS,
    protocols=("strict",),
    audit=(
        may("word_drop", "other_answer", why=EVEN),
        may("late_words", why=_NO_WAITING),
    ),
)
