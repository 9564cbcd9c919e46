"""Word time error: how far the times that a model claims for its words are from where its sound has them.

For each unit of the claimed words (a stretch without a pause of half a second) the distance of its onset to the nearest
onset of a unit that a voice-activity detector hears in the model's sound (`omnibench.features.voice`); the median of
all, in seconds. No aligner is needed, so it works for any voice; times inside a unit are not looked at. A distance is
cut at `LIMIT`, which is also that of words without any sound. Sound without words is `leaderboard`'s flag, not counted
here.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from omnibench.features.heard import spoken_units
from omnibench.features.turns import units_of
from omnibench.features.voice import HEARING, media_voice
from omnibench.metrics.base import (
    Median,
    Metric,
    Parameters,
    PredictionSample,
    Statistics,
    blind,
    ignore,
    may,
    notice,
    strongest,
)
from omnibench.metrics.turns.floor import RULES, TurnSpec
from omnibench.types import Dialogue

LIMIT: Final = 2.0
"""Seconds; what is further away is another unit's sound."""


def onset_errors(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``errors``: seconds, one for each unit of the claimed words.

    Raises:
        MissingError: the detector is not installed.
        MetricError: no sound.
    """
    pause = parameters["pause"]
    heard = spoken_units(media_voice(prediction.media, parameters.features, parameters.values), pause)
    onsets = np.array([unit.start for unit in heard])
    said = units_of(prediction.words or (), pause)
    return {"errors": np.array([np.abs(onsets - unit.start).min(initial=LIMIT) for unit in said], dtype=np.float64)}


word_time_error = Metric(
    TurnSpec(
        name="word_time_error",
        title="Word times",
        direction="lower",
        needs=("words", "audio"),
        holds_words=True,
        summary="median distance of the onsets of claimed words to the nearest onset in the sound",
        unit="s",
        minimum=0.0,
        maximum=LIMIT,
        decimals=3,
        definition="Median distance between the onset of a stretch of claimed words and the nearest onset of a voice "
        "in the model's sound.",
        pitfalls=f"Onsets of stretches alone, cut at {LIMIT:g} s. Whether the words are those of the sound is the own "
        "word error rate's question.",
        order=597,
    ),
    onset_errors,
    Median("errors", "the answers hold no word"),
    parameters={"pause": RULES["pause"], **HEARING},
    protocols=("strict",),
    audit=(
        notice("audio_shift", why="this is what it is for: sound that comes later than the words say"),
        strongest("late_words", within_absolute=0.3, why="another unit of the sound may be near by then"),
        may("word_drop", why="a unit that loses its first words begins later"),
        may("audio_noise", "dropouts", why="holes part units of the sound; onsets that are left stay where they are"),
        ignore("silence_padding", within_absolute=0.01, why="in silence nobody is heard"),
        blind("other_answer", within_absolute=0.01, why="words and sound come from the same answer"),
    ),
)
