"""FD: the Fréchet distance between the answers' face coefficients and the human listeners'.

Alt & Godau 1995 by way of Dowson & Landau 1982: with both sides taken as Gaussian,
``|m1 - m2|² + tr(S1) + tr(S2) - 2 tr((S1 S2)^½)`` over the frames of all clips together (long clips weigh more).

It has no memory of order, and translation in centimetres dominates it: a frozen face can score well. Statistics per
dialogue are the first two moments of both sides, so the corpus value never needs the frames again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.base import MetricSpec, Parameters, PredictionSample, Statistics
from omnibench.types import Dialogue

Array = NDArray[np.float64]


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
    from scipy.linalg import sqrtm

    first, second = a.covariance, b.covariance
    root = sqrtm(first @ second)
    if not np.isfinite(root).all():
        offset = np.eye(len(first)) * epsilon
        root = sqrtm((first + offset) @ (second + offset))
    shift = a.mean - b.mean
    return float(shift @ shift + np.trace(first) + np.trace(second) - 2 * np.trace(np.real(root)))


def frechet(a: Moments, b: Moments) -> float:
    """Fréchet distance by symmetric eigenvalues: exact for singular covariances, never imaginary, never below 0.

    ``tr((S1 S2)^½) = Σ sqrt(eig(S1^½ S2 S1^½))``.

    Example:
        >>> x = np.array([[-1.0], [1.0]])
        >>> frechet(moments_of(x), moments_of(x))
        0.0
    """
    values, vectors = np.linalg.eigh(a.covariance)
    half = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inner = np.linalg.eigvalsh(half @ b.covariance @ half)
    shift = a.mean - b.mean
    distance = (
        shift @ shift + np.trace(a.covariance) + np.trace(b.covariance) - 2 * np.sqrt(np.clip(inner, 0, None)).sum()
    )
    return float(max(distance, 0.0))


class FrechetDistance:
    """FD over face coefficients; ``parameters["root"]`` is ``sqrtm`` (paper) or ``eigh`` (strict)."""

    spec = MetricSpec(
        name="fd",
        title="FD",
        direction="lower",
        level="corpus",
        needs=("face",),
        summary="Fréchet distance between the distributions of face coefficients",
        section="5 (Evaluation Metrics), Table 2",
        interval="jackknife",
        decimals=2,
        minimum=0.0,
    )

    def sample(self, prediction: PredictionSample, reference: Dialogue, parameters: Parameters) -> Statistics:
        """Moments of both sides' ``(T, 64)`` frames. Raises MetricError for non-finite frames or fewer than two."""
        face = prediction.face
        if face is None:
            raise MetricError("no vector file")
        truth = reference.listener.face()
        for side, frames in (("prediction", face), ("reference", truth)):
            if len(frames) < 2:
                raise MetricError(f"{side}: {len(frames)} face frames, at least 2 are needed")
            if not np.isfinite(frames).all():
                raise MetricError(f"{side}: {int((~np.isfinite(frames)).any(axis=1).sum())} face frames are not finite")
        predicted, real = moments_of(face), moments_of(truth)
        return {
            "count": predicted.size,
            "mean": predicted.mean,
            "scatter": predicted.scatter,
            "reference_count": real.size,
            "reference_mean": real.mean,
            "reference_scatter": real.scatter,
        }

    def aggregate(self, statistics: Sequence[Statistics], parameters: Parameters) -> float:
        """FD of all frames together."""
        predicted = merge([_side(s, "") for s in statistics])
        real = merge([_side(s, "reference_") for s in statistics])
        return frechet_sqrtm(predicted, real) if parameters["root"] == "sqrtm" else frechet(predicted, real)

    def sample_value(self, statistics: Statistics) -> float | None:
        """FD of this dialogue's frames alone, for finding the worst dialogues; not an additive part of the corpus
        value.
        """
        return frechet(_side(statistics, ""), _side(statistics, "reference_"))


def _side(statistics: Statistics, prefix: str) -> Moments:
    return Moments(
        float(statistics[f"{prefix}count"]),
        np.asarray(statistics[f"{prefix}mean"]),
        np.asarray(statistics[f"{prefix}scatter"]),
    )


fd = FrechetDistance()
