"""The files of an entry as types: what a submission says of itself, what was measured, and what a maintainer found.

``extra="forbid"`` throughout: a field that nobody defined is an error, not a note in passing. Strings are plain text
(`leaderboard.entry.plain_text`), numbers are finite. `docs/leaderboard.md` describes the same for a reader.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from leaderboard.entry.addresses import Url
from leaderboard.entry.plain_text import Label, Line, NonEmptyProse, OptionalLabel, Prose
from omnibench.files import score_records
from omnibench.files.faults import NO_NUMBER, NUMBER
from omnibench.files.records import Card, Count
from omnibench.files.score_records import (
    DataRecord,
    DialogueStatus,
    Direction,
    IntervalRecord,
    SampleEntry,
    kind_of_entry,
)
from omnibench.responder import MOST_LOOKAHEAD, Kind, Modality

SCHEMA_VERSION: Final = 1
ID_PATTERN: Final = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$"
ORIGINS: Final = 16
ORIGIN_LENGTH: Final = 64
ORIGIN_VALUE_LENGTH: Final = 1000
SIGNATURE_LENGTH: Final = 4000 + ORIGINS * (ORIGIN_LENGTH + ORIGIN_VALUE_LENGTH + 2)
Badge = Literal["self-reported", "re-scored", "reproduced"]
ProtocolName = Literal["paper", "strict", "offline"]
Part = Literal["text", "audio", "vector", "video", "timing"]
FlagKind = Literal[
    "better_than_ground_truth",
    "copies_ground_truth_text",
    "copies_ground_truth_audio",
    "copies_ground_truth_face",
    "shares_ground_truth_words",
    "resembles_ground_truth_audio",
    "resembles_ground_truth_face",
    "frozen_face",
    "precedes_cause",
    "said_without_sound",
    "sound_without_words",
    "sound_off_words",
    "sound_says_other_words",
    "lips_off_sound",
    "plays_a_recording",
    "another_voice",
    "duplicate_entry",
    "scores_differ",
]


def _day(value: Any) -> Any:
    """A date as ISO 8601 writes it: pydantic would take a number of seconds, or a time, for one as well."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    if type(value) is datetime.date:
        return value
    raise ValueError("expected a date like 2026-11-22")


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# Lengths and characters apart: a text that is too long is told so, and not that its characters are wrong.
Name = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9._-]*$")]
Split = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
DialogueId = Annotated[str, Field(max_length=128, pattern=ID_PATTERN)]
EntryId = Annotated[str, Field(max_length=74, pattern=r"^\d{4}-\d{2}-\d{2}_[a-z0-9][a-z0-9-]*$")]
Day = Annotated[datetime.date, BeforeValidator(_day)]
# A run's fingerprint is part of every signature: the one is as long as the other may be, and what else stands there.
Origin = Annotated[str, Field(max_length=ORIGIN_LENGTH, pattern=r"^[A-Za-z][A-Za-z0-9._/-]*$")]
OriginValue = Annotated[str, Field(max_length=ORIGIN_VALUE_LENGTH, pattern=r"^[^|<>\x00-\x1f]*$")]
Signature = Annotated[str, Field(min_length=1, max_length=SIGNATURE_LENGTH, pattern=r"^[^<>\x00-\x1f]*$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
# What no metric and no machine reaches, and a page can still print.
Bounded = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Amount = Annotated[int, Field(ge=0, le=10**15)]


class Strict(BaseModel):
    """What all of them share: no unknown fields, no changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_serializer(mode="wrap")
    def _in_order(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """In the order of this class, whatever that of the record which it narrows."""
        found: dict[str, Any] = write(self)
        return {name: found[name] for name in dict.fromkeys([*type(self).__annotations__, *found]) if name in found}


class Interval(IntervalRecord, Strict):
    """A 95 % interval and how it was made, in plain text."""

    low: Bounded
    high: Bounded
    method: Label


class Number(score_records.Number, Strict):
    """A metric that has a value, as in ``scores.json``, with its texts held to limits."""

    value: Bounded
    direction: Direction
    n_scored: Count
    n_expected: Count
    signature: Signature
    n_outside: Count = 0
    unit: OptionalLabel = ""
    n_at_worst: Count = 0
    n_counted: Count = 0
    interval: Interval | None = None
    not_scored: dict[DialogueId, Prose] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _all_that_are_scored_count(cls, content: Any) -> Any:
        """Unless the document says otherwise."""
        if isinstance(content, dict) and content.get("n_counted") is None and "n_scored" in content:
            return {**content, "n_counted": content["n_scored"]}
        return content


class NoNumber(score_records.NoNumber, Strict):
    """A metric without a value, with its texts held to limits."""

    reason: Prose
    signature: Signature | None = None
    not_scored: dict[DialogueId, Prose] = Field(default_factory=dict)


# Told apart by their value, so that a fault of one is not told as a fault of both.
Measurement = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[NoNumber, Tag(NO_NUMBER)],
    Discriminator(kind_of_entry),
]


class DataRef(DataRecord, Strict):
    """Which dialogues: ``manifest`` is the split's hash, equal for equal data."""

    name: Label
    version: OptionalLabel = ""
    split: Split
    manifest: Sha256


class ProtocolScores(Strict):
    """All numbers of one protocol.

    ``scored_by`` says whose they are: the submitter's own, advisory, or the project's. ``samples`` names the file of
    per-dialogue scores beside ``entry.json``, or is None where nobody sent one.
    """

    protocol: ProtocolName
    data: DataRef
    scored_by: Literal["submitter", "project"]
    metrics: dict[Name, Measurement] = Field(min_length=1)
    samples: Annotated[str, Field(pattern=r"^samples\.(paper|strict|offline)\.jsonl$")] | None = None
    samples_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.samples is None) != (self.samples_sha256 is None):
            raise ValueError("samples and samples_sha256 come together")
        if self.samples is not None and self.samples != f"samples.{self.protocol}.jsonl":
            raise ValueError(f'samples: expected "samples.{self.protocol}.jsonl"')
        data = f"data:{self.data.name}-{self.data.split}@{self.data.manifest[:8]}"
        for name, entry in self.metrics.items():
            if isinstance(entry, Number) and entry.n_expected + entry.n_outside != self.data.dialogues:
                counted = f"counts {entry.n_expected + entry.n_outside} of the split's {self.data.dialogues} dialogues"
                raise ValueError(f"metrics.{name}: {counted}; scores of a part enter no ranking, score the whole split")
            if entry.signature is not None:
                parts = entry.signature.split(" || ")[0].split("|")
                for part in (f"proto:{self.protocol}", data):
                    if part not in parts:
                        raise ValueError(f'metrics.{name}.signature: expected the part "{part}"')
        return self


class Model(Card, Strict):
    """The model card. ``transferred``: trained on other data than it was run on, by explicit permission."""

    name: Label
    version: Label
    kind: Kind
    outputs: tuple[Modality, ...] = Field(min_length=1, max_length=4, strict=False)
    inputs: tuple[Modality, ...] = Field((), max_length=4, strict=False)
    summary: Prose = ""
    parameters: Amount = 0
    licence: OptionalLabel = ""
    trained_on: tuple[Label, ...] = Field((), max_length=200, strict=False)
    transfers: bool = True
    transferred: bool = False
    weights: tuple[Label, ...] = Field((), max_length=200, strict=False)
    citation: Prose = ""
    group: OptionalLabel = ""
    lookahead: float = Field(0.0, ge=0, le=MOST_LOOKAHEAD)


class Submission(Strict):
    """Who sends it and what they want readers to know. All of it is published."""

    team: Line
    contact: Line
    date: Day
    notes: Prose = ""
    paper: Url | None = None
    code: Url | None = None
    bibtex: Prose = ""


class Attestation(Strict):
    """What the team declares about training. Signed by a person, shown with the entry, never checked by us."""

    trained_on: list[Line] = Field(min_length=1, max_length=50)
    pretrained_models: list[Line] = Field(default_factory=list, max_length=50)
    test_split_used: Literal[False]
    statement: Prose = ""
    signed_by: Line
    date: Day


class Run(Strict):
    """How the answers were made, from ``run.json``. Times are the submitter's, on the submitter's machine."""

    transcript: Label
    seed: Annotated[int, Field(ge=-(2**64), le=2**64)] | None = None
    renderer: OptionalLabel = ""
    omnibench: OptionalLabel = ""
    checkpoint_sha256: Sha256 | None = None
    processor: OptionalLabel = ""
    cores: Amount = 0
    memory_bytes: Amount = 0
    step_p50_ms: Annotated[Bounded, Field(ge=0)] | None = None
    step_p99_ms: Annotated[Bounded, Field(ge=0)] | None = None
    seconds: Annotated[Bounded, Field(ge=0)] | None = None


class Archive(Strict):
    """Where the predictions lie. ``url`` is None only where the project holds the archive itself."""

    url: Url | None
    sha256: Sha256
    bytes: Annotated[int, Field(gt=0, le=10**15)]


class Clearance(Strict):
    """A maintainer looked at a flag and found it in order; the flag stays readable with the reason."""

    by: Line
    date: Day
    reason: NonEmptyProse


class Flag(Strict):
    """Something that looks wrong: a notice for readers, with what was measured. No verdict."""

    kind: FlagKind
    message: Prose
    dialogues: list[DialogueId] = Field(default_factory=list)
    cleared: Clearance | None = None


class Difference(Strict):
    """A sent value that is not the recomputed one."""

    protocol: ProtocolName
    metric: Name
    sent: Finite
    found: Finite


class Verification(Strict):
    """What the project did with the archive to award a badge beyond ``self-reported``.

    ``checks`` maps each flag that was looked for to ``"checked"`` or to why it could not be; ``confinement`` says what
    held the decoder of the archive's media.
    """

    by: Line
    date: Day
    omnibench: Label
    checks: dict[FlagKind, Prose]
    confinement: list[Line]
    differences: list[Difference] = Field(default_factory=list)
    reproduction_sha256: Sha256 | None = None


class Entry(Strict):
    """``entry.json``: one row of the leaderboard. ``id`` is the folder's name, ``<date>_<name>``."""

    schema_version: Literal[1]
    id: EntryId
    badge: Badge
    submission: Submission
    model: Model
    run: Run | None
    attestation: Attestation | None
    archive: Archive | None
    scores: dict[ProtocolName, ProtocolScores] = Field(min_length=1)
    flags: list[Flag] = Field(default_factory=list)
    verification: Verification | None = None
    withdrawn: Prose | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        for name, scores in self.scores.items():
            if name != scores.protocol:
                raise ValueError(f'scores.{name}.protocol: expected "{name}", found "{scores.protocol}"')
            if (scores.scored_by == "submitter") != (self.badge == "self-reported"):
                raise ValueError(f'scores.{name}.scored_by: "{scores.scored_by}" does not go with {self.badge}')
        if (self.verification is None) != (self.badge == "self-reported"):
            raise ValueError(f"badge: {self.badge} goes {_with_or_without(self.badge)} verification")
        if self.badge == "reproduced" and (self.verification is None or not self.verification.reproduction_sha256):
            raise ValueError("verification.reproduction_sha256: expected for the badge reproduced")
        if not self.id.startswith(f"{self.submission.date.isoformat()}_"):
            raise ValueError(f"id: expected to start with the submission's date, {self.submission.date.isoformat()}")
        if self.archive is None and self.model.kind != "control":
            raise ValueError("archive: expected, with its sha256")
        return self


class SampleMetric(SampleEntry, Strict):
    """One dialogue under one metric."""

    reason: Prose = ""
    value: Bounded | None = None
    statistics: dict[Name, Finite] = Field(default_factory=dict)


class Sample(score_records.Sample, Strict):
    """One line of ``samples.<protocol>.jsonl``: one dialogue under every metric, in the data set's order."""

    id: DialogueId
    person: OptionalLabel = ""
    status: DialogueStatus
    reason: Prose = ""
    metrics: dict[Name, SampleMetric]


class Metadata(Strict):
    """``metadata.json`` of an archive: what the team says, and the data that the answers are to."""

    schema_version: Literal[1]
    name: Annotated[str, Field(max_length=63, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    submission: Submission
    model: Model
    data: DataRef
    attestation: Attestation | None = None
    omnibench: Label

    @property
    def entry_id(self) -> str:
        """What the entry's folder is called."""
        return f"{self.submission.date.isoformat()}_{self.name}"


class Award(Strict):
    """A line of ``awards.json``: a badge beyond self-reported, and the very ``entry.json`` it was given to."""

    badge: Literal["re-scored", "reproduced"]
    entry_sha256: Sha256
    by: Line
    date: Day


class Awards(Strict):
    """``awards.json``: kept by the maintainers, never part of a submission. Maps entry ids to awards."""

    schema_version: Literal[1]
    awards: dict[EntryId, Award] = Field(default_factory=dict)


def _with_or_without(badge: Badge) -> str:
    return "without" if badge == "self-reported" else "with"
