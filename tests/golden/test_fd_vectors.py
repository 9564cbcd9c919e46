"""FD against the official script's own output on faces: 64 correlated coefficients and a head 24 cm away."""

from __future__ import annotations

import numpy as np
import pytest

from omnibench.metrics.face.frechet import frechet, frechet_sqrtm, merge, moments_of

# awakening-ai/OmniResponse @2ba1c7c, evaluation/video/fd/compute_fd_features.py on float64;
# numpy 2.4.6, scipy 1.17.1.
OFFICIAL = (
    (0, 400, 500, 1.0, 600.894490579462),
    (1, 1000, 1000, 0.1, 571.8833791001687),
    (2, 300, 900, 3.0, 833.2331230871064),
    (3, 130, 130, 1.0, 607.2806552279826),
    (4, 2000, 500, 1.0, 601.163022184689),
    (5, 700, 700, 0.5, 581.2306742552672),
)


@pytest.mark.parametrize(("seed", "n", "m", "scale", "official"), OFFICIAL)
def test_fd_of_merged_clips_is_the_official_scripts(seed: int, n: int, m: int, scale: float, official: float) -> None:
    rng = np.random.default_rng(seed)
    mix = np.eye(64) + 0.1 * rng.normal(size=(64, 64))
    a = rng.normal(size=(n, 64)) @ mix * scale
    b = rng.normal(size=(m, 64)) * scale * 1.4 + 0.1
    b[:, 63] -= 24
    predicted, real = (merge([moments_of(clip) for clip in np.array_split(side, 7)]) for side in (a, b))
    assert frechet_sqrtm(predicted, real) == pytest.approx(official, rel=1e-9)
    assert frechet(predicted, real) == pytest.approx(official, rel=1e-9)
