"""Text that a stranger wrote: one kind for single lines, one for paragraphs. Data, never markup.

Pages escape whatever they show; this is the fence before that one. Nothing is cleaned: what does not fit is refused
with the reason, so that what is shown is what was sent.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, Field

LINE_LENGTH: Final = 200
LABEL_LENGTH: Final = 255
"""Of a name that our own commands write: as long as a folder's, since a run's folder is called after its model."""

PROSE_LENGTH: Final = 4000
REASON_LENGTH: Final = 500
"""Of a reason that stands once a dialogue and metric: all of them together still fit into a document."""

_MARKUP: Final = re.compile(
    r"<\s*[A-Za-z/!?]|&(?:#\d+|#[xX][0-9A-Fa-f]+|lt|gt|quot|apos);|(?i:javascript|vbscript)\s*:"
)
_INVISIBLE: Final = re.compile(
    "[\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u3164\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
"""What shows nothing and is not of the category Cf: line separators, Hangul's fillers, Mongolian and Khmer signs, tags.
Of the default-ignorable code points (Unicode's DerivedCoreProperties), those that no running text needs.
"""

_WRITTEN: Final = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u200c\u200d\u2800\ufe00-\ufe0f"
    "\U000110bd\U000110cd\U000e0100-\U000e01ef]"
)
"""What running text needs (joiners of Persian and of emoji, variation selectors, soft hyphens, Arabic signs in front of
numbers, an empty Braille cell) and a name does not: two that differ by it alone look the same.
"""

_MARKS: Final = ("Mn", "Me")
_PILED: Final = 4
"""Marks that one letter may carry: Vietnamese and Hebrew need three."""

_LOOKALIKES: Final = {ord("<"): "‹", ord("&"): "＆", ord(":"): "："}


def text_fault(text: str, breaks: bool = False) -> str | None:
    """Why a text is refused, or None.

    Args:
        text: as it was sent.
        breaks: whether line breaks and tabs may be in it.

    Example:
        >>> text_fault("Conversational Face Lab") is None
        True
        >>> text_fault("<b>us</b>")
        'holds markup ("<b"); it is shown as plain text'
    """
    markup = _MARKUP.search(text)
    if markup:
        return f'holds markup ("{markup.group()}"); it is shown as plain text'
    unseen = _INVISIBLE.search(text)
    if unseen:
        return f"holds the invisible character U+{ord(unseen.group()):04X}"
    allowed = "\n\t" if breaks else ""
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf" and not _WRITTEN.match(character):
            return f"holds the invisible character U+{ord(character):04X}"
        if character not in allowed and category in ("Cc", "Cs", "Co", "Cn"):
            return f"holds the control or unassigned character U+{ord(character):04X}"
        marks = marks + 1 if category in _MARKS and not _WRITTEN.match(character) else 0
        if marks > _PILED:
            return f"piles more than {_PILED} marks on one letter (U+{ord(character):04X})"
    return None


def line_fault(text: str) -> str | None:
    """Why a name, or another text of one line, is refused, or None: what `text_fault` says, and whatever is not seen.

    Example:
        >>> line_fault("Conver\u200dsational Lab")
        'holds the invisible character U+200D'
    """
    hidden = _WRITTEN.search(text)
    if hidden:
        return f"holds the invisible character U+{ord(hidden.group()):04X}"
    if text and unicodedata.category(text[0]) in _MARKS:
        return f"begins with a mark that belongs on a letter (U+{ord(text[0]):04X})"
    return text_fault(text)


def plain(text: str, length: int = PROSE_LENGTH, breaks: bool = True) -> str:
    """What a program wrote, as text that `text_fault` lets pass: a traceback's ``<module>`` is no markup there.

    For what our own commands write about a run. What a person wrote is never changed, only refused.

    Args:
        text: as it was written.
        length: cut to that many characters, with an ellipsis.
        breaks: whether line breaks and tabs may stay.

    Example:
        >>> plain("got <class 'int'>")
        "got ‹class 'int'>"
    """

    def fault(part: str) -> str | None:
        return text_fault(part, breaks=True) if breaks else line_fault(part)

    if fault(text) is not None:
        text = _MARKUP.sub(lambda found: found.group().translate(_LOOKALIKES), text)
        text = "".join(c if fault(c) is None else _escaped(c) for c in text)
    if fault(text) is not None:
        text = "".join(_escaped(c) if unicodedata.category(c) in _MARKS else c for c in text)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _escaped(character: str) -> str:
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"


def _line(text: str) -> str:
    fault = line_fault(text)
    if fault:
        raise ValueError(fault)
    if text != text.strip():
        raise ValueError("starts or ends with a space")
    return text


def _prose(text: str) -> str:
    fault = text_fault(text, breaks=True)
    if fault:
        raise ValueError(fault)
    return text


Line = Annotated[str, Field(min_length=1, max_length=LINE_LENGTH), AfterValidator(_line)]
Label = Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH), AfterValidator(_line)]
OptionalLabel = Annotated[str, Field(max_length=LABEL_LENGTH), AfterValidator(_line)]
Prose = Annotated[str, Field(max_length=PROSE_LENGTH), AfterValidator(_prose)]
NonEmptyProse = Annotated[str, Field(min_length=1, max_length=PROSE_LENGTH), AfterValidator(_prose)]
