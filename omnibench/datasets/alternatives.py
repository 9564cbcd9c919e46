"""Other answers than the one that was given: replies to the same turn by people who did not hear it.

``<split>/alternatives/<id>.json`` holds, for each answered turn of a dialogue, when the speaker's turn and the
listener's answer were said, and the replies with their words timed as if they had been said instead of it. They are
answers, so they never reach a model, and are not given out where listeners are withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, model_validator

from omnibench.files.records import Record
from omnibench.files.text_records import TextRecord, Time

ALTERNATIVES: Final = "alternatives"


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
        if self.end < self.start:
            raise ValueError(f"ends at {self.end:g} s, before its start {self.start:g} s")
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


def alternatives_path(split: Path, dialogue: str) -> Path:
    """Where the other answers of a dialogue lie."""
    return split / ALTERNATIVES / f"{dialogue}.json"


def read_alternatives(split: Path, dialogue: str) -> tuple[AnsweredTurn, ...]:
    """The answered turns of a dialogue that has others' answers; none where there is no such file.

    Raises:
        InputError: a damaged file; the message names file and field.
    """
    path = alternatives_path(split, dialogue)
    return tuple(Alternatives.read(path, "Build or copy the data set again.").answers) if path.is_file() else ()
