"""FVD's distance against values from outside: closed forms of two Gaussians, and the official script's own output."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance

# awakening-ai/OmniResponse @2ba1c7c, evaluation/video/fvd/frechet_video_distance.py: FeatureStats in batches of 32,
# then frechet_distance, on `official_features(seed, ...)`; numpy 2.4.6, scipy 1.17.1.
OFFICIAL = (
    (0, 140, 140, 400, 1.0, 20.728275237617307),
    (1, 140, 140, 400, 5.0, 135.47570674278364),
    (2, 60, 60, 12, 1.0, 1.1500921939871618),
    (3, 24, 24, 32, 1.0, 3.824002915523599),
    (4, 192, 192, 32, 2.0, 4.407359172278062),
    (5, 140, 100, 16, 1.0, 1.2415232711832118),
    (6, 300, 300, 8, 10.0, 31.245946216249937),
)


def official_features(
    seed: int, n: int, m: int, d: int, scale: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng, spectrum = np.random.default_rng(seed), np.sqrt(np.arange(1, d + 1))
    a = rng.normal(size=(n, d)) * scale / spectrum
    b = rng.normal(size=(m, d)) * 1.3 * scale / spectrum + 0.2
    return a.astype(np.float32), b.astype(np.float32)


def cross(mean: tuple[float, ...], deviations: tuple[float, ...]) -> NDArray[np.float64]:
    """Points on the axes that have exactly this mean and these population deviations, uncorrelated."""
    arms = np.diag(np.array(deviations)) * np.sqrt(len(deviations))
    return np.array(mean) + np.concatenate([arms, -arms])


@pytest.mark.parametrize(("seed", "n", "m", "d", "scale", "official"), OFFICIAL)
def test_paper_distance_is_the_official_scripts(
    seed: int, n: int, m: int, d: int, scale: float, official: float
) -> None:
    assert paper_distance(*official_features(seed, n, m, d, scale)) == pytest.approx(official, rel=1e-9)


@pytest.mark.parametrize(("seed", "n", "m", "d", "scale", "official"), OFFICIAL)
def test_strict_distance_differs_by_the_epsilon_alone(
    seed: int, n: int, m: int, d: int, scale: float, official: float
) -> None:
    # Adding 1e-6 to d eigenvalues moves a root that is 0 by at most 1e-3 each.
    assert distance(*official_features(seed, n, m, d, scale)) == pytest.approx(official, rel=5e-4)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # Dowson & Landau 1982, one dimension: (m1 - m2)² + (s1 - s2)².
        (cross((0,), (1,)), cross((1,), (2,)), 2.0),
        (cross((0,), (1,)), cross((0,), (1,)), 0.0),
        (cross((0,), (3,)), cross((0,), (0,)), 9.0),
        # Equal covariances: |m1 - m2|².
        (cross((0, 0, 0), (1, 2, 3)), cross((1, 1, 1), (1, 2, 3)), 3.0),
        # Commuting covariances: the sum over the axes.
        (cross((0, 0), (1, 2)), cross((3, 4), (2, 5)), 25 + 1 + 9),
        # Orthogonal ranks: the root is 0, only the traces are left.
        (cross((0, 0), (2, 0)), cross((0, 0), (0, 3)), 4 + 9),
    ],
)
def test_distance_has_the_closed_form(a: NDArray[np.float64], b: NDArray[np.float64], expected: float) -> None:
    assert distance(a, b) == pytest.approx(expected, abs=1e-12)
    # Its 1e-6 on the diagonal takes 2 (2e-3 + 3e-3) off the last: the bound is no value that a root's last bits decide.
    assert paper_distance(a, b) == pytest.approx(expected, abs=2e-2)


def test_two_dimensions_that_do_not_commute() -> None:
    # For 2x2 matrices tr(sqrt(M)) = sqrt(tr(M) + 2 sqrt(det(M))) (Levinger 1980).
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(50, 2)) @ [[2, 1], [0, 1]], rng.normal(size=(60, 2)) @ [[1, -2], [1, 1]]
    s, t = np.cov(a.T, bias=True), np.cov(b.T, bias=True)
    shift, product = a.mean(axis=0) - b.mean(axis=0), s @ t
    root = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))
    assert distance(a, b) == pytest.approx(shift @ shift + np.trace(s + t) - 2 * root, rel=1e-10)
