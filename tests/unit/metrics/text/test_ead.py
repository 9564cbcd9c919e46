"""EAD beside Distinct-2: what it is adjusted for, and what it does not see."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.metrics.base import Parameters
from omnibench.metrics.text.distinct import distinct_2_of
from omnibench.metrics.text.ead import ead_2, expectation_adjusted

PARAMETERS = Parameters("strict", {"tokens": "whitespace", "silence": "ignored", "vocabulary": 30522})
TEXTS = st.lists(st.text("ab c", max_size=12), min_size=1, max_size=6)


def ead(texts: list[str]) -> float:
    nobody = SimpleNamespace(listener=SimpleNamespace(text=""))
    samples = [ead_2.sample(SimpleNamespace(text=text), nobody, PARAMETERS) for text in texts]  # type: ignore[arg-type]
    return ead_2.aggregate(samples, PARAMETERS)


@given(TEXTS, st.randoms(use_true_random=False))
def test_order_of_dialogues_moves_nothing(texts: list[str], draw: object) -> None:
    shuffled = list(texts)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ead(shuffled) == ead(texts)


@given(TEXTS)
def test_it_is_near_distinct_2_where_texts_are_short(texts: list[str]) -> None:
    assert ead(texts) == pytest.approx(distinct_2_of(texts), rel=2e-3)


@given(st.integers(1, 10_000), st.integers(2, 50_000))
def test_a_longer_text_of_equal_variety_is_not_punished(total: int, vocabulary: int) -> None:
    """With as many different grams as chance gives, the value is 1 at any length, where Distinct-2 falls."""
    expected = vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** total)
    assert expectation_adjusted(1, total, vocabulary) == pytest.approx(1 / expected, rel=1e-6)


def test_no_bigram_no_variety() -> None:
    assert ead(["", "one", "  "]) == 0.0
