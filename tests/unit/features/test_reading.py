"""Words of a recognised track: which unit each belongs to, and where in the unit's voice it lies."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.features.activity import Span
from omnibench.features.reading import dealt, placed
from omnibench.types import Word

LENGTHS = st.lists(st.floats(0.05, 3.0), min_size=1, max_size=5)


def test_words_share_the_voice_by_their_letters_and_skip_its_pauses() -> None:
    assert placed(["ab", "ab"], [Span(1.0, 2.0), Span(3.0, 4.0)]) == (Word("ab", 1.0, 2.0), Word("ab", 3.0, 4.0))
    # A word of five of eight shares is 1.25 of 2 s long: the second stretch begins before it is over.
    assert placed(["abcd", "ab"], [Span(0.0, 1.0), Span(1.5, 2.5)]) == (Word("abcd", 0.0, 1.75), Word("ab", 1.75, 2.5))


@given(
    words=st.lists(st.sampled_from(["I", "yes", "mm-hm,", "wonderful!", "…"]), min_size=1, max_size=12), lengths=LENGTHS
)
def test_words_fill_the_voice_in_order(words: list[str], lengths: list[float]) -> None:
    spans, start = [], 0.5
    for length in lengths:
        spans.append(Span(start, start + length))
        start += length + 0.3
    found = placed(words, spans)
    assert [word.text for word in found] == words
    assert found[0].start == pytest.approx(spans[0].start)
    assert found[-1].end == pytest.approx(spans[-1].end)
    assert all(word.start <= word.end for word in found)
    assert all(a.end <= b.start + 1e-5 for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("words", "alone", "expected"),
    [
        ("Oh no. Can he?", ["Oh, nice.", "Can he?"], ["Oh no.", "Can he?"]),
        ("So am I, to be honest.", ["O Muhammad,", "so am I to be honest."], ["O Muhammad,", "So am I, to be honest."]),
        ("Well, my own children", ["Well.", "", "My children"], ["Well,", "", "my own children"]),
        ("", ["Yes.", ""], ["Yes.", ""]),
        ("Yes.", ["", ""], ["", ""]),
    ],
)
def test_each_word_goes_to_its_unit(words: str, alone: list[str], expected: list[str]) -> None:
    found = dealt(words.split(), [text.split() for text in alone])
    assert [" ".join(own) for own in found] == expected
