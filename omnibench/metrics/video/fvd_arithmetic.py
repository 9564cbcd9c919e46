"""Fréchet distance between two sets of clip features, and its real-vs-real floor.

One clip window is one row. With ``N`` rows in ``d > N`` dimensions both covariances are singular, so the distance is
biased upwards by an amount that depends on ``N`` and on the spectrum: two samples of the same 400-d distribution with
140 rows each are far from 0 apart. Hence the floor, and hence no comparison between different ``N``. A bootstrap
repeats rows, which lowers the rank further: intervals come from halves drawn without replacement.

Source: Unterthiner et al. 2019 (FVD); Dowson & Landau 1982.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MetricError
from omnibench.metrics.frechet import Array, frechet_distance

LARGEST_IMAGINARY: Final = 1e-3
_DOUBTFUL: Final = 1e-7


def paper_distance(generated: NDArray[Any], real: NDArray[Any], epsilon: float = 1e-6) -> float:
    """FVD as the official script: covariances over N of float32 features, ``epsilon`` added to both diagonals
    always, the real part of the root.

    Args:
        generated: ``(N, d)`` features.
        real: ``(M, d)`` features.
        epsilon: what is added to the diagonals.

    Raises:
        MetricError: the root has an imaginary part above 1e-3, where the official script gives up as well; features
            that are not finite.

    Source: OmniResponse ``evaluation/video/fvd`` @2ba1c7c.
    """
    (mean_a, first), (mean_b, second) = (_rows(np.asarray(side, np.float32)) for side in (generated, real))
    shift = mean_a - mean_b
    traces = (first**2).sum() + (second**2).sum() + 2 * epsilon * len(shift)
    return float(shift @ shift + traces - 2 * _root_trace(first, second, epsilon))


def _root_trace(first: Array, second: Array, epsilon: float) -> float:
    """``tr((S1 S2)^½)`` of ``S = Fᵀ F + epsilon I`` as ``sqrtm`` gives it, in a fraction of its time.

    With Cholesky factors ``S = L Lᵀ`` the root's eigenvalues are the singular values of ``L1ᵀ L2``; outside the span of
    all rows both matrices are ``epsilon I``, so only the span is worked in. ``sqrtm`` itself is run where its rounding
    could make it imaginary by as much as the official script refuses.
    """
    from scipy.linalg import cholesky, sqrtm, svdvals

    width = first.shape[1]
    rounding = np.finfo(np.float64).eps * np.linalg.norm(first) ** 2 * np.linalg.norm(second) ** 2
    if rounding < _DOUBTFUL and epsilon > 0:
        if len(first) + len(second) < width:
            span = np.linalg.qr(np.concatenate([first, second]).T)[0]
            first, second = first @ span, second @ span
        offset = np.eye(first.shape[1]) * epsilon
        lower, other = (cholesky(f.T @ f + offset, lower=True, check_finite=False) for f in (first, second))
        outside = (width - len(offset)) * epsilon
        return float(svdvals(lower.T @ other, check_finite=False).sum() + outside)
    offset = np.eye(width) * epsilon
    root = sqrtm((first.T @ first + offset) @ (second.T @ second + offset))
    imaginary = float(np.abs(np.imag(root)).max())
    if imaginary > LARGEST_IMAGINARY:
        raise MetricError(f"the square root of the covariances' product is imaginary (max |Im| = {imaginary:.3g})")
    return float(np.trace(np.real(root)))


def distance(generated: NDArray[Any], real: NDArray[Any]) -> float:
    """Fréchet distance of two sets of rows (`omnibench.metrics.frechet`).

    ``tr((S1 S2)^½) = ‖A Bᵀ‖_* / sqrt(N M)`` with ``A`` and ``B`` the centred rows: no covariance is formed. Covariances
    are over N, as in the official script.

    Args:
        generated: ``(N, d)``, N >= 2.
        real: ``(M, d)``, M >= 2.

    Raises:
        MetricError: fewer than two rows on a side, or rows that are not finite.

    Example:
        >>> distance(np.array([[-1.0], [1.0]]), np.array([[-1.0], [3.0]]))
        2.0
    """
    (mean_a, first), (mean_b, second) = _factor(generated), _factor(real)
    return frechet_distance(mean_a - mean_b, (first**2).sum(), (second**2).sum(), first @ second.T)


def _factor(features: NDArray[Any]) -> tuple[Array, Array]:
    """Mean and a factor ``F`` with ``Fᵀ F`` the covariance, of at most ``d`` rows."""
    mean, centred = _rows(features)
    if len(centred) > centred.shape[1]:
        return mean, np.asarray(np.linalg.qr(centred)[1])
    return mean, centred


def _rows(features: NDArray[Any]) -> tuple[Array, Array]:
    """Mean, and centred rows divided by ``sqrt(N)``."""
    data = np.asarray(features, dtype=np.float64)
    if len(data) < 2:
        raise MetricError(f"{len(data)} clips on one side, at least 2 are needed")
    if not np.isfinite(data).all():
        raise MetricError(f"the features of {int((~np.isfinite(data)).any(axis=1).sum())} clips are not finite")
    mean = data.mean(axis=0)
    return mean, (data - mean) / np.sqrt(len(data))


def real_floor(real: NDArray[Any], splits: int, seed: int = 0) -> float:
    """What a model would score whose videos came from the data itself: the mean distance between disjoint halves of
    the dialogues, each half with twice the windows, so that every side has the N of the metric it stands beside.

    Windows of one dialogue resemble each other, so the floor is slightly on the high side of fresh dialogues at the
    same N. Where the number of dialogues is odd, one is left out of each split.

    Args:
        real: ``(dialogues, draws, windows, d)``: the windows of each draw (seed) of each dialogue; two draws of the
            same number of windows at least.
        splits: random splits to take the mean over.
        seed: of the splits.

    Raises:
        MetricError: fewer than four dialogues or two draws.
    """
    count, draws = real.shape[:2]
    if count < 4 or draws < 2:
        raise MetricError(f"a floor takes 4 dialogues with 2 draws of windows each, there are {count} with {draws}")
    rng = np.random.default_rng(seed)
    half, width = count // 2, real.shape[-1]
    values = []
    for _ in range(splits):
        order = rng.permutation(count)
        pair = rng.choice(draws, size=2, replace=False)
        sides = [real[order[part]][:, pair].reshape(-1, width) for part in (slice(half), slice(half, 2 * half))]
        values.append(distance(*sides))
    return float(np.mean(values))
