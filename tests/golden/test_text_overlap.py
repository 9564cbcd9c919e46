"""ROUGE-L, Distinct-2 and EAD against numbers from outside: rouge-score's tests, the official scripts, and counting."""

from __future__ import annotations

from itertools import product

import pytest

from omnibench.metrics.text.distinct import distinct_2_of
from omnibench.metrics.text.ead import expectation_adjusted
from omnibench.metrics.text.rouge import rouge_l_package, rouge_l_whitespace


@pytest.mark.parametrize(
    ("reference", "hypothesis", "value"),
    [
        # google-research rouge/rouge_scorer_test.py (0.8), and its formula by hand: F = 2 P R / (P + R).
        ("testing one two", "testing one two", 1.0),
        ("testing one two", "testing", 0.5),
        ("testing one two", "testing two", 0.8),
        ("testing one two", "testing one", 0.8),
        ("testing one two", "hey", 0.0),
        ("testing one two", "", 0.0),
        # Lin 2004, section 3: "police killed the gunman" has an LCS of 3 words with the first and 2 with the second.
        ("police killed the gunman", "police kill the gunman", 0.75),
        ("police killed the gunman", "the gunman kill police", 0.5),
        # Case and punctuation do not count for the package.
        ("Yeah, I know.", "yeah i know", 1.0),
    ],
)
def test_rouge_l_of_the_package(reference: str, hypothesis: str, value: float) -> None:
    assert rouge_l_package(reference, hypothesis) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "value"),
    [
        # OmniResponse evaluation/text/compute_rouge-l.py @2ba1c7c, `Rouge().pair_score`.
        ("testing one two", "testing", 0.4586466165413534),
        ("Yeah, I know.", "yeah i know", 0.0),
        ("testing one two", "testing one two", 1.0),
        # By hand from its formula, F = (1 + b²) P R / (R + b² P), b = 1.2: P = 1/2, R = 1; P = 1, R = 2/3; P = R = 3/4.
        ("a", "a b", 2.44 * 0.5 / (1 + 1.44 * 0.5)),
        ("a b c", "a c", 2.44 * (2 / 3) / (2 / 3 + 1.44)),
        ("police killed the gunman", "police kill the gunman", 0.75),
    ],
)
def test_rouge_l_of_the_official_script(reference: str, hypothesis: str, value: float) -> None:
    assert rouge_l_whitespace(reference, hypothesis) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        # Counted by hand, as Li et al. 2016 define it: distinct over all bigrams; none crosses texts.
        (["a b a b"], 2 / 3),
        (["a b", "a b"], 1 / 2),
        (["a b", "b a"], 1.0),
        (["a b c d e"], 1.0),
        (["A b", "a b"], 1.0),
        (["a", "", "  "], 0.0),
        (["a a a a a"], 1 / 4),
    ],
)
def test_distinct_2_by_counting(texts: list[str], value: float) -> None:
    assert distinct_2_of(texts) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("distinct", "total", "vocabulary", "value"),
    [
        # The formula of Liu et al. 2022 in exact fractions.
        (1, 1, 30522, 1.0),
        (2, 2, 2, 4 / 3),
        (1, 2, 2, 2 / 3),
        (3, 4, 10, 3 / (10 * (1 - 0.9**4))),
        (0, 0, 30522, 0.0),
        # With as many draws as it takes every gram is expected: the ratio is N / V.
        (50, 100_000, 100, 0.5),
    ],
)
def test_ead_of_the_formula(distinct: int, total: int, vocabulary: int, value: float) -> None:
    assert expectation_adjusted(distinct, total, vocabulary) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("total", "vocabulary"), [(1, 3), (2, 3), (4, 3), (5, 2), (3, 5)])
def test_ead_of_chance_is_one(total: int, vocabulary: int) -> None:
    """Over all equally likely texts of a length the mean of EAD is 1: what it is adjusted for."""
    texts = list(product(range(vocabulary), repeat=total))
    values = [expectation_adjusted(len(set(text)), total, vocabulary) for text in texts]
    assert sum(values) / len(texts) == pytest.approx(1.0, rel=1e-12)
