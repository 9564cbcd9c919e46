"""A bootstrap interval of FVD did not hold the FVD: repeated videos lower the covariances' rank and the distance grows.
Halves without replacement are used instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnibench.metrics.base import METRICS
from omnibench.metrics.statistics import corpus_interval
from omnibench.metrics.video.fvd_arithmetic import distance


def test_the_interval_holds_the_estimate_where_the_bootstrap_does_not() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(40, 60)), rng.normal(size=(40, 60)) + 0.1

    def statistic(picks: Sequence[int]) -> float:
        return distance(a[list(picks)], b[list(picks)])

    value = statistic(range(40))
    naive = [statistic(rng.integers(0, 40, 40).tolist()) for _ in range(200)]
    assert np.quantile(naive, 0.025) > value
    interval = corpus_interval(METRICS.get("fvd").aggregation.interval, statistic, 40, (0.0, np.inf))
    assert interval is not None
    assert interval.low < value < interval.high
    assert "without replacement" in interval.method
