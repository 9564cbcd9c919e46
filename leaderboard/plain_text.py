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
PROSE_LENGTH: Final = 4000
_MARKUP: Final = re.compile(
    r"<\s*[A-Za-z/!?]|&(?:#\d+|#[xX][0-9A-Fa-f]+|lt|gt|quot|apos);|(?i:javascript|vbscript)\s*:"
)
# Left-to-right and right-to-left overrides and isolates make a text read otherwise than it is stored.
_REORDERING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u2028\u2029")


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
    allowed = "\n\t" if breaks else ""
    for character in text:
        if character in _REORDERING or character in _INVISIBLE:
            return f"holds the invisible character U+{ord(character):04X}"
        if character not in allowed and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
            return f"holds the control or unassigned character U+{ord(character):04X}"
    return None


def _line(text: str) -> str:
    fault = text_fault(text)
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
OptionalLine = Annotated[str, Field(max_length=LINE_LENGTH), AfterValidator(_line)]
Prose = Annotated[str, Field(max_length=PROSE_LENGTH), AfterValidator(_prose)]
