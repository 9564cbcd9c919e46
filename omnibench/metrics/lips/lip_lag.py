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
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.lips.lag import LARGEST
from omnibench.metrics.lips.lag import lip_lag as lag_of
from omnibench.metrics.lips.opening import aperture
from omnibench.types import Dialogue


class LipLag:
    """Median |lag| over the dialogues in which the model speaks, or should."""

    spec = MetricSpec(
        name="lip_lag",
        title="Lip lag",
        direction="lower",
        level="corpus",
        needs=("face", "audio"),
        summary="median absolute lag between lip aperture and loudness",
        section="5 (behaviour; not in the paper)",
        unit="ms",
        interval="quantile",
        decimals=0,
        minimum=0.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
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

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Median |lag| in ms. Raises MetricError where no dialogue counts."""
        lags = [abs(float(s["lag"])) for s in statistics if s["counted"]]
        if not lags:
            raise MetricError(f"nobody speaks for {parameters['least_speech']} s in these dialogues")
        return float(np.median(lags))

    def sample_value(self, statistics: Statistics) -> float | None:
        """|lag| in ms of this dialogue, None where it does not count."""
        return abs(float(statistics["lag"])) if statistics["counted"] else None


def _aperture(prediction: PredictionSample) -> NDArray[np.float64]:
    """``(T,)``, from the coefficients block by block."""
    opening = []
    for block in face_blocks(prediction.face_between):
        if not np.isfinite(block).all():
            raise MetricError("face coefficients are not finite")
        opening.append(aperture(block))
    return np.concatenate(opening)


lip_lag = LipLag()
