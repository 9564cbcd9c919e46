"""``text/<id>.json`` of a folder of answers: the words of one dialogue, as ResponseNet has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from omnibench.files.records import Record

# No clip lasts a year; beyond, seconds no longer count frames.
Time = Annotated[float, Field(ge=0, le=3e7)]


class WordRecord(Record):
    """A word, in seconds from the clip's start. Other programs' keys beside these are passed over."""

    model_config = ConfigDict(extra="ignore")

    text: str
    start: Time
    end: Time

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"ends at {self.end:g} s, before its start {self.start:g} s")
        return self


class TextRecord(Record):
    """A text file; ``words`` may be missing, where nobody said when they were spoken."""

    model_config = ConfigDict(extra="ignore")

    text: str
    words: Sequence[WordRecord] = ()


WORDS: TypeAdapter[list[WordRecord]] = TypeAdapter(list[WordRecord])
"""Of a file whose ``text`` is not asked for: a fault of one is none of the other."""
