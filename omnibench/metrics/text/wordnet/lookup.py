"""Look-up in the tables: what ``nltk.corpus.wordnet.synsets(word)`` leads to, as METEOR's matcher uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

NOT_A_MEMBER: Final = "-"
ENDINGS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "noun": (
        ("s", ""),
        ("ses", "s"),
        ("ves", "f"),
        ("xes", "x"),
        ("zes", "z"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("men", "man"),
        ("ies", "y"),
    ),
    "verb": (
        ("s", ""),
        ("ies", "y"),
        ("es", "e"),
        ("es", ""),
        ("ed", "e"),
        ("ed", ""),
        ("ing", "e"),
        ("ing", ""),
    ),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}
"""WordNet's rules of detachment, by part of speech (its manual page ``morphy(7WN)``, with NLTK's ``ves`` for nouns)."""


@dataclass(frozen=True, slots=True)
class PartOfSpeech:
    """The tables of one part of speech."""

    endings: tuple[tuple[str, str], ...]
    irregular: Mapping[str, tuple[str, ...]]
    others: Mapping[str, str]

    def members(self, word: str) -> Iterator[str]:
        """One-word members of the synsets of ``word`` and of its base forms; repeats are possible."""
        for form in (word, *self._bases(word)):
            if form in self.others:
                yield form
            elif NOT_A_MEMBER + form in self.others:
                form = NOT_A_MEMBER + form
            else:
                continue
            yield from self.others[form].split()

    def knows(self, word: str) -> bool:
        """Whether ``word`` or one of its base forms is a lemma."""
        return any(form in self.others or NOT_A_MEMBER + form in self.others for form in (word, *self._bases(word)))

    def _bases(self, word: str) -> tuple[str, ...]:
        """Base forms, in the table or not: of an irregular word only those that its list gives."""
        if word in self.irregular:
            return self.irregular[word]
        return tuple(word.removesuffix(old) + new for old, new in self.endings if word.endswith(old))


@lru_cache(maxsize=1 << 16)
def synonyms(word: str) -> frozenset[str]:
    """Words that share a synset with ``word`` or one of its base forms, itself included.

    Args:
        word: lower case, any string.

    Returns:
        One-word lemma names in WordNet's spelling (so possibly with capitals), and ``word``. The same set that NLTK
        3.10.4's METEOR makes of ``wordnet.synsets(word)``.

    Source: Fellbaum 1998, "WordNet: an electronic lexical database"; WordNet 3.0's files.

    Example:
        >>> sorted(synonyms("autos"))
        ['auto', 'automobile', 'autos', 'car', 'machine', 'motorcar']
    """
    lemma = word.lower()
    return frozenset(member for part in _parts() for member in part.members(lemma)) | {word}


@lru_cache(maxsize=1 << 16)
def known(word: str) -> bool:
    """Whether WordNet has a lower-case word, or a base form of it.

    Example:
        >>> known("autos"), known("autoss")
        (True, False)
    """
    return any(part.knows(word) for part in _parts())


@cache
def _parts() -> tuple[PartOfSpeech, ...]:
    return tuple(
        PartOfSpeech(
            endings,
            {form: tuple(bases.split()) for form, bases in _rows(f"{name}.exceptions.txt")},
            dict(_rows(f"{name}.txt")),
        )
        for name, endings in ENDINGS.items()
    )


def _rows(name: str) -> Iterator[tuple[str, str]]:
    for line in files(__package__).joinpath(name).read_text(encoding="ascii").splitlines():
        first, _, rest = line.partition(" ")
        yield first, rest
