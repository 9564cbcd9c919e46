"""The paired test: p values of scipy with whole people swapped, one interval for one test, how often it errs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibench.scoring.paired_test import PairedTest, Swaps, holm, paired_test

Array = NDArray[np.float64]


def of_people(gains: Array, who: NDArray[np.int64], most: int = 1000, seed: int = 0) -> PairedTest:
    """Test of a mean over dialogues; ``who`` numbers each dialogue's person from 0."""
    sums, sizes = np.bincount(who, gains), np.bincount(who)

    def difference(swaps: Swaps) -> Array:
        return np.asarray((1 - 2.0 * swaps) @ sums / len(gains))

    return paired_test(difference, sizes.tolist(), most, seed)


def by_hand(gains: Array, who: NDArray[np.int64]) -> float:
    """The share of all 2^n ways that differ as much."""
    found = [
        abs(np.mean(np.where(np.array(swaps)[who], -gains, gains)))
        for swaps in product((False, True), repeat=int(who.max()) + 1)
    ]
    return float(np.mean(np.array(found) >= abs(gains.mean()) * (1 - 1e-9)))


@pytest.mark.parametrize("people", [3, 5, 8])
def test_whole_people_are_swapped_and_p_is_exact(people: int) -> None:
    rng = np.random.default_rng(people)
    who = np.concatenate([np.arange(people), rng.integers(0, people, size=13)])
    gains = rng.normal(0.4, 1.0, size=len(who))
    found = of_people(gains, who)
    assert found.exact
    assert found.p_value == pytest.approx(by_hand(gains, who), abs=1e-12)
    assert found.smallest_p == 2 / 2**people
    assert found.difference == pytest.approx(gains.mean())


def test_with_a_dialogue_a_person_the_ends_are_means_of_subsets() -> None:
    """Hartigan 1969: 5 values have 31 means of subsets; the outermost are the smallest and the largest value."""
    gains = np.array([0.3, -0.1, 0.7, 0.2, 0.9])
    found = of_people(gains, np.arange(5))
    assert (found.low, found.high) == (pytest.approx(-0.1), pytest.approx(0.9))
    assert found.level == 1 - 2 / 2**5
    ten = of_people(np.concatenate([gains, gains + 0.05]), np.arange(10))
    assert ten.level == 0.95
    assert -0.1 < ten.low < ten.difference < ten.high < 0.95


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([-2.0, -1.0, -0.25, 0.0, 0.5, 1.0, 3.0]) | st.floats(-5, 5), min_size=3, max_size=24),
    st.integers(3, 16),
    st.sampled_from([40, 1000]),
)
def test_the_interval_holds_0_exactly_where_the_test_finds_nothing(gains: list[float], people: int, most: int) -> None:
    who = np.arange(len(gains)) % min(people, len(gains))
    found = of_people(np.array(gains), who, most)
    threshold = round((1 - found.level) * found.ways) / found.ways if found.level != 0.95 else 0.05
    assert (found.low <= 0 <= found.high) == (found.p_value > threshold + 1e-12)
    assert found.low - 1e-9 <= found.difference <= found.high + 1e-9
    assert found.p_value >= found.smallest_p


def test_the_interval_of_another_zero_is_the_test_of_that_zero() -> None:
    """Turned round: the test of ``gains - d`` rejects where, and only where, ``d`` lies outside."""
    rng = np.random.default_rng(3)
    who, gains = np.arange(24) % 8, rng.normal(0.3, 1.0, size=24)
    found = of_people(gains, who)
    for shift in np.linspace(found.low - 0.5, found.high + 0.5, 57):
        assert (of_people(gains - shift, who).p_value > 0.05) == (found.low <= shift <= found.high)


def normal(rng: np.random.Generator, who: NDArray[np.int64], effect: float) -> Array:
    return effect * rng.normal(size=who.max() + 1)[who] + rng.normal(size=len(who))


def skewed(rng: np.random.Generator, who: NDArray[np.int64], effect: float) -> Array:
    """Differences of two exponentials: heavy tails on both sides."""
    parts = rng.exponential(size=(2, len(who))) + effect * rng.exponential(size=(2, who.max() + 1))[:, who]
    return np.asarray(parts[0] - parts[1])


@pytest.mark.parametrize("draw", [normal, skewed])
@pytest.mark.parametrize(("people", "effect"), [(5, 0.0), (5, 1.0), (15, 0.0), (15, 0.5), (15, 1.0)])
def test_without_a_difference_few_are_found(
    draw: Callable[[np.random.Generator, NDArray[np.int64], float], Array], people: int, effect: float
) -> None:
    """With dialogues swapped instead, 30 % were found at 5 people with effects of 1 standard deviation."""
    rng = np.random.default_rng(11)
    who = np.sort(np.concatenate([np.arange(people), rng.integers(0, people, size=4 * people)]))
    found = [of_people(draw(rng, who, effect), who, 400, seed) for seed in range(400)]
    share = np.mean([test.p_value <= 0.05 for test in found])
    outside = np.mean([not test.low <= 0 <= test.high for test in found])
    # 5 % of 400 is 20 with a standard deviation of 4.4.
    assert share <= 33 / 400
    assert outside <= 1 - found[0].level + 13 / 400
    if people == 5:
        assert share == 0


def test_a_difference_is_found_where_people_agree() -> None:
    rng = np.random.default_rng(2)
    who = np.arange(45) % 15
    found = of_people(rng.normal(1.5, 1.0, size=45), who, 1000)
    assert found.p_value < 0.01
    assert found.low > 0.5


def test_a_ratio_of_sums_is_tested_by_its_own_value() -> None:
    """Its p is that of all swaps recomputed, its interval holds the ratio's difference and 0 as the test says."""
    rng = np.random.default_rng(4)
    below = rng.gamma(4.0, size=(2, 8))
    above = below * np.array([[2.5], [2.0]]) + rng.normal(scale=0.5, size=(2, 8))

    def difference(swaps: Swaps) -> Array:
        top, low = (np.where(swaps[:, None], part[::-1], part).sum(axis=2) for part in (above, below))
        return np.asarray(top[:, 0] / low[:, 0] - top[:, 1] / low[:, 1])

    found = paired_test(difference, [1] * 8, 1000)
    ways = difference(np.array(list(product((False, True), repeat=8))))
    assert found.p_value == pytest.approx(np.mean(np.abs(ways) >= abs(found.difference) * (1 - 1e-9)))
    assert (found.low <= 0 <= found.high) == (found.p_value > 0.05)
    assert found.low < found.difference < found.high


def test_swaps_without_a_value_speak_against_a_finding() -> None:
    values = np.array([1.0, 1.1, 0.9, 1.2, 1.0, 0.8, 1.1])

    def difference(swaps: Swaps) -> Array:
        found = np.where(swaps, -values, values).mean(axis=1)
        return np.asarray(np.where(swaps[:, 0] & swaps[:, 1], np.nan, found))

    found = paired_test(difference, [1] * 7, 1000)
    assert found.undefined == 16
    assert found.p_value == (1 + 16) / 64


def test_two_people_and_one_allow_no_interval() -> None:
    for people, smallest in ((1, 1.0), (2, 0.5)):
        found = of_people(np.full(6, 1.0), np.arange(6) % people)
        assert (found.p_value, found.smallest_p) == (smallest, smallest)
        assert (found.low, found.high) == (-np.inf, np.inf)


def test_holms_correction_is_monotone_and_never_above_1() -> None:
    assert holm([0.01, 0.02, 0.03, 0.04]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm([0.04, 0.01, 0.6]) == pytest.approx([0.08, 0.03, 0.6])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_what_the_steps_reject(p_values: list[float]) -> None:
    """Step by step: the smallest against 0.05 / m, the next against 0.05 / (m - 1), until one is above."""
    corrected = holm(p_values)
    going = True
    for step, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        going = going and p_values[place] * (len(p_values) - step) <= 0.05
        assert (corrected[place] <= 0.05) == going
        assert corrected[place] >= p_values[place]
