"""What a situation asks of a listener: ``<split>/events/<id>.json`` of a data set of situations with known answers."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from omnibench.files.records import Record, Seconds

EVENT_SCHEMA_VERSION: Final = 1

Act = Literal["turn", "backchannel", "speech", "stop", "laugh", "nod", "smile", "gaze"]
Rule = Literal["must", "may", "must_not"]
Anchor = Literal["clip", "insertion"]
Kind = Literal[
    "answer_question",
    "answer_statement",
    "backchannel_slot",
    "background_talk",
    "cough",
    "floor_offered",
    "hold_pause",
    "hold_filler",
    "keep_floor",
    "keep_noise",
    "laugh_along",
    "look_back",
    "long_silence",
    "nod_back",
    "noise",
    "others_backchannel",
    "repair",
    "smile_back",
    "yield_floor",
]


class Window(Record):
    """One thing that a listener must do, may do or must not do between ``start`` and ``end``, in seconds from the
    ``anchor``: the clip's beginning, or the first frame of the insertion. Any of ``acts`` counts.
    """

    rule: Rule
    acts: Annotated[tuple[Act, ...], Field(strict=False, min_length=1)]
    start: Seconds
    end: Seconds
    anchor: Anchor = "clip"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a window from {self.start} to {self.end} s; expected an end after its start")
        return self


class Cue(Record):
    """What the listener has to notice: when it is over, ``end``, counts for how late an answer is."""

    what: str
    start: Seconds
    end: Seconds
    anchor: Anchor = "clip"


class EventRecord(Record):
    """What one situation asks. ``variant`` is the text or the sound that was drawn for it; ``triggered``: something is
    inserted once the listener was heard, and without that the situation was not reached.
    """

    schema_version: Literal[1] = EVENT_SCHEMA_VERSION
    kind: Kind
    variant: str
    cue: Cue
    windows: Annotated[tuple[Window, ...], Field(strict=False, min_length=1)]
    triggered: bool = False
