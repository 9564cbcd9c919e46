"""METEOR and its parts against numbers of NLTK's authors, of NLTK 3.10.4, and of WordNet 3.0 read by NLTK."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibench.metrics.text.meteor import meteor_of
from omnibench.metrics.text.penn_tokens import word_tokenize
from omnibench.metrics.text.wordnet.lookup import synonyms

NUMBERS = json.loads(Path(__file__).with_name("meteor.json").read_text(encoding="utf-8"))
"""Written by make_meteor_numbers.py, which names the versions."""

GUIDE = "It is a guide to action which ensures that the military always obeys the commands of the party"
TROOPS = "It is to insure the troops forever hearing the activity guidebook that party direct"
CAT = "the cat sat on the mat"


@pytest.mark.parametrize(
    ("reference", "hypothesis", "value", "digits"),
    [
        # nltk/translate/meteor_score.py, doctest of single_meteor_score.
        ("It is a guide to action that ensures that the military will forever heed Party commands", GUIDE, 0.6944, 4),
        ("this is a cat", "non matching hypothesis", 0.0, 4),
        # nltk/test/meteor.doctest and unit/translate/test_meteor.py: the sentence of Banerjee & Lavie's Wikipedia page.
        (CAT, "on the mat sat the cat", 0.5, 4),
        (CAT, CAT, 0.9977, 4),
        (CAT, "the cat was sat on the mat", 0.9654, 4),
        # n identical words in one chunk: 1 - 0.5 / n^3.
        (GUIDE, GUIDE, 0.9999142661, 10),
    ],
)
def test_scores_of_nltk_authors(reference: str, hypothesis: str, value: float, digits: int) -> None:
    assert round(meteor_of(reference.split(), hypothesis.split()), digits) == value


@pytest.mark.parametrize("case", NUMBERS["pairs"], ids=lambda case: case["hypothesis"][:24])
def test_scores_of_nltk(case: dict[str, object]) -> None:
    reference, hypothesis = str(case["reference"]), str(case["hypothesis"])
    assert word_tokenize(reference) == case["reference_words"]
    assert word_tokenize(hypothesis) == case["hypothesis_words"]
    assert meteor_of(word_tokenize(reference), word_tokenize(hypothesis)) == pytest.approx(case["meteor"], abs=1e-12)


@pytest.mark.parametrize("word", sorted(NUMBERS["synonyms"]))
def test_synonyms_of_nltks_reader(word: str) -> None:
    assert sorted(synonyms(word)) == NUMBERS["synonyms"][word]


def test_golden_file_is_full() -> None:
    assert len(NUMBERS["pairs"]) >= 12
    assert len(NUMBERS["synonyms"]) >= 60
