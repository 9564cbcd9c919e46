"""``text/<id>.json`` of a folder of answers: the words of one dialogue, as ResponseNet has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from omnibench.files.records import Record

# No clip lasts a year; beyond, seconds no longer count frames.
Time = Annotated[float, Field(ge=-3e7, le=3e7, strict=False)]


class WordRecord(Record):
    """A word, in seconds from the clip's start. Other programs' keys beside these are passed over."""

    model_config = ConfigDict(extra="ignore")

    text: Annotated[str, Field(coerce_numbers_to_str=True, strict=False)]
    start: Time
    end: Time


class TextRecord(Record):
    """A text file; ``words`` may be missing, where nobody said when they were spoken."""

    model_config = ConfigDict(extra="ignore")

    text: str
    words: Sequence[WordRecord] = ()


WORDS: TypeAdapter[list[WordRecord]] = TypeAdapter(list[WordRecord])
"""Of a file whose ``text`` is not asked for: a fault of one is none of the other."""
