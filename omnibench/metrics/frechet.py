"""The Fréchet distance of two Gaussians, by a nuclear norm: what FD and FVD share.

With covariances ``S = F Fᵀ`` the eigenvalues of ``(S1 S2)^½`` are the singular values of ``F1ᵀ F2``: no root of a
singular product is taken, so the distance is exact for singular covariances, never imaginary, never NaN and never below
0. What the official scripts do instead, each with quirks of its own, lies with their metrics.

Source: Dowson & Landau 1982.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def frechet_distance(shift: Array, first_trace: float, second_trace: float, cross: Array) -> float:
    """``|m1 - m2|² + tr S1 + tr S2 - 2 tr (S1 S2)^½``.

    Args:
        shift: difference of the means, ``(d,)``.
        first_trace: ``tr S1``.
        second_trace: ``tr S2``.
        cross: ``F1ᵀ F2`` of any factors of the two covariances.

    Example:
        >>> frechet_distance(np.array([1.0]), 1.0, 4.0, np.array([[2.0]]))
        2.0
    """
    root = np.linalg.svd(cross, compute_uv=False).sum()
    return float(max(shift @ shift + first_trace + second_trace - 2 * root, 0.0))
