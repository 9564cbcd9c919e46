"""The floor under FVD: what videos of the data itself would score against it.

Two random halves of the human listeners' dialogues, with as many windows on each side as the metric beside it takes
(`omnibench.metrics.video.fvd_arithmetic.real_floor`). A model below the floor has copied; a difference between two
models that is small against it says nothing. It says something of the data and nothing of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from omnibench.metrics.base import Corpus, Metric, MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.video.fvd import (
    I3D_WINDOWS,
    MINI_WINDOWS,
    Load,
    VideoSpec,
    clip_features,
    load_i3d,
    load_mini,
    windows_of,
)
from omnibench.metrics.video.fvd_arithmetic import real_floor
from omnibench.metrics.video.fvd_clips import ClipPlan
from omnibench.types import Dialogue


def real_side(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
    """Features of the human listener's windows, ``(seeds, windows, d)``, which are FVD's own: what the network says of
    them is kept. Raises as FVD does.
    """
    plan: ClipPlan = parameters.plan
    return {"real": clip_features(plan.of(reference.id)[1], parameters)}


def floor(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """The mean over random splits. Raises MetricError for fewer than four dialogues."""
    return real_floor(np.stack([np.asarray(s["real"]) for s in statistics]), parameters["splits"])


def frechet_video_floor(spec: MetricSpec, load: Load, protocols: tuple[str, ...] = (), **parameters: Any) -> Metric:
    """Real against real; parameters as those of the seeded FVD beside it, and ``splits``."""
    return Metric(
        spec,
        real_side,
        Corpus(floor, interval="subsample"),
        windows_of(load),
        parameters={"draw": "seeded", "seeds": [42, 43, 44, 45, 46], "covariance": "N", "splits": 10, **parameters},
        protocols=protocols,
        audit="compares the human recordings with each other",
    )


_Floor = partial(
    VideoSpec,
    direction="none",
    summary="FVD between halves of the human listeners' own videos, at the same number of windows",
    section="5 (not in the paper)",
)

# Halves of the human listeners, two windows of a clip, so that N is that of fvd.
fvd_floor = frechet_video_floor(
    _Floor(
        name="fvd_floor",
        title="FVD floor",
        definition="What real videos score against real ones: FVD between halves of the human listeners, at the same "
        "number of windows.",
        pitfalls="Says something of the data and nothing of the model. A difference between models that is small "
        "against it says nothing.",
        order=410,
    ),
    load_i3d,
    ("strict",),
    **I3D_WINDOWS,
)
fvd_mini_floor = frechet_video_floor(
    _Floor(
        name="fvd_mini_floor",
        title="FVD-mini floor",
        definition="FVD-mini between halves of the human listeners' own videos, at the same number of windows.",
        pitfalls="Says something of the data and nothing of the model.",
        order=810,
    ),
    load_mini,
    ("offline",),
    **MINI_WINDOWS,
)
