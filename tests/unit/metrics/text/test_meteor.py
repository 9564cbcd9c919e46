"""METEOR's parts against NLTK's own code, fed with our synonyms, on texts that hypothesis makes up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.destructive import NLTKWordTokenizer
from nltk.translate.meteor_score import meteor_score

from omnibench.errors import InputError
from omnibench.metrics.text.meteor import align, chunks, meteor_of
from omnibench.metrics.text.penn_tokens import _punkt, word_tokenize
from omnibench.metrics.text.wordnet.build import build, exceptions, rows, synsets
from omnibench.metrics.text.wordnet.lookup import synonyms

WORDS = [
    "car",
    "automobile",
    "cars",
    "Auto",
    "run",
    "running",
    "ran",
    "runner",
    "quick",
    "fast",
    "quickly",
    "the",
    "a",
    "of",
    ",",
    ".",
    "Dog",
    "hound",
    "dogs",
    "cat",
    "Paris",
    "x",
]


class OurWordNet:
    """Our table in the clothes of NLTK's reader: one synset that holds all synonyms."""

    @staticmethod
    def synsets(word: str) -> Sequence[SimpleNamespace]:
        lemmas = [SimpleNamespace(name=lambda name=name: name) for name in synonyms(word)]
        return [SimpleNamespace(lemmas=lambda: lemmas)]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.lists(st.sampled_from(WORDS), max_size=14))
def test_scores_are_nltks(reference: list[str], hypothesis: list[str]) -> None:
    assert meteor_of(reference, hypothesis) == meteor_score([reference], hypothesis, wordnet=OurWordNet())


@settings(max_examples=60)
@given(st.floats(0.1, 0.9), st.floats(0.5, 4), st.floats(0, 1))
def test_weights_are_nltks(alpha: float, beta: float, gamma: float) -> None:
    reference, hypothesis = (
        ["the", "quick", "cat", "ran", "to", "the", "dogs"],
        ["the", "dog", "runs", "to", "a", "fast", "cat"],
    )
    expected = meteor_score([reference], hypothesis, wordnet=OurWordNet(), alpha=alpha, beta=beta, gamma=gamma)
    assert meteor_of(reference, hypothesis, alpha, beta, gamma) == pytest.approx(expected, abs=1e-15)


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "I'm",
                    "can't",
                    "cannot",
                    "gonna",
                    "wanna",
                    "gimme",
                    "Dr.",
                    "U.S.",
                    "Wow!!!",
                    "ok...",
                    "he's,",
                    "'tis",
                    '"so"',
                    "(no)",
                    "well-known",
                    "3.5",
                    "1,000",
                    "a.m.",
                    "--",
                    "x'",
                    "'s",
                    "what?!",
                    "e.g.",
                    "Mr.",
                    "Smith.",
                    "yes;",
                    "no:",
                    "$5",
                    "you'll",
                    "d'ye",
                    "more'n",
                ]
            ),
            st.text("ab'\".,!? -\n", max_size=6),
            st.text(max_size=4),
        ),
        max_size=12,
    )
)
def test_words_are_nltks(pieces: list[str]) -> None:
    text = " ".join(pieces)
    whole = NLTKWordTokenizer()
    assert word_tokenize(text) == [word for sentence in _punkt().tokenize(text) for word in whole.tokenize(sentence)]


@pytest.mark.parametrize(("reference", "hypothesis"), [([], []), (["a"], []), ([], ["a"]), (["cat"], ["dog"])])
def test_nothing_shared_scores_nothing(reference: list[str], hypothesis: list[str]) -> None:
    assert meteor_of(reference, hypothesis) == 0.0


def test_the_last_free_word_is_taken_first() -> None:
    assert align(["the", "cat", "the"], ["the"]) == [(0, 2)]
    assert align(["a", "b", "c"], ["a", "b", "c"]) == [(0, 0), (1, 1), (2, 2)]


def test_chunks_are_runs_on_both_sides() -> None:
    assert chunks([(0, 0), (1, 1), (2, 2)]) == 1
    assert chunks([(0, 0), (1, 2), (2, 3)]) == 2
    assert chunks([(0, 2), (1, 1), (2, 0)]) == 3


def test_synonyms_hold_the_word_and_follow_its_forms() -> None:
    assert synonyms("xyzzy") == {"xyzzy"}
    assert "automobile" in synonyms("cars")
    assert "goose" in synonyms("geese")
    # An irregular form is looked up as its list says and not by its ending.
    assert "dy" not in synonyms("dies")
    assert not any("_" in name for name in synonyms("dog"))


def test_tables_follow_the_database_format() -> None:
    data = ["00000001 00 a 03 quick 0 fast(a) 1 in_a_hurry 0 000 | a gloss", "00000002 00 a 01 Quick 0 000 | another"]
    members = synsets(data)
    assert members == {"00000001": ["quick", "fast"], "00000002": ["Quick"]}
    index = ["quick a 2 0 2 0 00000001 00000002  ", "in_a_hurry a 1 0 1 0 00000001  ", "hasty a 1 0 1 0 00000002  "]
    assert list(rows(index, members)) == ["-hasty Quick", "-in_a_hurry fast quick", "quick Quick fast"]
    assert exceptions(["b a", "a x y", "b c"]) == ["a x y", "b c"]


def test_another_wordnet_is_refused(tmp_path: Path) -> None:

    folder = tmp_path
    with pytest.raises(InputError, match="--wordnet"):
        build(folder, folder)
    (folder / "data.noun").write_text("another version\n")
    with pytest.raises(InputError, match=r"not WordNet 3\.0"):
        build(folder, folder)
