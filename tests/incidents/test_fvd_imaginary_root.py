"""``sqrtm`` of an ill-conditioned product came out imaginary or NaN: one script dropped the imaginary part in silence,
another printed nan, a third gave up. The strict distance takes no root of a product; the paper's gives up where the
official script does.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from omnibench.errors import MetricError
from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance


def large(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(140, 400)) * 1e3 / np.arange(1, 401)


def test_where_the_official_root_is_imaginary_the_strict_distance_is_not() -> None:
    a, b = large(0) * 3, large(1)
    product = (np.cov(a.T, bias=True) + np.eye(400) * 1e-6) @ (np.cov(b.T, bias=True) + np.eye(400) * 1e-6)
    assert np.abs(np.imag(sqrtm(product))).max() > 1e-3
    with pytest.raises(MetricError, match="imaginary"):
        paper_distance(a, b)
    assert distance(a, b) == pytest.approx(distance(b, a), rel=1e-12)
    assert distance(a, a) == pytest.approx(0, abs=1e-6)


def test_a_network_that_says_nan_is_named() -> None:
    broken = large(0)
    broken[3, 7] = np.nan
    for measure in (distance, paper_distance):
        with pytest.raises(MetricError, match="the features of 1 clips are not finite"):
            measure(broken, large(1))
