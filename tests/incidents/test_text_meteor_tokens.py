"""METEOR moved by ten points with nothing but the installation.

Without Punkt's model the official script falls back to a regular expression, and from that to ``str.split``, without a
word; without WordNet nothing is a synonym. Here both come with the installation: the words are NLTK's, no download is
looked for, and the fallbacks would be noticed.
"""

from __future__ import annotations

import re

import nltk
import pytest

from omnibench.metrics.text.meteor import meteor_of
from omnibench.metrics.text.penn_tokens import word_tokenize

REFERENCE = "I can't go, Dr. Smith. We're buying a car."
ANSWER = "I can not go, doctor; they're purchasing an automobile!"


def test_words_and_synonyms_need_no_data_of_nltks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nltk.data, "path", [])
    assert word_tokenize(REFERENCE)[:6] == ["I", "ca", "n't", "go", ",", "Dr."]
    assert meteor_of(["car"], ["auto"]) == pytest.approx(0.5)


def test_the_scripts_fallbacks_give_other_scores() -> None:
    """nltk.word_tokenize against the two fallbacks of compute_meteor.py @2ba1c7c on one pair."""

    def score(words: list[list[str]]) -> float:
        return meteor_of(words[0], words[1])

    texts = (REFERENCE, ANSWER)
    right = score([word_tokenize(text) for text in texts])
    pattern = score([re.findall(r"\w+|[^\w\s]", text) for text in texts])
    split = score([text.split() for text in texts])
    assert abs(right - pattern) > 0.005
    assert abs(right - split) > 0.05


def test_a_table_without_synonyms_would_be_noticed() -> None:
    reference, answer = ["i", "drive", "a", "fast", "car"], ["i", "drive", "a", "quick", "auto"]
    assert meteor_of(reference, answer) == pytest.approx(1 - 0.5 / 5**3)


def test_nltk_looks_up_stems() -> None:
    """Its matcher hands the stemmed rest on to WordNet, where "automobil" is no word; other implementations match."""
    assert meteor_of(["car"], ["automobile"]) == 0.0
