"""Word error rate: substitutions, deletions and insertions for every word of the reference.

Levenshtein 1966 on words; the corpus value pools errors over words (as NIST's sclite and jiwer do), so a short text
does not weigh as much as a long one, and values above 1 are possible. Texts are normalised first: case, punctuation,
figures for numbers and one of two spellings are not what a recogniser is asked about. Sounds that are no words
("mm-hm", "uh") need not be heard, as in NIST's Hub5 scoring, nor is it an error to hear a word in one: recognisers
write "um" as "arm" or "I'm".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

SPELLINGS: Final[dict[str, str]] = {
    "ok": "okay",
    "o": "oh",
    "alright": "all right",
    "anymore": "any more",
    "forever": "for ever",
    "halfway": "half way",
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "mum": "mom",
    "grandad": "granddad",
    "till": "until",
    "grey": "gray",
    "kerb": "curb",
    "metre": "meter",
    "metres": "meters",
    "centre": "center",
    "theatre": "theater",
    "colour": "color",
    "colours": "colors",
    "favour": "favor",
    "harbour": "harbor",
    "favourite": "favorite",
    "neighbour": "neighbor",
    "neighbours": "neighbors",
    "organise": "organize",
    "realise": "realize",
    "realised": "realized",
    "apologise": "apologize",
    "apologised": "apologized",
}
"""One spelling for words that have several."""

SOUNDS: Final = frozenset(
    "ah aha ahem eh er erm hm hmm huh mm mmm mhm mmhm mmhmm mmhum uh uhhuh uhuh um umhum umham umhmm".split()  # noqa: SIM905
)
"""What people say without saying a word, hyphens joined, as scripts and recognisers write it."""

UNITS: Final = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
TEENS: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_TENS_AND_UNIT: Final = re.compile(rf"\b({'|'.join(TENS)})-(?=(?:{'|'.join(UNITS)})\b)")


class WordErrors(NamedTuple):
    """Errors of one or more texts; ``words`` is the number of reference words."""

    substitutions: int
    deletions: int
    insertions: int
    words: int

    @property
    def errors(self) -> int:
        """All three kinds together."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors for each reference word, >= 0. Raises ZeroDivisionError where the reference has no word."""
        return self.errors / self.words


def normalise(text: str) -> list[str]:
    """Lower-case words without punctuation, sounds that are no words left out; apostrophes stay, hyphens join, numbers
    below a million are spelled out.

    Example:
        >>> normalise("Mm-hm. OK, we DIDN'T see all 25!")
        ['okay', 'we', "didn't", 'see', 'all', 'twenty', 'five']
        >>> normalise("2,500 colours, or 5%")
        ['two', 'thousand', 'five', 'hundred', 'colors', 'or', 'five', 'percent']
    """
    return [word for word in _with_sounds(text) if word not in SOUNDS]


def _with_sounds(text: str) -> list[str]:
    plain = _TENS_AND_UNIT.sub(r"\1 ", text.lower().replace("’", "'"))
    plain = plain.replace("-", "").replace("%", " percent").replace("per cent", "percent")
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    words = (word.strip("'") for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*'?", plain))
    return [part for word in words for part in _spelled(word)]


def _spelled(word: str) -> list[str]:
    if word.isdecimal() and word.isascii() and len(word) <= 6:
        return _number(int(word))
    return SPELLINGS.get(word, word).split()


def _number(value: int) -> list[str]:
    """The words of 0 to 999,999, without "and"."""
    if value < 20:
        return [(*UNITS, *TEENS)[value]]
    if value < 100:
        return [TENS[value // 10 - 2], *(_number(value % 10) if value % 10 else [])]
    size, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    return [*_number(value // size), name, *(_number(value % size) if value % size else [])]


def word_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> WordErrors:
    """Fewest edits that turn ``reference`` words into ``hypothesis`` words, those of sounds in it left out.

    Source: Levenshtein 1966. Where several ways need as few edits, the split into kinds is rapidfuzz's.

    Example:
        >>> word_errors("the cat sat".split(), "the hat sat down".split())
        WordErrors(substitutions=1, deletions=0, insertions=1, words=3)
    """
    edits = Levenshtein.editops(reference, hypothesis)
    kinds = [edit.tag for edit in edits if edit.tag == "insert" or reference[edit.src_pos] not in SOUNDS]
    words = sum(word not in SOUNDS for word in reference)
    return WordErrors(kinds.count("replace"), kinds.count("delete"), kinds.count("insert"), words)


def pooled(pairs: Iterable[tuple[str, str]]) -> WordErrors:
    """Errors of all (reference, hypothesis) texts together, each normalised.

    Example:
        >>> round(pooled([("hello world", "hello duck"), ("I like Monty Python.", "i like python")]).rate, 4)
        0.3333
    """
    each = [word_errors(_with_sounds(reference), normalise(hypothesis)) for reference, hypothesis in pairs]
    return WordErrors(*(sum(column) for column in zip(*each, strict=True))) if each else WordErrors(0, 0, 0, 0)
