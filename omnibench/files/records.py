"""What a run leaves, as types: ``run.json`` and the lines of ``journal.jsonl``, written and read by the same class.

A record keeps to its types and does not change. The keys of ``run.json`` that this version does not know, by a newer
omnibench or somebody else's program, are kept where they are; of what is known, whatever another program leaves out
stays out. A journal's line has no other keys than these. A number that is not there is left out: never null or NaN.

`omnibench.files.score_records` has what scoring leaves; `omnibench.files.schema` publishes all of it as JSON schema.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from omnibench.errors import InputError
from omnibench.files.checked import JsonFault, parse_json, read_bytes
from omnibench.files.faults import field_faults

RUN_SCHEMA_VERSION: Final = 1
Status = Literal["ok", "model_failed", "infra_failed"]


def _writable(value: Any) -> Any:
    """Text of errors, and of a machine, may hold halves of characters, which no UTF-8 file can."""
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


if TYPE_CHECKING:
    T = TypeVar("T")
    Maybe: TypeAlias = T | None
else:

    class Maybe:
        """A field that may be left out, and is no null where it is there: ``Maybe[int]`` reads an int."""

        def __class_getitem__(cls, kind: Any) -> Any:
            return kind


# Above 2 ** 53 a number of JSON is another one to most programs.
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0)]
Told = Annotated[str, BeforeValidator(_writable)]
Names = Annotated[tuple[str, ...], Field(strict=False)]
"""A list in JSON."""


def _told_data(value: Any) -> Any:
    """What is no record at all says nothing of the data."""
    return value if isinstance(value, dict | RunData) else RunData()


def _names_or_none(value: Any) -> Any:
    """A damaged list of dialogues stands for the whole split."""
    return value if isinstance(value, list | tuple) and all(isinstance(name, str) for name in value) else None


class Record(BaseModel):
    """What all of them share: types are kept to, numbers are finite, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, protected_namespaces=())

    def document(self) -> dict[str, Any]:
        """As it stands in a file: what was given, in the order of the fields."""
        return self.model_dump(exclude_unset=True)

    @classmethod
    def read(cls, path: Path, again: str) -> Self:
        """The record of a JSON file.

        Args:
            path: the file.
            again: what to do about a damaged one, a sentence.

        Raises:
            InputError: it is missing, damaged, or not such a record; the message names the field.
        """
        return cls.parse(read_bytes(path, again), str(path), again)

    @classmethod
    def parse(cls, content: bytes, where: str, again: str) -> Self:
        """The record of a JSON document that lies at ``where``. Raises as `read`."""
        try:
            return cls.model_validate(parse_json(content))
        except JsonFault as error:
            raise InputError(f"{where}: {error}. {again}") from error
        except ValidationError as error:
            raise damaged(where, error, again) from error

    @classmethod
    def parse_line(cls, content: bytes, where: str, again: str) -> Self:
        """As `parse`, faster: for files of thousands of lines, of records without fields of any type."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise damaged(where, error, again) from error


def damaged(where: str, error: ValidationError, again: str) -> InputError:
    """The error for a document at ``where`` that is JSON and no record: its first fault, and how many more."""
    first, *others = field_faults(error)
    more = f", and {len(others)} more" if others else ""
    return InputError(f"{where}: {first}{more}. {again}")


class Lateness(Record):
    """Frames after the first in which a part had to be held or padded, and frames still queued at the end."""

    face: Count = 0
    audio: Count = 0
    image: Count = 0
    face_unplayed: Count = 0
    audio_unplayed: Count = 0
    image_unplayed: Count = 0
    words: Count = 0
    """The most frames that passed between a word's end and the step that reported it."""


class Shift(Record):
    """What pacing did to a dialogue: ``delay``, seconds by which the latest item of it that still plays is late, and
    what no longer fits into the clip: ``words`` of ``words_said``, seconds of ``audio``, frames of ``face`` and
    ``image``.
    """

    delay: Seconds = 0.0
    words: Count = 0
    words_said: Count = 0
    audio: Seconds = 0.0
    face: Count = 0
    image: Count = 0


class JournalLine(Record):
    """How one dialogue ended. ``inserted`` is the frame from which on the speaker did what the data set inserts once
    the listener was heard; ``damaged`` counts the frames in which a condition changed what the model reads; ``files``
    maps each file, relative to the run's folder, to its sha256; ``account`` holds what the attempt cost, where the
    model says; ``shift`` is there where the answers are paced; where they were read back, ``unseen`` counts the frames
    without a face.
    """

    id: str
    status: Status
    stage: str = "generate"
    reason: Told = ""
    frames: Count = 0
    inserted: Maybe[Count] = None
    damaged: Maybe[Count] = None
    files: dict[str, str] = Field(default_factory=dict)
    late: Lateness = Lateness()
    seconds: Seconds = 0.0
    traceback: Told = ""
    account: dict[str, float] = Field(default_factory=dict)
    shift: Maybe[Shift] = None
    unseen: Maybe[Count] = None

    def document(self) -> dict[str, Any]:
        """All fields, without a traceback, an account, an insertion, a damage, a shift or an unseen face where there is
        none.
        """
        found = self.model_dump()
        left_out: dict[str, Any] = {"traceback": "", "account": {}}
        left_out |= dict.fromkeys(("inserted", "damaged", "shift", "unseen"))
        return {name: value for name, value in found.items() if name not in left_out or value != left_out[name]}


class Open(Record):
    """A part of ``run.json``: what it does not know it keeps."""

    model_config = ConfigDict(extra="allow")


class Card(Open):
    """The model card. ``transferred``: trained on other data than it was run on, by explicit permission."""

    name: str = ""
    version: str = ""
    kind: str = ""
    outputs: Names = ()
    summary: str = ""
    inputs: Names = ()
    parameters: Count = 0
    licence: str = ""
    trained_on: Names = ()
    transfers: bool = True
    weights: Names = ()
    citation: str = ""
    group: str = ""
    lookahead: Seconds = 0.0
    transferred: bool = False


class RunData(Open):
    """Which dialogues the answers are to: ``manifest`` is the split's hash, ``location`` where the data was."""

    name: str = ""
    version: str = ""
    split: str = ""
    manifest: str = ""
    dialogues: Count = 0
    location: str = ""


class Identity(Open):
    """Everything that defines the answers. A folder of predictions only ever holds one of these."""

    fingerprint: dict[str, str] = Field(default_factory=dict)
    model: str = ""
    model_version: str = ""
    source: str = ""
    checkpoint: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    seed: int = 0
    transcript: str = ""
    condition: str = ""
    data: str = ""
    split: str = ""
    manifest: str = ""
    render: str = ""
    device: str = ""
    threads: Count = 0
    batch: Count = 0


class Hardware(Open):
    """The machine."""

    processor: str = ""
    cores: Count = 0
    memory_bytes: Count = 0
    system: str = ""
    byte_order: str = ""
    accelerator: str = ""


class Git(Open):
    """The checkout that omnibench ran from."""

    commit: str = ""
    changed: bool = False


class Timings(Open):
    """What the steps took (`omnibench.predictions.timings`)."""

    seconds: Maybe[Seconds] = None
    steps: Count = 0
    step_p50_ms: Maybe[Seconds] = None
    step_p99_ms: Maybe[Seconds] = None
    processor_p50_ms: Maybe[Seconds] = None
    processor_p99_ms: Maybe[Seconds] = None
    load: Maybe[Seconds] = None


class Paced(Open):
    """What makes answers paced: ``pace`` is ``"real"``, ``buffer`` frames of play-out, the ``machine`` whose times they
    are, by its number, and ``source``, the digest of the answers and times that they were made of. Where they cannot
    be paced, ``reason`` says why.
    """

    pace: str = ""
    buffer: Count = 0
    machine: str = ""
    source: str = ""
    reason: Told = ""

    def conditions(self) -> dict[str, str]:
        """What of it defines a measurement: numbers of several machines do not compare."""
        return {"pace": self.pace, "buffer": str(self.buffer), "machine": self.machine}


class ReadBack(Open):
    """What makes answers read back from recordings: what read the ``words`` of the sound and the ``faces`` of the
    pictures, ``""`` where there was none of a kind, and ``source``, the digest of what they were read from.
    """

    words: str = ""
    faces: str = ""
    source: str = ""

    def conditions(self) -> dict[str, str]:
        """What of it defines a measurement: what was read does not compare with what a model said of itself."""
        return {"read": "media", **{name: by for name, by in (("words", self.words), ("faces", self.faces)) if by}}


class RunRecord(Open):
    """``run.json``: what ran, on what, and how. ``renderer`` is ``""`` where no video was asked for, ``condition`` what
    the speaker's side went through on its way to the model, ``""`` where nothing. ``pace``: ``"real"`` where the clock
    waited for each frame; ``paced`` is there in a folder of paced answers, ``read_back`` in one of answers that were
    read back from recordings.
    """

    schema_version: Count = RUN_SCHEMA_VERSION
    model: Card = Card()
    data: Annotated[RunData, BeforeValidator(_told_data)] = RunData()
    ids: Annotated[Names | None, BeforeValidator(_names_or_none)] = None
    protocol: str = ""
    transcript: Maybe[str] = None
    condition: str = ""
    pace: str = ""
    paced: Maybe[Paced] = None
    read_back: Maybe[ReadBack] = None
    seed: Maybe[int] = None
    settings: dict[str, Any] = Field(default_factory=dict)
    renderer: Maybe[str] = None
    workers: Maybe[Count] = None
    identity: Identity = Identity()
    packages: dict[str, str] = Field(default_factory=dict)
    git: Git = Git()
    hardware: Hardware = Hardware()
    account: dict[str, float] = Field(default_factory=dict)
    timings: Timings = Timings()

    def made(self) -> dict[str, str]:
        """What was made of the answers before they are scored, for comparison keys."""
        paced = self.paced.conditions() if self.paced else {}
        return paced | (self.read_back.conditions() if self.read_back else {})

    def to_json(self) -> str:
        """The document of ``run.json``. Raises ValueError for settings that JSON cannot hold."""
        return json.dumps(_writable(self.document()), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
