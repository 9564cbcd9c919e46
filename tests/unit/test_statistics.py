"""Intervals: known coverage, known values, determinism."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.statistics import bootstrap_interval, bootstrap_statistic, corpus_interval, jackknife_interval


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40))
def test_the_interval_holds_within_the_range_of_the_values(values: list[float]) -> None:
    interval = bootstrap_interval(values)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9
    assert interval == bootstrap_interval(values)


def test_the_bootstrap_covers_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = sum(
        interval.low <= 0 <= interval.high
        for interval in (bootstrap_interval(rng.normal(size=40).tolist(), seed) for seed in range(200))
    )
    assert 178 <= hits <= 199


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    # Efron & Tibshirani 1993, eq. 11.5: for the mean, the jackknife error equals s / sqrt(n).
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    interval = jackknife_interval(lambda picks: float(values[list(picks)].mean()), len(values))
    assert interval is not None
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert interval.high - interval.low == pytest.approx(2 * 1.959963984540054 * error)


def test_too_few_dialogues_or_a_value_that_is_none_has_no_interval() -> None:
    assert jackknife_interval(lambda picks: 1.0, 2) is None
    assert jackknife_interval(lambda picks: float("nan"), 5) is None


def test_a_corpus_interval_is_made_by_the_method_that_the_metric_declares() -> None:
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])

    def mean(picks: Sequence[int]) -> float:
        return float(values[list(picks)].mean())

    assert corpus_interval("jackknife", mean, 5, 3.9) == jackknife_interval(mean, 5, 3.9)
    assert corpus_interval("bootstrap", mean, 5) == bootstrap_statistic(mean, 5)
    assert corpus_interval("bootstrap", mean, 5) != corpus_interval("jackknife", mean, 5)
