"""FD: the Fréchet distance between the answers' face coefficients and the human listeners'.

Alt & Godau 1995 by way of Dowson & Landau 1982: with both sides taken as Gaussian,
``|m1 - m2|² + tr(S1) + tr(S2) - 2 tr((S1 S2)^½)`` over the frames of all clips together (long clips weigh more).

It has no memory of order, and translation in centimetres dominates it: a frozen face in the right place can beat a
moving one. So the blocks stand apart (`fd_expression`, `fd_rotation`, `fd_translation`), `fd_standardised` gives every
coefficient the same say, and `fd_delta` looks at changes, where a frozen face has none. Statistics per dialogue are the
first two moments of both sides, so the corpus value never needs the frames again.

The official script adds float32 frames up in float32, in whatever order the file system lists them, which moves its own
value in the fourth digit; ours are the float64 moments that it approximates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.face_blocks import face_blocks
from omnibench.media.face import EXPRESSION, rotation, translation
from omnibench.metrics.base import (
    Corpus,
    Metric,
    MetricSpec,
    Parameters,
    PredictionSample,
    Statistics,
    blind,
    may,
    notice,
)
from omnibench.metrics.frechet import Array, frechet_distance
from omnibench.types import Dialogue, Face

View = Callable[[Face], NDArray[Any]]
_STILL: Final = 1e-6


class Moments(NamedTuple):
    """Size, mean ``(d,)`` and sum of squared deviations ``(d, d)`` of a set of vectors."""

    size: float
    mean: Array
    scatter: Array

    @property
    def covariance(self) -> Array:
        """Unbiased covariance (N - 1), as ``np.cov``."""
        return self.scatter / (self.size - 1)


def moments_of(vectors: NDArray[Any]) -> Moments:
    """Moments of ``(n, d)`` vectors, in float64."""
    data = np.asarray(vectors, dtype=np.float64)
    mean = data.mean(axis=0)
    centred = data - mean
    return Moments(float(len(data)), mean, centred.T @ centred)


def merge(parts: Sequence[Moments]) -> Moments:
    """Moments of the union. Source: Chan, Golub & LeVeque 1979, the pairwise update."""
    count = sum(p.size for p in parts)
    mean = sum((p.size * p.mean for p in parts), np.zeros_like(parts[0].mean)) / count
    scatter = np.zeros_like(parts[0].scatter)
    for part in parts:
        shift = part.mean - mean
        scatter += part.scatter + part.size * np.outer(shift, shift)
    return Moments(count, mean, scatter)


def frechet_sqrtm(a: Moments, b: Moments, epsilon: float = 1e-6) -> float:
    """Fréchet distance through ``sqrtm(S1 S2)``, as the official script: its real part, ``epsilon`` on both diagonals
    only where the root is not finite.

    Source: OmniResponse ``evaluation/video/fd`` @2ba1c7c.
    """
    import warnings

    from scipy.linalg import LinAlgWarning, sqrtm

    first, second = a.covariance, b.covariance
    with warnings.catch_warnings():
        # A coefficient that never moves makes the product singular, which is what ``epsilon`` is there for.
        warnings.simplefilter("ignore", LinAlgWarning)
        root = sqrtm(first @ second)
    if not np.isfinite(root).all():
        offset = np.eye(len(first)) * epsilon
        root = sqrtm((first + offset) @ (second + offset))
    shift = a.mean - b.mean
    return float(shift @ shift + np.trace(first) + np.trace(second) - 2 * np.trace(np.real(root)))


def frechet(a: Moments, b: Moments) -> float:
    """Fréchet distance by symmetric eigenvalues (`omnibench.metrics.frechet`).

    Example:
        >>> x = np.array([[-1.0], [1.0]])
        >>> frechet(moments_of(x), moments_of(x))
        0.0
    """
    cross = _half(a.covariance).T @ _half(b.covariance)
    return frechet_distance(a.mean - b.mean, np.trace(a.covariance), np.trace(b.covariance), cross)


def _half(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(values, 0, None))


def scaled(moments: Moments, factors: Array) -> Moments:
    """Moments of the same vectors with each of their ``(d,)`` dimensions multiplied by its factor."""
    return Moments(moments.size, moments.mean * factors, moments.scatter * np.outer(factors, factors))


def reference_scale(real: Moments) -> Array:
    """What makes every dimension's deviation 1 in ``real``; 1 where it stands still there (deviation below 1e-6), so
    that a model that moves it is charged in its own unit and nothing is left out.
    """
    deviations = np.sqrt(np.diag(real.covariance))
    return 1.0 / np.where(deviations > _STILL, deviations, 1.0)


def face_moments(side: str, read: Callable[[int, int], Face], view: View, before: int = 0) -> Moments:
    """Moments of what ``view`` makes of a clip, block by block: a clip of up to 512 frames is one, and how a longer one
    is cut shows in the 13th digit.

    Args:
        side: what to call it in messages.
        read: coefficients of frames ``start <= i < stop``.
        view: vectors to compare, from the frames in order, one for each frame but the first ``before``.
        before: frames that the first vector needs ahead of its own.

    Raises:
        MetricError: non-finite frames, or too few.
    """
    parts: list[Moments] = []
    frames = broken = 0
    for block in face_blocks(read, before):
        new = block[before if frames else 0 :]
        frames += len(new)
        broken += int((~np.isfinite(new)).any(axis=1).sum())
        if not broken and len(block) > before:
            parts.append(moments_of(view(block)))
    if broken:
        raise MetricError(f"{side}: {broken} face frames are not finite")
    if frames < 2 + before:
        raise MetricError(f"{side}: {frames} face frames, at least {2 + before} are needed")
    return parts[0] if len(parts) == 1 else merge(parts)


def _distance(statistics: Sequence[Statistics], parameters: Parameters) -> float:
    """FD of all frames together. ``root`` is ``sqrtm`` (paper) or ``eigh`` (strict); where there is a ``scale`` of
    ``reference`` every dimension is divided by the deviation it has over all human listeners (`reference_scale`).
    """
    predicted, real = (merge([_side(s, prefix) for s in statistics]) for prefix in ("", "reference_"))
    if parameters.values.get("scale") == "reference":
        factors = reference_scale(real)
        predicted, real = scaled(predicted, factors), scaled(real, factors)
    return frechet_sqrtm(predicted, real) if parameters["root"] == "sqrtm" else frechet(predicted, real)


def _side(statistics: Statistics, prefix: str) -> Moments:
    return Moments(
        float(statistics[f"{prefix}count"]),
        np.asarray(statistics[f"{prefix}mean"]),
        np.asarray(statistics[f"{prefix}scatter"]),
    )


def _own_distance(statistics: Statistics) -> float:
    """FD of one dialogue's frames alone, unscaled, for finding the worst dialogues; not an additive part of the corpus
    value.
    """
    return frechet(_side(statistics, ""), _side(statistics, "reference_"))


def face_distance(
    spec: MetricSpec, view: View, before: int = 0, protocols: tuple[str, ...] = ("strict",), **parameters: str
) -> Metric:
    """FD over what ``view`` makes of each side's ``(T, 64)`` coefficients; arguments as `face_moments`."""

    def moments(prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Moments of both sides. Raises MetricError for non-finite frames or too few."""
        predicted = face_moments("prediction", prediction.face_between, view, before)
        real = face_moments("reference", reference.listener.face, view, before)
        return {
            "count": predicted.size,
            "mean": predicted.mean,
            "scatter": predicted.scatter,
            "reference_count": real.size,
            "reference_mean": real.mean,
            "reference_scatter": real.scatter,
        }

    # Blendshapes and rotations are tiny numbers, and so is what rounding does to them.
    bound = 1e-5 if spec.name in ("fd_expression", "fd_rotation") else 1e-3
    same_set = "the distribution of frames has no order: the same frames backwards are the same set"
    seam = "differences backwards have the same covariance; only the jump at the seam of a partial reversal shows"
    return Metric(
        spec,
        moments,
        Corpus(_distance, _own_distance, interval="subsample"),
        parameters={"root": "eigh", **parameters},
        protocols=protocols,
        audit=(
            notice(
                "frozen_face",
                "face_jitter",
                why="motion that is missing or added changes the spread of the frames, or of their differences",
            ),
            may("reversed_face", why=seam) if before else blind("reversed_face", within_absolute=bound, why=same_set),
            blind(
                "other_answer",
                within_absolute=bound,
                why="the frames of all dialogues are one pool: who answers whom does not count",
            ),
        ),
    )


def differences(frames: NDArray[Any]) -> Array:
    """What changes from one frame to the next, ``(T - 1, 64)``."""
    return np.diff(np.asarray(frames, dtype=np.float64), axis=0)


_Spec = partial(
    MetricSpec, direction="lower", needs=("face",), reference_needs=("face",), decimals=2, minimum=0.0, family="face"
)
_NOT_IN_PAPER: Final = "5 (not in the paper)"

# Translation in centimetres rules FD. Its blocks apart, then every coefficient in units of its deviation over all human
# listeners (its own unit where they hold it still), of the frames and of the changes from frame to frame.
fd = face_distance(
    _Spec(
        name="fd",
        title="FD",
        summary="Fréchet distance between the distributions of face coefficients",
        section="5 (Evaluation Metrics), Table 2",
        definition="Fréchet distance between the Gaussians of all face coefficients (52 blendshapes and the head's "
        "transform) of the answers and of the human listeners. One value for the corpus.",
        pitfalls="Has no memory of order and none of who answers whom. The head's place in centimetres dominates it: a "
        "frozen face in the right place can beat a moving one. Read it by block, and FD delta beside it.",
        order=300,
    ),
    lambda frames: frames,
    protocols=(),
)
fd_expression = face_distance(
    _Spec(
        name="fd_expression",
        title="FD expression",
        summary="FD of the 52 blendshapes alone",
        section=_NOT_IN_PAPER,
        definition="FD of the 52 blendshapes alone.",
        pitfalls="No memory of order: the same frames backwards, or given to another dialogue, score the same.",
        order=310,
    ),
    lambda frames: frames[:, EXPRESSION],
)
fd_rotation = face_distance(
    _Spec(
        name="fd_rotation",
        title="FD rotation",
        summary="FD of the head's rotation matrix alone",
        section=_NOT_IN_PAPER,
        definition="FD of the head's rotation matrix alone.",
        pitfalls="Tiny numbers, for rotations are tiny; no memory of order.",
        order=320,
    ),
    lambda frames: rotation(frames).reshape(-1, 9),
)
fd_translation = face_distance(
    _Spec(
        name="fd_translation",
        title="FD translation",
        summary="FD of the head's place alone, in cm²",
        section=_NOT_IN_PAPER,
        definition="FD of the head's place alone, in cm².",
        pitfalls="Where a person happens to sit, more than how they listen. It is most of FD.",
        order=330,
    ),
    translation,
)
fd_standardised = face_distance(
    _Spec(
        name="fd_standardised",
        title="FD standardised",
        summary="FD with every coefficient in units of its human deviation",
        section=_NOT_IN_PAPER,
        definition="FD with every coefficient in units of its deviation over the human listeners, so that each has the "
        "same say.",
        pitfalls="Coefficients that humans hardly move weigh as much as a smile. No memory of order.",
        order=340,
    ),
    lambda frames: frames,
    scale="reference",
)
fd_delta = face_distance(
    _Spec(
        name="fd_delta",
        title="FD delta",
        summary="FD of the changes from frame to frame",
        section=_NOT_IN_PAPER,
        definition="FD of the changes from frame to frame, each coefficient in units of its human deviation: how much "
        "and how jointly the face moves.",
        pitfalls="Sees missing and jittering motion; blind to whether a movement comes at the right moment.",
        order=350,
    ),
    differences,
    before=1,
    scale="reference",
)
