"""Positions within words: symbols' lengths are found again, and a word's own tempo is taken out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omniresponse_factory import small_tokenizer

from baselines.omniresponse.text.chrono import chrono_tokens
from baselines.omniresponse.text.pacing import (
    PRIOR_SECONDS,
    average_pacing,
    recorded_pacing,
    symbol_seconds,
    symbols_of,
)
from baselines.omniresponse.text.tokens import LETTERS
from baselines.omniresponse.text.wordform import WordFormReader
from omnibench.types import Word

RATES = (Fraction(25), Fraction(30), Fraction(30000, 1001))


def test_lengths_of_symbols_are_found_again() -> None:
    """Words that are sums of known lengths: a letter a takes 50 ms, b 100 and c 150."""
    tokenizer = small_tokenizer()
    known = {"a": 0.05, "b": 0.10, "c": 0.15}
    texts = ["ab", "bc", "ca", "abc", "cab", "aab", "bcc", "abba"] * 40
    words = [Word(t, i, i + sum(known[c] for c in t)) for i, t in enumerate(texts)]
    found = symbol_seconds(words, tokenizer)
    for letter, seconds in known.items():
        assert found[LETTERS.find(letter)] == pytest.approx(seconds, abs=0.002)
    assert found[LETTERS.find("z")] == pytest.approx(PRIOR_SECONDS, abs=1e-6), "nobody said it"


def test_no_words_at_all_leave_the_prior() -> None:
    assert symbol_seconds([], small_tokenizer()) == pytest.approx(PRIOR_SECONDS)


@given(st.sampled_from(RATES), st.floats(0.6, 1.8), st.floats(0.0, 0.039), st.integers(0, 20))
def test_a_words_tempo_and_onset_are_taken_out(fps: Fraction, tempo: float, late: float, frame: int) -> None:
    """Whatever its tempo, a word is at position 0 at its onset and at its symbols' total length at its end."""
    tokenizer = small_tokenizer()
    seconds = np.full(100, 0.08, dtype=np.float32)
    total = 0.08 * len(symbols_of("market", tokenizer))
    start = frame / float(fps) + min(late, 0.99 / float(fps))
    words = [Word("market", start, start + tempo * total)]
    marked = chrono_tokens(words, frame + 60, fps, tokenizer, 12)
    forms = WordFormReader(tokenizer).read(marked.tokens)
    silent = forms.heads == tokenizer.pause
    pacing = recorded_pacing(words, forms.ages, silent, fps, seconds, tokenizer)
    begin = int(np.flatnonzero(~silent)[0])
    since = (np.array([words[0].start, words[0].end]) - begin / float(fps)).astype(np.float32)
    here = pacing[begin : begin + 1]
    assert [float(here.positions(age[None])[0]) for age in since] == pytest.approx([0.0, total], abs=1e-4)


def test_each_word_has_its_own_pace_and_silence_the_average() -> None:
    tokenizer, fps = small_tokenizer(), Fraction(25)
    seconds = np.full(100, 0.1, dtype=np.float32)
    words = [Word("good", 0.4, 0.8), Word("today", 0.8, 1.8)]
    marked = chrono_tokens(words, 60, fps, tokenizer, 12)
    forms = WordFormReader(tokenizer).read(marked.tokens)
    pacing = recorded_pacing(words, forms.ages, forms.heads == tokenizer.pause, fps, seconds, tokenizer)
    assert pacing.pace[[9, 10, 19, 20, 44, 46]].tolist() == pytest.approx([1, 1, 1, 2, 2, 1])
    average = average_pacing(1, fps)
    assert (pacing.late[0], pacing.pace[0]) == (average.late[0], average.pace[0])


def test_words_that_are_not_in_the_markup_are_refused() -> None:
    tokenizer, fps = small_tokenizer(), Fraction(25)
    forms = WordFormReader(tokenizer).read(np.full(10, tokenizer.pause))
    with pytest.raises(ValueError, match="0 word forms stand for 1 words"):
        recorded_pacing(
            [Word("good", 0, 1)], forms.ages, np.ones(10, dtype=bool), fps, np.ones(100, np.float32), tokenizer
        )
