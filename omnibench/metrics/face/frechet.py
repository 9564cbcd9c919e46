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
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.features.face_blocks import face_blocks
from omnibench.media.face import EXPRESSION, rotation, translation
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.types import Dialogue, Face

Array = NDArray[np.float64]
View = Callable[[Face], NDArray[Any]]
_STILL: Final = 1e-6
_NOT_IN_PAPER: Final = "5 (not in the paper)"


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
    """Fréchet distance by symmetric eigenvalues: exact for singular covariances, never imaginary, never below 0.

    With ``S = H Hᵀ`` the eigenvalues of ``(S1 S2)^½`` are the singular values of ``H1ᵀ H2``.

    Example:
        >>> x = np.array([[-1.0], [1.0]])
        >>> frechet(moments_of(x), moments_of(x))
        0.0
    """
    root = np.linalg.svd(_half(a.covariance).T @ _half(b.covariance), compute_uv=False).sum()
    shift = a.mean - b.mean
    distance = shift @ shift + np.trace(a.covariance) + np.trace(b.covariance) - 2 * root
    return float(max(distance, 0.0))


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


class FrechetDistance:
    """FD over what ``view`` makes of each side's ``(T, 64)`` coefficients.

    ``parameters["root"]`` is ``sqrtm`` (paper) or ``eigh`` (strict). Where there is a ``scale`` of
    ``reference`` every dimension is divided by the deviation it has over all human listeners (`reference_scale`);
    without one the layout's own units stand.

    Args:
        name: of the metric.
        title: as tables print it.
        summary: what it measures.
        view: vectors to compare, from the frames in order, one for each frame but the first ``before``.
        section: of the paper.
        before: frames that the first vector needs ahead of its own.
    """

    def __init__(
        self, name: str, title: str, summary: str, view: View, section: str = _NOT_IN_PAPER, before: int = 0
    ) -> None:
        self._view, self._before = view, before
        self.spec = MetricSpec(
            name=name,
            title=title,
            direction="lower",
            level="corpus",
            needs=("face",),
            summary=summary,
            section=section,
            interval="subsample",
            decimals=2,
            minimum=0.0,
        )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Moments of both sides. Raises MetricError for non-finite frames or too few."""
        predicted = self._moments("prediction", prediction.face_between)
        real = self._moments("reference", reference.listener.face)
        return {
            "count": predicted.size,
            "mean": predicted.mean,
            "scatter": predicted.scatter,
            "reference_count": real.size,
            "reference_mean": real.mean,
            "reference_scatter": real.scatter,
        }

    def _moments(self, side: str, read: Callable[[int, int], Face]) -> Moments:
        """Block by block: a clip of up to 512 frames is one, and how a longer one is cut shows in the 13th digit."""
        parts: list[Moments] = []
        frames = broken = 0
        for block in face_blocks(read, self._before):
            new = block[self._before if frames else 0 :]
            frames += len(new)
            broken += int((~np.isfinite(new)).any(axis=1).sum())
            if not broken and len(block) > self._before:
                parts.append(moments_of(self._view(block)))
        if broken:
            raise MetricError(f"{side}: {broken} face frames are not finite")
        if frames < 2 + self._before:
            raise MetricError(f"{side}: {frames} face frames, at least {2 + self._before} are needed")
        return parts[0] if len(parts) == 1 else merge(parts)

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """FD of all frames together."""
        return _distance([_side(s, "") for s in statistics], [_side(s, "reference_") for s in statistics], parameters)

    def sample_value(self, statistics: Statistics) -> float | None:
        """FD of this dialogue's frames alone, unscaled, for finding the worst dialogues; not an additive part of the
        corpus value.
        """
        return frechet(_side(statistics, ""), _side(statistics, "reference_"))


def _distance(predictions: Sequence[Moments], references: Sequence[Moments], parameters: Parameters) -> float:
    predicted, real = merge(predictions), merge(references)
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


def differences(frames: NDArray[Any]) -> Array:
    """What changes from one frame to the next, ``(T - 1, 64)``."""
    return np.diff(np.asarray(frames, dtype=np.float64), axis=0)


fd = FrechetDistance(
    "fd",
    "FD",
    "Fréchet distance between the distributions of face coefficients",
    lambda frames: frames,
    "5 (Evaluation Metrics), Table 2",
)
fd_expression = FrechetDistance(
    "fd_expression", "FD expression", "FD of the 52 blendshapes alone", lambda frames: frames[:, EXPRESSION]
)
fd_rotation = FrechetDistance(
    "fd_rotation", "FD rotation", "FD of the head's rotation matrix alone", lambda face: rotation(face).reshape(-1, 9)
)
fd_translation = FrechetDistance(
    "fd_translation", "FD translation", "FD of the head's place alone, in cm²", translation
)
fd_delta = FrechetDistance("fd_delta", "FD delta", "FD of the changes from frame to frame", differences, before=1)
fd_standardised = FrechetDistance(
    "fd_standardised", "FD standardised", "FD with every coefficient in units of its human deviation", lambda face: face
)
