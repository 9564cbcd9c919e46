"""What scoring leaves, as types: ``scores.json`` and lines of ``samples.jsonl``, written and read by the same class.

JSON never holds NaN or null for a number: a number that is not there is a ``status`` and a ``reason``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from omnibench.files.faults import NO_NUMBER, NUMBER
from omnibench.files.records import Count, Maybe, Record, Told

SCHEMA_VERSION: Final = 1
Status = Literal["ok", "model_failed", "metric_failed", "infra_failed", "outside", "skipped"]
DialogueStatus = Literal["ok", "model_failed", "metric_failed", "infra_failed"]
Direction = Literal["higher", "lower", "none"]


def part_note(asked: int, dialogues: int) -> str:
    """What stands beside scores of less than a split, wherever they are shown.

    >>> part_note(1, 24)
    'a part of the split (1 of 24), not comparable'
    """
    return f"a part of the split ({asked} of {dialogues}), not comparable"


class IntervalRecord(Record):
    """A 95 % interval and how it was made."""

    low: float
    high: float
    method: str


class Number(Record):
    """A metric that has a value.

    ``n_scored`` of ``n_expected`` dialogues are covered, ``n_outside`` are none of the metric's, ``n_counted`` made the
    number where that is not all that are covered, ``n_at_worst`` entered it with the worst value. ``not_scored`` has a
    reason of each dialogue without statistics.
    """

    value: float
    direction: Direction
    n_scored: Count
    n_expected: Count
    n_outside: Count = 0
    n_counted: Maybe[Count] = None
    signature: str
    unit: str = ""
    n_at_worst: Count = 0
    interval: Maybe[IntervalRecord] = None
    not_scored: dict[str, Told] = Field(default_factory=dict)

    @property
    def incomplete(self) -> bool:
        """Whether expected dialogues are missing from the number."""
        return self.n_scored != self.n_expected

    @property
    def counted(self) -> int:
        """How many dialogues made the number."""
        return self.n_scored if self.n_counted is None else self.n_counted


class NoNumber(Record):
    """A metric without a value: the status says of what kind, the reason why."""

    status: Literal["not_applicable", "unavailable", "withheld", "not_scored", "not_paced"]
    reason: Told
    direction: Direction = "none"
    n_scored: Count = 0
    n_expected: Count = 0
    signature: Maybe[str] = None
    not_scored: dict[str, Told] = Field(default_factory=dict)

    @property
    def incomplete(self) -> bool:
        """Whether expected dialogues are missing."""
        return self.n_scored != self.n_expected


def kind_of_entry(content: Any) -> str:
    """The tag of a metric's entry."""
    has_value = "value" in content if isinstance(content, dict) else isinstance(content, Number)
    return NUMBER if has_value else NO_NUMBER


MetricEntry = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[NoNumber, Tag(NO_NUMBER)],
    Discriminator(kind_of_entry),
]
"""Told apart by their value, so that a fault of one is not told as a fault of both."""


class DataRecord(Record):
    """Which dialogues: ``manifest`` is the split's hash, equal for equal data, ``dialogues`` how many the split has."""

    name: str
    version: str = ""
    split: str
    manifest: str
    dialogues: Count

    @property
    def label(self) -> str:
        """What the data set is called where numbers are shown: by its version, where it has one."""
        return self.version or self.name


class ScoredData(DataRecord):
    """The data of a ``scores.json``; ``part``: less than the split was ``asked`` for."""

    asked: Maybe[Count] = None
    part: bool = False

    @model_validator(mode="after")
    def _asked_for_a_part(self) -> Self:
        if self.part and self.asked is None:
            raise ValueError('"asked" is missing, how many dialogues of the split were asked for')
        return self


class Scores(Record):
    """``scores.json``: all metrics of one run under one protocol.

    ``model`` is its card's name, or ``""``; ``condition`` what the speaker's side went through, ``""`` where nothing.
    ``answers`` is a sha256 over what was scored. ``pace`` is ``real`` where lateness costs, on the ``machine`` of that
    name; ``read_back`` is ``media`` where words and faces were read from recordings.
    """

    protocol: str
    data: ScoredData
    model: str
    metrics: dict[str, MetricEntry]
    answers: str = ""
    condition: str = ""
    pace: str = ""
    machine: Told = ""
    read_back: str = ""
    schema_version: Literal[1] = SCHEMA_VERSION

    @property
    def part(self) -> str:
        """What to say of scores of a part of the split, ``""`` of a whole one."""
        return part_note(self.data.asked or 0, self.data.dialogues) if self.data.part else ""

    @property
    def played(self) -> str:
        """What was played, as it is called where numbers are shown: data set and split, the condition, on which
        machine where lateness costs, and what words and faces were read from where a model did not say them.
        """
        under = f" under {self.condition}" if self.condition else ""
        paced = f", paced on {self.machine}" if self.pace and self.machine else ", paced" if self.pace else ""
        read = f", read back from {self.read_back}" if self.read_back else ""
        return f"{self.data.label} {self.data.split}{under}{paced}{read}"

    @property
    def incomplete(self) -> tuple[str, ...]:
        """Names of the metrics without full coverage, or that came to nothing."""
        return tuple(
            name
            for name, entry in self.metrics.items()
            if entry.incomplete or (isinstance(entry, NoNumber) and entry.status == "not_scored")
        )

    def to_json(self) -> str:
        """The document of ``scores.json``."""
        document = self.document() | {"answers": self.answers, "schema_version": self.schema_version}
        return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


class SampleEntry(Record):
    """One dialogue under one metric. ``statistics`` has its numbers; its arrays lie in ``statistics.npz``."""

    status: Status
    reason: Told = ""
    value: Maybe[float] = None
    statistics: dict[str, float] = Field(default_factory=dict)


class Sample(Record):
    """A line of ``samples.jsonl``: one dialogue under every metric. ``person`` names the human listener, or is
    ``""``.
    """

    id: str
    person: str = ""
    status: DialogueStatus
    reason: Told = ""
    metrics: Mapping[str, SampleEntry]
