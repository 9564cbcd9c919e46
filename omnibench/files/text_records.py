"""``text/<id>.json`` of a folder of answers: the words of one dialogue, as ResponseNet has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from omnibench.files.records import Record

# No clip lasts a year; beyond, seconds no longer count frames.
Time = Annotated[float, Field(ge=0, le=3e7)]

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""Unicode's controls but tabs and line ends, and what it keeps from being characters."""


def control_fault(text: str) -> str:
    """Which control character a transcript holds, or ``""``: nobody says one, and no page or terminal shows one.

    Example:
        >>> control_fault("don\\x92t"), control_fault("I see.\\n")
        ('holds the control character U+0092; expected what was said', '')
    """
    found = _CONTROL.search(text)
    return f"holds the control character U+{ord(found.group()):04X}; expected what was said" if found else ""


def check_order(start: float, end: float) -> None:
    """Raises ValueError for a stretch of speech that ends before its start; seconds."""
    if end < start:
        raise ValueError(f"ends at {end:g} s, before its start {start:g} s")


class WordRecord(Record):
    """A word, in seconds from the clip's start. Other programs' keys beside these are passed over."""

    model_config = ConfigDict(extra="ignore")

    text: str
    start: Time
    end: Time

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        check_order(self.start, self.end)
        return self


class TextRecord(Record):
    """A text file; ``words`` may be missing, where nobody said when they were spoken."""

    model_config = ConfigDict(extra="ignore")

    text: str
    words: Sequence[WordRecord] = ()


WORDS: TypeAdapter[list[WordRecord]] = TypeAdapter(list[WordRecord])
"""Of a file whose ``text`` is not asked for: a fault of one is none of the other."""
