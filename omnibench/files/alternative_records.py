"""What others would have answered: ``<split>/alternatives/<id>.json`` of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from omnibench.files.records import Record
from omnibench.files.text_records import TextRecord, Time, check_order


class Reply(TextRecord):
    """Another answer: its words begin when the real one did; ``writer`` names whose it is within the data set."""

    writer: str


class Span(Record):
    """A stretch of speech, in seconds from the clip's start."""

    model_config = ConfigDict(extra="ignore")

    start: Time
    end: Time

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        check_order(self.start, self.end)
        return self


class AnsweredTurn(Record):
    """A turn of the speaker, the listener's answer to it, and what others answered."""

    model_config = ConfigDict(extra="ignore")

    turn: Span
    answer: Span
    replies: Annotated[Sequence[Reply], Field(min_length=1)]


class Alternatives(Record):
    """The answered turns of one dialogue, in order."""

    model_config = ConfigDict(extra="ignore")

    answers: Sequence[AnsweredTurn]
