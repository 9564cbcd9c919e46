"""Intervals: known coverage, known values, determinism."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, norm, t

from omnibench.errors import MetricError
from omnibench.metrics.statistics import (
    bootstrap_interval,
    bootstrap_statistic,
    corpus_interval,
    jackknife_interval,
    subsample_interval,
    subsets_interval,
    units_of,
)


@settings(max_examples=30)
@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=40), st.booleans())
def test_the_interval_holds_within_the_range_of_the_values(values: list[float], named: bool) -> None:
    people = [f"p{index % 7}" for index in range(len(values))] if named else None
    interval = bootstrap_interval(values, people)
    assert interval is not None
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9
    assert interval == bootstrap_interval(values, people)


@pytest.mark.parametrize("skewed", [False, True])
def test_the_interval_of_a_mean_covers_about_as_often_as_it_says(skewed: bool) -> None:
    rng, hits = np.random.default_rng(1), 0
    for seed in range(200):
        values = rng.exponential(size=100) - 1 if skewed else rng.normal(size=100)
        interval = bootstrap_interval(values.tolist(), seed=seed, resamples=300)
        assert interval is not None
        hits += interval.low <= 0 <= interval.high
    # 95 % of 200 is 190 with a standard deviation of 3.1.
    assert 182 <= hits <= 198


def test_dialogues_of_one_person_do_not_pass_for_independent_ones() -> None:
    rng, narrow, wide = np.random.default_rng(2), 0, 0
    people = [f"p{index // 7}" for index in range(140)]
    for seed in range(60):
        values = (np.repeat(rng.normal(size=20), 7) + 0.5 * rng.normal(size=140)).tolist()
        alone = bootstrap_interval(values, seed=seed, resamples=200)
        together = bootstrap_interval(values, people, seed=seed, resamples=200)
        assert alone is not None
        assert together is not None
        narrow += alone.low <= 0 <= alone.high
        wide += together.low <= 0 <= together.high
    assert narrow < 45
    assert wide >= 52


def test_the_bca_interval_of_a_ratio_is_that_of_scipy_at_students_quantiles() -> None:
    # scipy.stats.bootstrap(method="BCa") draws other resamples: the ends agree up to the noise of 4000 of them. Its
    # level is set to where the normal quantile equals Student's with 59 degrees of freedom, times sqrt(60 / 59).
    rng = np.random.default_rng(3)
    below = rng.gamma(4.0, size=60)
    above = below * rng.gamma(2.0, 0.5, size=60)

    def ratio(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        return a.sum(axis=axis) / b.sum(axis=axis)

    level = 1 - 2 * norm.sf(np.sqrt(60 / 59) * t.ppf(0.975, 59))
    found = bootstrap((above, below), ratio, paired=True, n_resamples=4000, method="BCa", rng=0, confidence_level=level)
    theirs = found.confidence_interval
    ours = bootstrap_statistic(lambda picks: float(ratio(above[picks], below[picks])), 60, resamples=4000)
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * (theirs.high - theirs.low))


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    # Efron & Tibshirani 1993, eq. 11.5: for the mean, the jackknife error equals s / sqrt(n).
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    interval = jackknife_interval(lambda picks: float(values[list(picks)].mean()), len(values))
    assert interval is not None
    low, high = t.interval(0.95, 4, loc=values.mean(), scale=values.std(ddof=1) / np.sqrt(5))
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert bootstrap_interval(values.tolist()).low == pytest.approx(max(low, 1.0))  # type: ignore[union-attr]


def test_random_halves_have_the_spread_of_the_whole() -> None:
    # For the mean, deleting half gives s / sqrt(n) in expectation (Shao & Wu 1989); 2000 halves are near it.
    values = np.random.default_rng(4).normal(size=50)
    interval = subsample_interval(lambda picks: float(values[list(picks)].mean()), 50, halves=2000)
    assert interval is not None
    assert interval.high - interval.low == pytest.approx(
        2 * t.ppf(0.975, 49) * values.std(ddof=1) / np.sqrt(50), rel=0.06
    )


def test_people_are_the_units_only_where_there_are_enough_of_them() -> None:
    assert [unit.tolist() for unit in units_of(3, ["a", "", ""])] == [[0], [1], [2]]
    assert len(units_of(4, ["a", "a", "b", "b"])) == 4
    assert len(units_of(5, ["a", "a", "b", "b", "c"])) == 3
    five = bootstrap_interval([0.1, 0.2, 0.4, 0.3, 0.5, 0.6], ["a", "b", "c", "d", "e", "a"])
    assert five is not None
    assert five.method == "delete-one jackknife over 5 people (6 dialogues), Student's t"


def test_too_few_dialogues_or_a_value_that_is_none_has_no_interval() -> None:
    assert jackknife_interval(lambda picks: 1.0, 2) is None
    assert jackknife_interval(lambda picks: float("nan"), 5) is None
    assert subsample_interval(lambda picks: float("nan"), 20) is None
    assert bootstrap_interval([1.0, 2.0]) is None

    def only_with_everything(picks: Sequence[int]) -> float:
        if len(set(picks)) < 20:
            raise MetricError("somebody is missing")
        return 1.0

    assert bootstrap_statistic(only_with_everything, 20) is None


def test_equal_values_have_an_interval_of_no_width() -> None:
    interval = bootstrap_interval([0.5] * 30)
    assert interval is not None
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_a_corpus_interval_is_made_by_the_method_that_the_metric_declares() -> None:
    values = np.random.default_rng(6).normal(size=12)

    def mean(picks: Sequence[int]) -> float:
        return float(values[list(picks)].mean())

    whole = jackknife_interval(mean, 12)
    assert corpus_interval("jackknife", mean, 12) == whole
    assert whole is not None
    cut = corpus_interval("jackknife", mean, 12, (whole.low + 0.1, whole.high - 0.1))
    assert cut is not None
    assert (cut.low, cut.high) == (whole.low + 0.1, whole.high - 0.1)
    few = ["a", "b", "c", "d"] * 3
    assert corpus_interval("quantile", mean, 12, people=few) == subsets_interval(mean, 12, few)
    assert corpus_interval("bootstrap", mean, 12) == bootstrap_statistic(mean, 12)
    assert corpus_interval("subsample", mean, 12) == subsample_interval(mean, 12)


def test_few_people_of_a_median_are_units_and_not_their_dialogues() -> None:
    """Resampled dialogues held the true median in 77 % of draws where people differ by a standard deviation."""
    who = np.repeat(np.arange(5), (7, 6, 4, 4, 3))
    people = [f"p{person}" for person in who]
    rng, hits = np.random.default_rng(3), 0
    for _ in range(200):
        values = (rng.normal(size=5)[who] + rng.normal(size=24))[:, None] + rng.normal(size=(24, 8))
        interval = corpus_interval("quantile", lambda picks, v=values: float(np.median(v[picks])), 24, people=people)
        assert interval is not None
        hits += interval.low <= 0 <= interval.high
    # 93.75 % of 200 is 187.5 with a standard deviation of 3.4.
    assert hits >= 177
    assert "all 31 subsets of 5 people (24 dialogues), 93.75 %" in interval.method


def test_with_one_value_a_unit_the_subsets_of_seven_leave_two_out_at_each_end() -> None:
    values = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    found = subsets_interval(lambda picks: float(np.median(values[picks])), 7)
    medians = sorted(
        float(np.median(values[list(np.flatnonzero([way >> i & 1 for i in range(7)]))])) for way in range(1, 128)
    )
    assert found is not None
    assert (found.low, found.high) == (medians[2], medians[-3])
    assert "95 %" in found.method
