"""The synonym tables against NLTK's own reader over WordNet's whole vocabulary and its inflected forms.

Needs WordNet 3.0 as NLTK reads it, in a folder named by ``OMNIBENCH_NLTK_DATA`` (``corpora/wordnet`` with its
``lexnames``).
"""

from __future__ import annotations

import os
from itertools import chain
from typing import Any

import nltk
import pytest

from omnibench.metrics.text.wordnet.lookup import _parts, synonyms

pytestmark = pytest.mark.parity
ENDINGS = ("s", "es", "ing", "ed", "er", "est", "'s")
CUT_ENDINGS = ("ies", "ing", "ed", "er", "ves", "men")


@pytest.fixture(scope="module")
def reader() -> Any:
    nltk.data.path[:] = [os.environ["OMNIBENCH_NLTK_DATA"]]
    from nltk.corpus import wordnet

    return wordnet


def by_nltk(reader: Any, word: str) -> set[str]:
    lemmas = chain.from_iterable(synset.lemmas() for synset in reader.synsets(word))
    return {lemma.name() for lemma in lemmas if "_" not in lemma.name()} | {word}


def test_every_lemma_every_irregular_form_and_regular_endings(reader: Any) -> None:
    lemmas = set(reader.all_lemma_names())
    assert len(lemmas) > 140_000
    one_word = [lemma for lemma in lemmas if "_" not in lemma and len(lemma) > 2]
    inflected = {lemma + ending for lemma in one_word for ending in ENDINGS}
    inflected |= {lemma[:-1] + ending for lemma in one_word for ending in CUT_ENDINGS}
    irregular = {form for part in _parts() for form in part.irregular}
    differing = [
        word for word in chain(lemmas, irregular, inflected) if by_nltk(reader, word) != synonyms.__wrapped__(word)
    ]
    assert differing == []
