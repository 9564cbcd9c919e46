"""A typed message to a line that can be said: words in plain letters, numbers written out, sentences with an end."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from rapidfuzz.fuzz import ratio

from omnibench.studio.chat.spellings import (
    AT_START,
    EMOTICON,
    FUNCTION_WORDS,
    GOES_ON,
    IN_PLACE,
    LAUGHTER,
    OPEN_ENDS,
    SHORT,
)

Known = Callable[[str], bool]
"""Whether a word, without punctuation, can be pronounced."""

_TYPED: Final = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "…": "...", "—": ", ", "–": "-"}
)
_NUMBER: Final = re.compile(r"(\$)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(st|nd|rd|th|s|%|k)?\b|(%)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*'?")
_ASKS: Final = re.compile(
    r"(?:(?:and|but|so|oh|well|or|hey|hi|wait|okay),? )*"
    r"(?:what|who|whose|where|when|why|how|which|do|does|did|are|is|was|were|can|could|would|will|should|have|has|"
    r"what's|who's|where's|how's|aren't|isn't|don't you|didn't you|any) (?!a )",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"(?:when|do not|don't (?!you)|have a|have fun|will do|which is|what an?\b|how (?:cool|funny|nice|sad|fun)\b)", re.I
)
_SHORTEST_RESENT: Final = 12
_RESENT: Final = 85.0
"""Percent of a message that is the one before it, sent again with a slip mended."""
_LONGEST_NUMBER: Final = 10**6


def spoken(message: str, known: Known) -> str:
    """The sentences of one message as they would be said; empty where nothing is left (a smile, laughter).

    What the grammar of scripts does not know stays in, for the filters to find: this function never drops a word.

    Example:
        >>> spoken("im 12!! dont u know that :)", lambda word: True)
        "I'm twelve! Don't you know that?"
    """
    text = unicodedata.normalize("NFKC", html.unescape(message)).translate(_TYPED)
    text = re.sub(r"</?[a-z]+>|\blaughing out loud\b", " ", EMOTICON.sub(" ", text), flags=re.IGNORECASE)
    text = "".join(
        c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) not in ("Mn", "So", "Sk", "Cf")
    )
    text = re.sub(r"(?<=\d)\s*-\s*(?=\d)", " to ", text)
    text = re.sub(r"(\d{1,2}):(\d\d)\b", r"\1 \2", text)
    text = re.sub(r"\s+(?=,)", "", _NUMBER.sub(_written_out, text))
    for pattern, meant in IN_PLACE:
        text = pattern.sub(meant, text)
    for mark, word in (("&", " and "), ("+", " plus "), ("=", " equals ")):
        text = text.replace(mark, word)
    text = (
        re.sub(r"(?<=[a-z])/(?=[a-z])", " or ", text, flags=re.IGNORECASE)
        if not re.search(r"\bw/|\bb/c", text)
        else text
    )
    text = re.sub(r"\s+-+\s+|--+|~+|\s*[;:]+(?=\s|$)", ", ", text)
    text = re.sub(r"""["()\[\]{}*_<>|\\^]+|(?<!\w)'|'(?!\w)""", " ", text)
    sentences = re.findall(r"[^.!?]+[.!?]*|[.!?]+", re.sub(r"\s+", " ", text))
    return " ".join(filter(None, (_sentence(sentence, known) for sentence in sentences)))


def joined(messages: Sequence[str]) -> list[str]:
    """The messages of a turn, corrected: a later message that only mends a word of the one before does so, one that
    goes on in the middle of a sentence is joined to it, and one that is sent again, mended or not, is there once.

    Example:
        >>> joined(["Yes why note", "not*", "I like the", "sea"])
        ['Yes why not', 'I like the sea']
    """
    whole: list[str] = []
    for message in dict.fromkeys(map(str.strip, messages)):
        mended = _mended(whole[-1], message) if whole else None
        if mended is not None:
            whole[-1] = mended
        elif whole and len(message) > _SHORTEST_RESENT and ratio(whole[-1].lower(), message.lower()) > _RESENT:
            whole[-1] = message
        elif whole and message and whole[-1][-1:].isalnum() and _goes_on(whole[-1], message):
            whole[-1] += " " + message
        else:
            whole.append(message)
    return whole


def _mended(before: str, message: str) -> str | None:
    """``before`` with the word that ``message`` corrects; None where it corrects none."""
    word = message.strip("*").rstrip(".")
    if not re.fullmatch(r"[A-Za-z']{2,}", word):
        return None
    starred = "*" in message
    others = [other for other in re.findall(r"[A-Za-z']+", before) if other.lower() != word.lower()]
    likeness, other = max(((ratio(word.lower(), other.lower()), other) for other in others), default=(0.0, ""))
    if likeness < (45 if starred else 65):
        return None
    return re.sub(rf"\b{re.escape(other)}\b", word, before)


def _goes_on(before: str, message: str) -> bool:
    first = message.split()[0]
    return first[0].islower() and (before.split()[-1].lower() in OPEN_ENDS or first in GOES_ON)


def word_of(token: str, known: Known) -> str:
    """A word as it is spelt: short forms in full, drawn-out letters once, no shouting."""
    lower = token.lower()
    if lower in SHORT:
        return SHORT[lower]
    if known(lower) and token not in (lower, lower.capitalize()):
        token = lower if len(token) > 1 else token
    for times in (2, 1):
        shorter = re.sub(r"(.)\1{2,}", r"\1" * times, lower)
        if shorter != lower and (shorter in SHORT or known(shorter)):
            return SHORT.get(shorter, shorter)
    if not known(token):
        shorter = re.sub(r"(.)\1+$", r"\1", lower)
        if shorter in SHORT or (shorter != lower and known(shorter)):
            return SHORT.get(shorter, shorter)
    return token


def _sentence(sentence: str, known: Known) -> str:
    body, end = re.fullmatch(r"(.*?)\s*([.!?]*)\s*", sentence, re.DOTALL).groups()  # type: ignore[union-attr]
    pieces = [_piece(piece, known) for piece in body.split()]
    pieces[1:] = [piece.lower() if piece.lower().rstrip(",") in FUNCTION_WORDS else piece for piece in pieces[1:]]
    said = re.sub(r"\s*,[\s,]*", ", ", " ".join(filter(None, pieces))).strip(" ,:;")
    if not said:
        return ""
    first, _, rest = said.partition(" ")
    said = " ".join(filter(None, (AT_START.get(first.lower(), first), rest)))
    mark = "?" if "?" in end else "!" if "!" in end else "..." if end.startswith("..") else end or "."
    if mark == "." and _ASKS.match(said + " ") and not _TELLS.match(said):
        mark = "?"
    return said[0].upper() + said[1:] + mark


def _piece(piece: str, known: Known) -> str:
    """One space-separated piece: its commas stay, laughter goes."""
    word, commas = re.fullmatch(r"(.*?)(,*)", piece, re.DOTALL).groups()  # type: ignore[union-attr]
    word = word.lstrip(",")
    if LAUGHTER.fullmatch(word):
        return "," if commas else ""
    if word.lower() in SHORT:
        said = SHORT[word.lower()]
    else:
        said = word_of(word, known) if _TOKEN.fullmatch(word) else word.strip("-")
    return said + ("," if commas and said else "")


def _written_out(match: re.Match[str]) -> str:
    dollars, digits, decimals, ending, lone = match.groups()
    if lone:
        return " percent"
    number, ending = int(digits.replace(",", "")), (ending or "").lower()
    if number >= _LONGEST_NUMBER or (len(digits) > 1 and digits[0] == "0"):
        return match[0]
    year = len(digits) == 4 and 1100 <= number < 2100 and number % 1000 and not dollars
    if ending in ("st", "nd", "rd", "th"):
        said = _words(number, ordinal=True)
    elif year and not 2000 <= number < 2010:
        said = _year(number)
    else:
        said = _words(number)
    if decimals:
        said += " point " + " ".join(_words(int(digit)) for digit in decimals[1:])
    if ending == "s":
        said = said[:-1] + "ies" if said.endswith("y") else said + "s"
    said += {"%": " percent", "k": " K"}.get(ending, "") + (" dollars" if dollars else "")
    return f" {said} "


def _words(number: int, ordinal: bool = False) -> str:
    words: str = _engine().number_to_words(number, andword="")
    words = _engine().ordinal(words) if ordinal else words
    return words.replace(",", "").replace("-", " ")


def _year(number: int) -> str:
    century, rest = divmod(number, 100)
    tail = "hundred" if rest == 0 else f"oh {_words(rest)}" if rest < 10 else _words(rest)
    return f"{_words(century)} {tail}"


@cache
def _engine() -> Any:
    import inflect

    return inflect.engine()
