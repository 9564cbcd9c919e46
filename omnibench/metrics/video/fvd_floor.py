"""The floor under FVD: what videos of the data itself would score against it.

Two random halves of the human listeners' dialogues, with as many windows on each side as the metric beside it takes
(`omnibench.metrics.video.fvd_arithmetic.real_floor`). A model below the floor has copied; a difference between two
models that is small against it says nothing. It says something of the data and nothing of the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnibench.metrics.base import Parameters, PredictionSample, Statistics
from omnibench.metrics.video.fvd import WindowMetric, clip_features, load_i3d, load_mini
from omnibench.metrics.video.fvd_arithmetic import real_floor
from omnibench.metrics.video.fvd_clips import ClipPlan
from omnibench.types import Dialogue


class FrechetVideoFloor(WindowMetric):
    """Real against real; parameters as those of the seeded FVD beside it, and ``splits``. The windows are FVD's own:
    what the network says of them is kept.
    """

    direction = "none"
    summary = "FVD between halves of the human listeners' own videos, at the same number of windows"
    section = "5 (not in the paper)"

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Features of the human listener's windows, ``(seeds, windows, d)``. Raises as FVD does."""
        plan: ClipPlan = parameters.plan
        return {"real": clip_features(plan.of(reference.id)[1], parameters)}

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """The mean over random splits. Raises MetricError for fewer than four dialogues."""
        return real_floor(np.stack([np.asarray(s["real"]) for s in statistics]), parameters["splits"])


fvd_floor = FrechetVideoFloor("fvd_floor", "FVD floor", load_i3d)
fvd_mini_floor = FrechetVideoFloor("fvd_mini_floor", "FVD-mini floor", load_mini)
