"""Lip lag: by how many milliseconds the model's lips are off its own voice, whichever way; the median over dialogues.

Lip aperture (`omnibench.metrics.lips.opening`) against loudness (`omnibench.metrics.lips.lag`), within ±500 ms, needs
no network and no renderer. Lips that stand still during speech, or follow the voice at no lag, count as 500; lips at
random come out near 250. So does an answer of less than ``least_speech`` seconds of speech count as 500 where the human
listener speaks as long; where neither does, the dialogue is left out. Blind to the shape of the mouth beyond its
opening.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.activity import loud_spans, media_levels
from omnibench.features.face_blocks import face_blocks
from omnibench.features.turns import spoken_seconds
from omnibench.metrics.base import (
    Corpus,
    Metric,
    MetricSpec,
    Parameters,
    PredictionSample,
    Statistics,
    ignore,
    may,
    notice,
    strongest,
)
from omnibench.metrics.lips.lag import LARGEST
from omnibench.metrics.lips.lag import lip_lag as lag_of
from omnibench.metrics.lips.opening import aperture
from omnibench.metrics.lips.sync_rules import HOLES, LAG, LEAST_SPEECH, TOGETHER
from omnibench.types import Dialogue


def lag(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``lag`` in ms, positive where the lips are late, and ``counted`` (0 where neither the model nor the human
    listener speaks).

    Raises:
        MetricError: a part is missing or the coefficients are not finite.
    """
    opening = _aperture(prediction)
    level = media_levels(prediction.media, parameters.features)
    spans = loud_spans(level)
    if sum(span.end - span.start for span in spans) < parameters["least_speech"]:
        asked = spoken_seconds(reference.listener.words) >= parameters["least_speech"]
        return {"lag": 1000.0 * LARGEST, "counted": float(asked)}
    return {"lag": 1000.0 * lag_of(opening, reference.fps, level, spans), "counted": 1.0}


def _aperture(prediction: PredictionSample) -> NDArray[np.float64]:
    """``(T,)``, from the coefficients block by block."""
    opening = []
    for block in face_blocks(prediction.face_between):
        if not np.isfinite(block).all():
            raise MetricError("face coefficients are not finite")
        opening.append(aperture(block))
    return np.concatenate(opening)


def _median(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """Median |lag| in ms over the dialogues in which the model speaks, or should. Raises MetricError where no dialogue
    counts.
    """
    lags = [own for s in statistics if (own := _own(s)) is not None]
    if not lags:
        raise MetricError(f"nobody speaks for {parameters['least_speech']} s in these dialogues")
    return float(np.median(lags))


def _own(statistics: Statistics) -> float | None:
    return abs(float(statistics["lag"])) if statistics["counted"] else None


lip_lag = Metric(
    MetricSpec(
        name="lip_lag",
        title="Lip lag",
        direction="lower",
        needs=("face", "audio"),
        summary="median absolute lag between lip aperture and loudness",
        section="5 (behaviour; not in the paper)",
        unit="ms",
        decimals=0,
        minimum=0.0,
        family="lips",
        definition="By how many milliseconds the opening of the lips is off the loudness of the model's own voice, "
        "whichever way; median over dialogues, searched within 500 ms.",
        pitfalls="Knows the mouth's opening only, not its shape. Lips that stand still count as 500, lips at random "
        "come out near 250.",
        order=680,
    ),
    lag,
    Corpus(_median, _own, interval="quantile"),
    parameters={"least_speech": LEAST_SPEECH},
    protocols=("strict",),
    audit=(
        notice("audio_shift", why=LAG),
        may("audio_noise", why="level alone cannot tell noise from speech, so the whole clip counts as speech"),
        strongest(
            "frozen_face",
            within_absolute=200,
            why="lips that stand still while the voice speaks count as 500 ms, and a median moves once they do in half "
            "the dialogues",
        ),
        strongest(
            "reversed_face",
            within_absolute=100,
            why="lips that run backwards are at random, near 250 ms, and no further off the more of them do",
        ),
        may("face_jitter", why="noise on the lips weakens the correlation with the voice and need not move its peak"),
        HOLES,
        ignore("silence_padding", within_absolute=10, why="silence after the end is no speech (ms)"),
        TOGETHER,
    ),
)
