"""When two names are one to a reader: spelt alike but for case and spaces, or drawn alike with other letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

# Letters of one alphabet that a reader takes for one another; m and w for the pairs that they are drawn as.
_LATIN: Final = str.maketrans({"i": "l", "1": "l", "|": "l", "!": "l", "0": "o", "m": "rn", "w": "vv"})
_APART: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN", "DESERET")
"""Scripts with letters that look like those of another of them."""


def folded(name: str) -> str:
    """A name without regard to case, width, composition and spaces (NFKC and case folding, UAX #31).

    Example:
        >>> folded("Example  LAB") == folded("ｅｘａｍｐｌｅ lab")
        True
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def skeleton(name: str) -> str:
    """What names that read alike have in common: letters and digits, without accents, as the Latin ones they look like.

    Coarser than the skeleton of UTS #39, which keeps punctuation and accents: a reader of a table passes over both.
    Names without any letter or digit keep all of it.

    Example:
        >>> skeleton("Ground-Truth") == skeleton("gr\u043eund truth") == skeleton("GR0UNDTRUTH")
        True
    """
    parts = unicodedata.normalize("NFD", in_latin(in_latin(unicodedata.normalize("NFKC", name)).casefold()))
    drawn = "".join(c for c in parts if not unicodedata.category(c).startswith("M")).translate(_LATIN)
    return "".join(c for c in drawn if c.isalnum()) or folded(name)


def in_latin(text: str) -> str:
    """A text with the Latin letters and digits that its characters look like, where they look like any."""
    return "".join(_table().get(character, character) for character in text)


def mixed_word(name: str) -> str | None:
    """The first word with letters of two scripts whose letters look alike, or None.

    Example:
        >>> mixed_word("Example L\u0430b")
        'L\u0430b'
        >>> mixed_word("β-VAE") is None
        True
    """
    for word in re.findall(r"\w+", name):
        scripts = {_script(character) for character in word if character.isalpha()}
        if len(scripts & set(_APART)) > 1:
            return word
    return None


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


@cache
def _table() -> dict[str, str]:
    lines = files("leaderboard.entry").joinpath("lookalikes.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines if not line.startswith("#"))
    return {character: latin for latin, characters in pairs for character in characters}
