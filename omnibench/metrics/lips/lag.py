"""The lag between moving lips and loudness, from coefficients and sound alone.

Both curves are put on a 10 ms grid; for every lag within ±500 ms the correlation between loudness and the shifted
aperture is taken over the stretches of speech, 0.25 s of silence around them included (the opening and closing of a
phrase are what pins the lag down); the peak is refined by a parabola through its neighbours. Loudness is the level to
the power 0.6 (Stevens 1955).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import HOP, Span

LARGEST: Final = 0.5
"""Seconds searched to either side; also the answer where lips do not follow the voice at all."""

MARGIN: Final = 0.25
STEVENS: Final = 0.6


def lip_lag(aperture: NDArray[np.float64], fps: Fraction, level: NDArray[np.float64], spans: tuple[Span, ...]) -> float:
    """Seconds by which the lips are behind the sound; negative where they are ahead.

    Args:
        aperture: ``(T,)``, value ``i`` at ``i / fps`` seconds.
        fps: frames per second.
        level: the voice's level curve (`omnibench.features.activity.levels`).
        spans: stretches of speech, seconds, at least one.

    Returns:
        A lag in [-0.5, 0.5]; 0.5 where the lips stand still or no lag correlates with loudness above 0.

    Source: peak of the normalised cross-correlation; sub-sample parabola of Boucher & Hassab 1981.
    """
    steps = round(LARGEST / HOP)
    scores = lag_scores(aperture, fps, level, spans)
    peak = int(np.argmax(scores))
    if scores[peak] <= 0:
        return LARGEST
    shift = 0.0
    if 0 < peak < scores.size - 1:
        left, middle, right = scores[peak - 1 : peak + 2]
        bend = left - 2 * middle + right
        shift = float((left - right) / (2 * bend)) if bend < 0 else 0.0
    return float(np.clip((peak - steps + shift) * HOP, -LARGEST, LARGEST))


def lag_scores(
    aperture: NDArray[np.float64], fps: Fraction, level: NDArray[np.float64], spans: tuple[Span, ...]
) -> NDArray[np.float64]:
    """Correlation of loudness and aperture for every lag from -0.5 to 0.5 s of the lips behind the sound, in steps of
    10 ms: ``(101,)`` in [-1, 1], 0 where the lips stand still. Arguments are those of `lip_lag`.
    """
    loudness = level**STEVENS
    frame_times = np.arange(aperture.size) / float(fps)
    grid = np.arange(loudness.size) * HOP
    spoken = np.zeros(loudness.size, dtype=bool)
    for start, end in spans:
        spoken |= (grid >= start - MARGIN) & (grid < end + MARGIN)
    steps = round(LARGEST / HOP)
    wanted = grid[spoken]
    heard = _standardise(loudness[spoken])
    return np.array(
        [heard @ _standardise(np.interp(wanted + k * HOP, frame_times, aperture)) for k in range(-steps, steps + 1)]
    )


def _standardise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = values - values.mean()
    norm = float(np.linalg.norm(centred))
    # Lips that hold still carry rounding noise, whose shape would correlate with anything.
    return centred / norm if norm > 1e-6 * np.sqrt(values.size) else np.zeros_like(centred)
