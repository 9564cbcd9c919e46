"""What crosses from a model's process to the harness: JSON and raw arrays, nothing that could run code there.

The other way, from harness to model, the harness's own objects are pickled: they are the model's to see.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from omnibench.errors import InputError, ModelFailure
from omnibench.files.faults import field_faults
from omnibench.files.records import Count, Record, Told
from omnibench.responder import ModelCard
from omnibench.runner.answers import Raised, Verdict, checked_answer
from omnibench.runner.fence import Kind
from omnibench.types import ListenerFrame, Word

Header = dict[str, Any]
M = TypeVar("M", bound=Record)
_LENGTH: Final = struct.Struct("<Q")
_DTYPES: Final[Mapping[str, str]] = {"face": "<f4", "audio": "<f4", "image": "|u1"}


def pack(header: Mapping[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> bytes:
    """One message: the length of the header, the header as JSON, and the bytes of ``arrays`` one after the other."""
    text = json.dumps(header).encode("ascii")
    return b"".join([_LENGTH.pack(len(text)), text, *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def unpack(message: bytes) -> tuple[Header, bytes]:
    """Header and the bytes after it. Raises ModelFailure for what is no message."""
    try:
        (length,) = _LENGTH.unpack_from(message)
        header = json.loads(message[_LENGTH.size : _LENGTH.size + length])
        if not isinstance(header, dict):
            raise TypeError(f"a JSON {type(header).__name__}")
    except (struct.error, ValueError, TypeError, RecursionError) as error:
        raise ModelFailure(f"the model's process sent what is no message ({error}).") from error
    return header, message[_LENGTH.size + length :]


def checked(kind: type[M], header: Header) -> M:
    """A message of a kind. Raises ModelFailure for a header that is none."""
    try:
        return kind.model_validate({name: header[name] for name in kind.model_fields if name in header})
    except ValidationError as error:
        raise ModelFailure(f"the model's process sent what is no message: {field_faults(error)[0]}.") from error


class Ready(Record):
    """A model is built."""

    card: dict[str, Any]
    together: bool
    needs_oracle: bool
    hidden: bool


class Opened(Record):
    """Dialogues are open, numbered from ``first``."""

    first: Count
    count: Count
    together: bool


class Refused(Record):
    """What the fence refused: the fields of each incident."""

    incidents: list[Annotated[tuple[Kind, str, str], Field(strict=False)]]


class Cost(Record):
    """What a dialogue cost."""

    account: dict[str, float]


class ReadFile(Record):
    """The card of a model's file, and when each of its files was written."""

    card: dict[str, Any]
    modified: dict[str, int]
    source: str


class Unhappy(Record):
    """An error: of the model's own code, of ours, or what a user can cure."""

    type: Told = ""
    text: Told = ""
    verdict: Verdict = "failed"
    trace: Told = ""


def pack_answers(answers: Sequence[object], card: ModelCard, steps: Sequence[int | None]) -> bytes:
    """The answers to one frame of each dialogue. Raises ModelFailure for one that is not valid.

    Args:
        answers: a ``ListenerFrame`` each; whatever answers a dialogue without a step is not looked at.
        card: the model's.
        steps: the step that each answers, None for a dialogue that is over.
    """
    described: list[dict[str, Any] | None] = []
    arrays: list[NDArray[Any]] = []
    for answer, step in zip(answers, steps, strict=True):
        if step is None:
            described.append(None)
            continue
        checked = checked_answer(answer, card, step)
        shapes = {}
        for part, dtype in _DTYPES.items():
            value = getattr(checked, part)
            if value is not None:
                shapes[part] = value.shape
                arrays.append(value.astype(dtype, copy=False))
        words = [(word.text, word.start, word.end) for word in checked.words]
        described.append({"shapes": shapes, "words": words})
    return pack({"kind": "answers", "answers": described}, arrays)


def unpack_answers(header: Header, content: bytes) -> list[ListenerFrame | None]:
    """What `pack_answers` packed. Raises ModelFailure where a process sent something else."""
    answers: list[ListenerFrame | None] = []
    offset = 0
    try:
        for described in header["answers"]:
            if described is None:
                answers.append(None)
                continue
            parts: dict[str, Any] = {}
            for part, dtype in _DTYPES.items():
                if part in described["shapes"]:
                    shape = tuple(int(size) for size in described["shapes"][part])
                    count = int(np.prod(shape))
                    parts[part] = np.frombuffer(content, dtype, count, offset).reshape(shape)
                    offset += parts[part].nbytes
            words = tuple(Word(str(text), float(start), float(end)) for text, start, end in described["words"])
            answers.append(ListenerFrame(words=words, **parts))
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise ModelFailure(f"the model's process sent an answer that cannot be read ({error}).") from error
    return answers


def pack_raised(error: Raised) -> bytes:
    """An error out of the model's own code."""
    content = {"type": error.kind, "text": error.text, "verdict": error.verdict, "trace": error.trace}
    return pack({"kind": "raised", **content})


def unpack_raised(header: Header) -> Raised:
    """What `pack_raised` packed. Raises ModelFailure where a process sent something else."""
    error = checked(Unhappy, header)
    return Raised(error.type, error.text, error.verdict, error.trace)


def card_json(card: ModelCard) -> dict[str, Any]:
    """A card in JSON's types."""
    return asdict(card)


def card_from_json(content: Mapping[str, Any]) -> ModelCard:
    """The card of `card_json`. Raises ModelFailure where a process sent something else."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
    try:
        return ModelCard(**values)
    except (TypeError, ValueError, InputError) as error:
        raise ModelFailure(f"the model's process sent what is no card ({error}).") from error
