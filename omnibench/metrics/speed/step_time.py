"""Step time and real-time factor, from the wall time that the runner recorded for each step (``timing/<id>.npz``).

They say what a machine did, so they are **not comparable between machines** (nor between worker counts on one machine):
the comparison key carries no hardware, the run's manifest does. `omnibench bench` measures them alone on an idle
machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import Corpus, Metric, MetricSpec, Parameters, PredictionSample, Ratio, Statistics
from omnibench.types import Dialogue

SHORTEST: Final = 1e-6
IMPOSSIBLE: Final = 1e-7
"""Seconds that no step can fall below: calling a function of Python takes as long."""
LONGEST: Final = 1e3
BINS_PER_DECADE: Final = 200
"""Bins are 1.16 % wide, far finer than wall time repeats; a histogram adds up over dialogues where a list of steps
would only grow."""

EDGES: Final[NDArray[np.float64]] = np.geomspace(
    SHORTEST, LONGEST, round(np.log10(LONGEST / SHORTEST) * BINS_PER_DECADE) + 1
)


def histogram(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts of step times in the bins between `EDGES`; times beyond the ends fall into the first and last bin."""
    counts, _ = np.histogram(np.clip(seconds, SHORTEST, LONGEST * (1 - 1e-12)), EDGES)
    return counts.astype(np.float64)


def quantile(counts: NDArray[np.float64], share: float) -> float:
    """The time (seconds) below which ``share`` of the counted steps lie: the geometric middle of the bin that holds it.

    Example:
        >>> round(quantile(histogram(np.array([0.01, 0.01, 0.02])), 0.5), 4)
        0.0101
    """
    rank = share * (counts.sum() - 1)
    index = int(np.searchsorted(np.cumsum(counts), rank, side="right"))
    return float(np.sqrt(EDGES[index] * EDGES[index + 1]))


def _seconds(prediction: PredictionSample) -> NDArray[np.float64]:
    seconds = prediction.step_seconds
    if seconds is None or seconds.size == 0:
        raise MetricError("no timed steps")
    if not np.isfinite(seconds).all():
        raise MetricError("step times must be finite")
    if (seconds < IMPOSSIBLE).any():
        raise MetricError(f"a step of {seconds.min():g} s is impossible: calling one takes longer")
    return np.asarray(seconds, dtype=np.float64)


def histograms(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``counts``: the dialogue's histogram. Raises MetricError where no step was timed."""
    return {"counts": histogram(_seconds(prediction))}


def computing(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """``computed`` and ``played`` seconds. Raises MetricError where no step was timed."""
    return {"computed": float(_seconds(prediction).sum()), "played": reference.duration}


_RECORDED: Final = "wall time of a model's steps; recordings have none"
_SECTION: Final = "3 (online; not in the paper)"


def _step_quantile(share: float, definition: str, order: int) -> Metric:
    """A quantile of the step times of all dialogues together, in milliseconds."""

    def over(statistics: Sequence[Statistics], parameters: Parameters | None = None) -> float:
        return 1000.0 * quantile(np.sum([np.asarray(s["counts"]) for s in statistics], axis=0), share)

    percent = round(100 * share)
    return Metric(
        MetricSpec(
            name=f"step_p{percent}",
            title=f"Step p{percent}",
            direction="lower",
            needs=("timing",),
            summary=f"p{percent} of the wall time of one step; not comparable between machines",
            section=_SECTION,
            unit="ms",
            decimals=1,
            minimum=0.0,
            family="pace",
            definition=definition,
            pitfalls="What one machine did: not comparable between machines, nor between worker counts on one.",
            order=order,
        ),
        histograms,
        Corpus(over, lambda statistics: over([statistics]), interval="quantile"),
        protocols=("strict",),
        audit=_RECORDED,
    )


step_p50 = _step_quantile(0.50, "Median wall time of one step of the model, milliseconds.", 710)
step_p99 = _step_quantile(0.99, "Wall time that 99 of 100 steps stay below, milliseconds.", 720)
rtf = Metric(
    MetricSpec(
        name="rtf",
        title="RTF",
        direction="lower",
        needs=("timing",),
        summary="seconds of computing per second of dialogue; not comparable between machines",
        section=_SECTION,
        minimum=0.0,
        family="pace",
        definition="Seconds of computing for each second of dialogue; below 1 the model keeps up with real time.",
        pitfalls="What one machine did: not comparable between machines.",
        order=730,
    ),
    computing,
    Ratio("computed", "played"),
    protocols=("strict",),
    audit=_RECORDED,
)
