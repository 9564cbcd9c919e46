"""The interval of a difference from numbers without each person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from omnibench.metrics.base import METRICS, Parameters
from omnibench.scoring.leaving_out import difference_interval, without_each
from omnibench.scoring.paired_values import Row

RULES = Parameters("strict", {})
numbers = st.lists(st.floats(0, 1), min_size=4, max_size=9)


def rows(values: list[float], people: list[str]) -> dict[str, Row]:
    pairs = zip(values, people, strict=True)
    return {f"d{i}": Row(who, {"value": value, "counted": 1.0}) for i, (value, who) in enumerate(pairs)}


@given(numbers)
def test_of_one_dialogue_a_person_it_is_students_paired_interval(first: list[float]) -> None:
    second = [value / 2 + 0.1 * (i % 3) for i, value in enumerate(first)]
    people = [f"p{i}" for i in range(len(first))]
    rouge = METRICS.get("rouge_l")
    means = float(np.mean(first)), float(np.mean(second))
    own = [
        without_each(rouge, RULES, rows(side, people), mean) for side, mean in zip((first, second), means, strict=True)
    ]
    found = difference_interval(*own, means[0] - means[1])
    gains = np.subtract(first, second)
    reach = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((gains.mean() - reach, gains.mean() + reach), abs=1e-6)


def test_what_does_not_make_the_stated_number_again_has_none() -> None:
    rouge, people = METRICS.get("rouge_l"), ["a", "b", "c"]
    assert without_each(rouge, RULES, rows([0.1, 0.2, 0.3], people), 0.3) == {}
    assert without_each(METRICS.get("fd"), RULES, rows([0.1, 0.2, 0.3], people), 0.2) == {}
    kept = without_each(rouge, RULES, rows([0.1, 0.2, 0.3], people), 0.2)
    assert kept == pytest.approx({"a": 0.25, "b": 0.2, "c": 0.15})
    assert difference_interval(kept, {"a": 0.1, "b": 0.1}, 0.1) is None
