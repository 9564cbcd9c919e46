"""FD was ruled by centimetres: a face frozen at the right place beat a lively one a little further from the camera. The
blocks stand apart, and in standardised changes the frozen face comes last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.face.frechet import (
    differences,
    frechet,
    frechet_sqrtm,
    moments_of,
    reference_scale,
    scaled,
)


def lively(seed: int) -> NDArray[np.float64]:
    """A face whose blendshapes and head move smoothly for 40 s."""
    noise = np.random.default_rng(seed).normal(size=(1020, 64))
    smooth = np.stack([np.convolve(column, np.ones(21) / 21, "valid") for column in noise.T], axis=1)
    smooth *= np.r_[np.full(52, 0.4), np.full(9, 0.2), np.full(3, 1.0)]
    smooth[:, 63] -= 50
    return smooth


def test_frozen_wins_fd_and_loses_where_changes_count() -> None:
    human, model = lively(0), lively(1)
    model[:, 63] -= 3
    frozen = np.tile(human.mean(axis=0), (len(human), 1))
    real = moments_of(human)
    assert frechet_sqrtm(moments_of(frozen), real) < frechet_sqrtm(moments_of(model), real)
    assert frechet(moments_of(frozen[:, :52]), moments_of(human[:, :52])) > frechet(
        moments_of(model[:, :52]), moments_of(human[:, :52])
    )
    changes = moments_of(differences(human))
    factors = reference_scale(changes)
    still, moving = (scaled(moments_of(differences(face)), factors) for face in (frozen, model))
    assert frechet(still, scaled(changes, factors)) > 10 * frechet(moving, scaled(changes, factors))
