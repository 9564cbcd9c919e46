"""FVD: the Fréchet distance between the answers' videos and the human listeners', in the features of a video network.

Under ``paper`` it is the official script to its last shuffle; under ``strict`` the windows of a clip depend on that
clip alone and both sides are looked at in the same places. `fvd_mini` is the same plan and arithmetic on the small
network that ships with omnibench, several windows a clip. The value means nothing without its ``N``, and little without
the floor beside it (`omnibench.metrics.video.fvd_floor`).

Source: Unterthiner et al. 2019; OmniResponse ``evaluation/video/fvd`` @2ba1c7c.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import (
    Corpus,
    Metric,
    MetricSpec,
    Pairs,
    Parameters,
    PredictionSample,
    Statistics,
    may,
    notice,
)
from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance
from omnibench.metrics.video.fvd_clips import Clip, ClipPlan, plan_clips
from omnibench.metrics.video.windows import WindowEmbedder
from omnibench.types import Dialogue

Load = Callable[[Parameters], WindowEmbedder]
I3D_WINDOWS: Final[dict[str, Any]] = {"windows": 1, "frames": 256, "stride": 1, "resize": "area-224"}
MINI_WINDOWS: Final[dict[str, Any]] = {"windows": 8, "resize": "area-64"}
"""Windows of 1.28 s of the small network's own, eight of a clip, so that 24 dialogues give 192 on each side."""


def windows_of(load: Load) -> Callable[[Pairs, Parameters], ClipPlan]:
    """A plan: the windows of every clip. Raises MissingError where the network is not there."""
    return lambda pairs, parameters: plan_clips(pairs, load(parameters), parameters)


def both_sides(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
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


def video_distance(statistics: Sequence[Statistics], parameters: Parameters) -> float:
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
        values.append(paper_distance(predicted, real, parameters["epsilon"]) if whole else distance(predicted, real))
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


def frechet_video_distance(spec: MetricSpec, load: Load, protocols: tuple[str, ...] = (), **parameters: Any) -> Metric:
    """FVD on one network.

    Parameters: ``draw`` is ``official`` or ``seeded``, ``root`` ``sqrtm`` (paper) or ``nuclear``. Each seed draws
    ``windows`` windows a clip, from the dialogue's id alone, at the same places on both sides. N is the number of
    dialogues, which the data's hash fixes.

    Args:
        spec: what a reader must know.
        load: makes the network from the parameters; MissingError where it is not there.
        protocols: that measure it.
        parameters: the network's own.
    """
    return Metric(
        spec,
        both_sides,
        Corpus(video_distance, interval="subsample"),
        windows_of(load),
        parameters={
            "draw": "seeded",
            "seeds": [42, 43, 44, 45, 46],
            "covariance": "N",
            "root": "nuclear",
            **parameters,
        },
        protocols=protocols,
        audit=(
            notice(
                "frozen_face",
                "video_blur",
                why="motion is gone from a growing part of the windows, or detail from all of them",
            ),
            may(
                "reversed_face",
                why="windows know the direction of time, but a quiet face that runs backwards hardly looks different",
            ),
            may(
                "other_answer",
                why="one pool of windows, but which windows of a clip are taken depends on the dialogue it stands for",
            ),
        ),
    )


VideoSpec = partial(MetricSpec, needs=("video",), decimals=2, minimum=0.0, family="video")
_Distance = partial(
    VideoSpec,
    direction="lower",
    summary="Fréchet distance between the distributions of video clips, in a video network's features",
    section="5 (Evaluation Metrics), Table 2",
)

fvd = frechet_video_distance(
    _Distance(
        name="fvd",
        title="FVD",
        definition="Fréchet distance between windows of the answers' videos and of the human listeners', in the "
        "features of an I3D network.",
        pitfalls="With fewer videos than feature dimensions the value is mostly bias: it means nothing without its "
        "number of windows, and little without the floor beside it. Blind to who answers whom.",
        order=400,
    ),
    load_i3d,
    **I3D_WINDOWS,
)
fvd_mini = frechet_video_distance(
    _Distance(
        name="fvd_mini",
        title="FVD-mini",
        definition="FVD's arithmetic on a small video network that ships with omnibench, eight windows of 1.28 s a "
        "clip.",
        pitfalls="A stand-in on another scale, trained on faces of the embedded renderer. Read it beside its floor; "
        "blind to who answers whom.",
        order=800,
    ),
    load_mini,
    ("offline",),
    **MINI_WINDOWS,
)
