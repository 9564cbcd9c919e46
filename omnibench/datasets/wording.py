"""How much of what is said has been said before: n-grams, and what in them would give a template away."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

OPENING: Final = 3
"""Words of a turn's opening."""

PHRASE: Final = 4
"""Words of a phrase that says more than how the language goes."""

_WORD: Final = re.compile(r"(?:[^\W\d_]|['’-])+")


def ngrams(texts: Iterable[str], length: int) -> list[tuple[str, ...]]:
    """All runs of ``length`` words within each text, lower-cased and without punctuation, repeats kept.

    Example:
        >>> ngrams(["Oh no. Oh no!"], 2)
        [('oh', 'no'), ('no', 'oh'), ('oh', 'no')]
    """
    found = []
    for text in texts:
        words = _WORD.findall(text.lower())
        found += [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    return found


def type_token_ratio(texts: Iterable[str]) -> float:
    """Different words to a word, in [0, 1]; 0 where nothing is said. It falls as texts grow."""
    words = ngrams(texts, 1)
    return len(set(words)) / len(words) if words else 0.0


def repeated(grams: Iterable[tuple[str, ...]]) -> float:
    """Share in [0, 1] of them that are there more than once; 0 where there is none.

    Example:
        >>> repeated([("oh", "no"), ("no", "oh"), ("oh", "no"), ("oh", "dear")])
        0.5
    """
    counts = Counter(grams)
    whole = counts.total()
    return sum(n for n in counts.values() if n > 1) / whole if whole else 0.0


def openings(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """The first `OPENING` words of each text that has more than these.

    Example:
        >>> openings(["I think that it is late.", "I see."])
        [('i', 'think', 'that')]
    """
    found = (ngrams([text], OPENING) for text in texts)
    return [grams[0] for grams in found if len(grams) > 1]
