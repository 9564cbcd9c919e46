"""What counts as said already: a word by its stem, and by the stems of its synonyms.

An answer that gives the speaker's words back is near to what was said without any understanding, however the words are
dressed. So two texts are compared by what one adds to the other:

* words are runs of letters, parted at everything else, so that neither a hyphen nor spelled-out letters hide one;
* only words that WordNet knows or that are function words count: one that is glued to another, misspelled or written
  with another alphabet's look-alikes, or that nobody knows, adds nothing;
* inflected forms are one word (Porter 1980), and a content word's synonyms are said with it (WordNet 3.0, the tables of
  METEOR).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from omnibench.datasets.stopwords import STOPWORDS
from omnibench.metrics.text.meteor import stem
from omnibench.metrics.text.wordnet.lookup import known, synonyms
from omnibench.types import Word

_LETTERS: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


class Token(NamedTuple):
    """A word in small letters, without punctuation, and when it was said (s)."""

    text: str
    start: float
    end: float


def tokens(words: Iterable[Word]) -> list[Token]:
    """The words that count, in order of their start, with the times of what they were parted from.

    Example:
        >>> [token.text for token in tokens([Word("Soup-like,", 0.0, 0.5), Word("sooup", 0.5, 1.0)])]
        ['soup', 'like']
    """
    return [
        Token(text, word.start, word.end)
        for word in sorted(words, key=lambda word: (word.start, word.end))
        for text in _LETTERS.findall(word.text.lower().replace("’", "'"))
        if text in STOPWORDS or known(text)
    ]


@lru_cache(maxsize=1 << 16)
def base(text: str) -> str:
    """What a word's inflected forms share."""
    return stem(text.removesuffix("'s"))


@lru_cache(maxsize=1 << 16)
def said_with(text: str) -> frozenset[str]:
    """The `base` of a word and, where it is a content word, of its synonyms.

    Example:
        >>> sorted(said_with("autos"))
        ['auto', 'automobil', 'car', 'machin', 'motorcar']
    """
    if text in STOPWORDS:
        return frozenset([base(text)])
    return frozenset(base(other.lower()) for other in synonyms(text) if other.lower() not in STOPWORDS) | {base(text)}


def said_by(speech: Iterable[Token]) -> frozenset[str]:
    """All that counts as said once these words are."""
    return frozenset(form for token in speech for form in said_with(token.text))


def added(answer: Iterable[Token], speech: Iterable[Token], margin: float) -> list[Token]:
    """The words of an answer that the speaker does not begin to say before ``margin`` seconds after they ended: what a
    model claims to have said a moment earlier than it did was not its own either.

    Example:
        >>> speech = tokens([Word("soups", 0.0, 0.4), Word("kitchen", 9.0, 9.4)])
        >>> [token.text for token in added(tokens([Word("Soup", 1.0, 1.4), Word("kitchen?", 1.4, 2.0)]), speech, 1.0)]
        ['kitchen']
    """
    first: dict[str, float] = {}
    for token in speech:
        for form in said_with(token.text):
            first[form] = min(token.start, first.get(form, token.start))
    return [token for token in answer if first.get(base(token.text), float("inf")) > token.end + margin]
