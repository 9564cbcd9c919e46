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
# Left-to-right and right-to-left overrides and isolates make a text read otherwise than it is stored.
_REORDERING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u200b\u2060\ufeff\u2028\u2029")
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
    allowed = "\n\t" if breaks else ""
    for character in text:
        if character in _REORDERING or character in _INVISIBLE:
            return f"holds the invisible character U+{ord(character):04X}"
        if character not in allowed and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
            return f"holds the control or unassigned character U+{ord(character):04X}"
    return None


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
    if text_fault(text, breaks) is not None:
        text = _MARKUP.sub(lambda found: found.group().translate(_LOOKALIKES), text)
        text = "".join(c if text_fault(c, breaks) is None else _escaped(c) for c in text)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _escaped(character: str) -> str:
    return " " if character in "\n\t" else f"\\u{ord(character):04x}"


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
Label = Annotated[str, Field(min_length=1, max_length=LABEL_LENGTH), AfterValidator(_line)]
OptionalLabel = Annotated[str, Field(max_length=LABEL_LENGTH), AfterValidator(_line)]
Prose = Annotated[str, Field(max_length=PROSE_LENGTH), AfterValidator(_prose)]
NonEmptyProse = Annotated[str, Field(min_length=1, max_length=PROSE_LENGTH), AfterValidator(_prose)]
