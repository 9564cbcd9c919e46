"""Word error rate against jiwer, and its own invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.metrics.text.word_error import WordErrors, normalise, pooled, word_errors

# (reference, hypothesis, errors) computed by jiwer 4.0.0, `process_words`; pooled: 18 errors in 34 words.
JIWER = [
    ("so did your office see it coming", "so did the office sit coming", 3),
    ("we wore coats in the kitchen all january", "coats in the kitchen or january january", 4),
    ("yes", "", 1),
    ("i would do the same", "i could do this same thing again", 4),
    (
        "three villages built a wind turbine together they own it they fix it",
        "three villages built wind turbine to gather they own they fixed it and",
        6,
    ),
]


@pytest.mark.parametrize(("reference", "hypothesis", "errors"), JIWER)
def test_errors_are_those_of_jiwer(reference: str, hypothesis: str, errors: int) -> None:
    assert word_errors(reference.split(), hypothesis.split()).errors == errors


def test_the_corpus_rate_is_that_of_jiwer() -> None:
    assert pooled([(r, h) for r, h, _ in JIWER]).rate == pytest.approx(0.5294117647058824, abs=1e-12)


def test_case_punctuation_and_spelling_are_no_errors() -> None:
    assert normalise("Okay -- “Well,” she DIDN’T.") == ["okay", "well", "she", "didn't"]
    assert pooled([("Okay. All right, we did!", "ok alright we did")]).errors == 0
    assert pooled([("O Grandad, halfway for ever!", "oh granddad half way forever")]).errors == 0
    assert pooled([("Seventy per cent, my neighbour said.", "70% my neighbor said")]).errors == 0
    assert normalise("Thirty-nine, at twenty-one.") == ["thirty", "nine", "at", "twenty", "one"]
    assert normalise(" ...?! ") == []


def test_what_is_heard_in_a_sound_that_is_no_word_is_no_error() -> None:
    assert pooled([("I, um, I left. Mm-hm.", "I arm I left umm")]) == WordErrors(0, 0, 0, 3)
    assert pooled([("Um, yes.", "yes")]).errors == 0
    assert pooled([("I left.", "I arm left")]).insertions == 1


@pytest.mark.parametrize(
    ("figures", "words"),
    [("0", "zero"), ("7", "seven"), ("13", "thirteen"), ("40", "forty"), ("85", "eighty five"), ("100", "one hundred"),
     ("412", "four hundred twelve"), ("930", "nine hundred thirty"), ("12,050", "twelve thousand fifty"),
     ("1,000", "one thousand"), ("2500000", "2500000")],
)  # fmt: skip
def test_figures_are_spelled_out_below_a_million(figures: str, words: str) -> None:
    assert normalise(figures) == words.split()


def test_sounds_that_are_no_words_count_on_neither_side() -> None:
    assert pooled([("Mm-hm. So am I.", "Um-ham, so am I.")]) == WordErrors(0, 0, 0, 3)
    assert pooled([("Uh-huh.", "")]).words == 0


def test_nothing_said_in_silence_is_no_error_and_has_no_rate() -> None:
    assert pooled([("", "")]) == pooled([]) == WordErrors(0, 0, 0, 0)
    with pytest.raises(ZeroDivisionError):
        _ = pooled([]).rate
    assert pooled([("", "made up words")]).insertions == 3


texts = st.lists(st.sampled_from("abcde"), max_size=12)


@given(texts, texts)
def test_errors_are_bounded_and_symmetric(left: list[str], right: list[str]) -> None:
    there, back = word_errors(left, right), word_errors(right, left)
    assert there.errors == back.errors <= max(len(left), len(right))
    assert there.insertions - there.deletions == len(right) - len(left)
    assert word_errors(left, left).errors == 0


@given(texts, texts, texts)
def test_errors_obey_the_triangle_inequality(a: list[str], b: list[str], c: list[str]) -> None:
    assert word_errors(a, c).errors <= word_errors(a, b).errors + word_errors(b, c).errors
