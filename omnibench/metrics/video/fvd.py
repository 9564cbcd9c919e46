"""FVD: the Fréchet distance between the answers' videos and the human listeners', in the features of a video network.

Under ``paper`` it is the official script to its last shuffle; under ``strict`` the windows of a clip depend on that
clip alone and both sides are looked at in the same places. `fvd_mini` is the same plan and arithmetic on the small
network that ships with omnibench, several windows a clip. The value means nothing without its ``N``, and little without
the floor beside it (`omnibench.metrics.video.fvd_floor`).

Source: Unterthiner et al. 2019; OmniResponse ``evaluation/video/fvd`` @2ba1c7c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance
from omnibench.metrics.video.fvd_clips import Clip, ClipPlan, plan_clips
from omnibench.metrics.video.windows import WindowEmbedder
from omnibench.types import Dialogue

Load = Callable[[Parameters], WindowEmbedder]


class WindowMetric:
    """A metric over windows of both sides' videos: the same windows, whatever is then made of them.

    Args:
        name: of the metric.
        title: as tables print it.
        load: makes the network from the parameters; MissingError where it is not there.
    """

    direction: ClassVar[Literal["lower", "none"]]
    summary: ClassVar[str]
    section: ClassVar[str]

    def __init__(self, name: str, title: str, load: Load) -> None:
        self._load = load
        self.spec = MetricSpec(
            name=name,
            title=title,
            direction=self.direction,
            level="corpus",
            needs=("video",),
            summary=self.summary,
            section=self.section,
            interval="subsample",
            decimals=2,
            minimum=0.0,
        )

    def plan(self, pairs: Sequence[tuple[PredictionSample, Dialogue]], parameters: Parameters) -> ClipPlan:
        """The windows of every clip. Raises MissingError where the network is not there."""
        return plan_clips(pairs, self._load(parameters), parameters)

    def sample_value(self, statistics: Statistics) -> float | None:
        """None: one clip has no distribution."""
        return None


class FrechetVideoDistance(WindowMetric):
    """FVD on one network.

    ``parameters["draw"]`` is ``official`` or ``seeded``, ``parameters["root"]`` ``sqrtm`` (paper) or ``nuclear``.
    """

    direction = "lower"
    summary = "Fréchet distance between the distributions of video clips, in a video network's features"
    section = "5 (Evaluation Metrics), Table 2"

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Features of both sides' windows, ``(seeds, windows, d)``, which of them were drawn, and whether any was
        (``counted``): the official script passes over clips that are too short.

        Raises:
            MetricError: a clip is shorter than a window, or has no pictures.
            InputError: a clip cannot be decoded.
        """
        plan: ClipPlan = parameters.plan
        if plan.withheld:
            return {}
        predicted, real = plan.of(reference.id)
        return {
            "predicted": clip_features(predicted, parameters),
            "predicted_drawn": np.array(predicted.drawn, np.float64),
            "real": clip_features(real, parameters),
            "real_drawn": np.array(real.drawn, np.float64),
            "counted": float(np.any(predicted.drawn)),
        }

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """Mean over the seeds. Raises MetricError where a side has too few clips for the protocol.

        The paper's ``sqrtm`` is taken of what the plan drew; intervals and paired tests, which take hundreds of values
        of part of it, use the equal nuclear norm.
        """
        plan: ClipPlan | None = parameters.plan
        if plan is not None and plan.withheld:
            raise MetricError(plan.withheld)
        as_published = parameters["root"] == "sqrtm" and plan is not None
        values = []
        for seed in range(len(parameters["seeds"])):
            predicted, real = (_rows(statistics, side, seed) for side in ("predicted", "real"))
            whole = as_published and len(predicted) == len(real) == parameters["videos"]
            values.append(
                paper_distance(predicted, real, parameters["epsilon"]) if whole else distance(predicted, real)
            )
        return float(np.mean(values))


def clip_features(clip: Clip, parameters: Parameters) -> NDArray[np.float64]:
    """``(seeds, windows, d)`` features of a planned clip; zeros where nothing was drawn."""
    shape = np.shape(clip.places)
    dim = clip.extractor.embedder.dim
    if not clip.extractor.starts:
        return np.zeros((*shape, dim))
    rows = parameters.features.frames(clip.media, clip.extractor)["features"].astype(np.float64)
    return rows[np.array(clip.places)] * np.array(clip.drawn, np.float64)[..., None]


def _rows(statistics: Sequence[Statistics], side: str, seed: int) -> NDArray[np.float64]:
    features = [np.asarray(s[side])[seed][np.asarray(s[f"{side}_drawn"])[seed] > 0] for s in statistics]
    return np.concatenate(features) if features else np.zeros((0, 1))


def load_i3d(parameters: Parameters) -> WindowEmbedder:
    """I3D over ``parameters["frames"]`` frames."""
    from omnibench.metrics.video.i3d import I3D

    return I3D(parameters["frames"])


def load_mini(parameters: Parameters) -> WindowEmbedder:
    """The small network that ships with omnibench."""
    embedder: WindowEmbedder = import_module("omnibench.metrics.video.video_mini").load()
    return embedder


fvd = FrechetVideoDistance("fvd", "FVD", load_i3d)
fvd_mini = FrechetVideoDistance("fvd_mini", "FVD-mini", load_mini)
