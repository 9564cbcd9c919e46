"""What an answer has to look like, and the error for one that does not.

Every array is copied here: a model that keeps its own array and changes it later, having seen more, changes nothing
that was already answered.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MissingError, ModelFailure, ModelUnavailable, text_of
from omnibench.files.names import encodable
from omnibench.files.text_records import control_fault
from omnibench.media.face import FACE_DIM
from omnibench.responder import ModelCard
from omnibench.system.memory import out_of_memory
from omnibench.types import Audio, Face, Image, ListenerFrame, Word

Verdict = Literal["failed", "memory", "gave_up", "unavailable", "gave_up_unavailable"]
_ROUNDING = 1e-9
TIME_TOLERANCE = 1e-6
"""Seconds of rounding that a word's end may lie past the present."""


@dataclass(eq=False)
class Raised(Exception):
    """What a model's own code raised, in words alone, so that it can come from another process.

    ``kind`` is the error's class; ``verdict`` says what becomes of the dialogue: the model ``failed``, ran out of
    ``memory``, said itself why it ``gave_up``, or lacked something and was ``unavailable`` (``gave_up_unavailable``
    where it said so itself).
    """

    kind: str
    text: str
    verdict: Verdict
    trace: str = ""


def raised(error: Exception | SystemExit) -> Raised:
    """An error out of a model's own code, described."""
    if isinstance(error, Raised):
        return error
    cause = error.__cause__ if isinstance(error, ModelFailure) else error
    if isinstance(cause, Raised):
        trace = cause.trace
    else:
        trace = "" if cause is None else "".join(traceback.format_exception(cause))
    return Raised(type(error).__name__, text_of(error), _verdict(error), trace)


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # of its own __repr__
        return f"a {type(value).__name__}"


def _verdict(error: Exception | SystemExit) -> Verdict:
    if isinstance(error, ModelFailure):
        return "gave_up_unavailable" if isinstance(error, ModelUnavailable) else "gave_up"
    if isinstance(error, MissingError):
        return "unavailable"
    return "memory" if out_of_memory(error) else "failed"


def model_error(what: str, error: Exception | SystemExit) -> ModelFailure:
    """What an error out of a model's own code says about the dialogue; ``what`` is the call, like ``step 3``."""
    if isinstance(error, ModelFailure):
        return error
    found = raised(error)
    if found.verdict == "gave_up":
        return ModelFailure(found.text)
    if found.verdict == "gave_up_unavailable":
        return ModelUnavailable(found.text)
    if found.verdict == "unavailable":
        return ModelUnavailable(f"{what}: {found.text}")
    if found.verdict == "memory":
        return ModelFailure(f"{what} ran out of memory ({found.kind}: {found.text})")
    return ModelFailure(f"{what} raised {found.kind}: {found.text}")


def checked_answer(answer: object, card: ModelCard, step: int) -> ListenerFrame:
    """The answer of step ``step`` with its own copies of all arrays, as float32 (face, audio) and uint8 (image).

    Faces come back as ``(k, 64)``, images as ``(k, H, W, 3)``.

    Raises:
        ModelFailure: not a ListenerFrame, a shape, type or value out of range, or a part that the card does not
            declare.
    """
    if not isinstance(answer, ListenerFrame):
        raise ModelFailure(f"step {step} returned {type(answer).__name__}, expected a ListenerFrame.")
    words = _words(answer.words, step)
    given = {"face": answer.face, "audio": answer.audio, "image": answer.image, "words": words or None}
    for part, value in given.items():
        if value is not None and part not in card.outputs:
            raise ModelFailure(
                f"step {step} answered with {part}, which the card of {card.name} does not list in its outputs "
                f"{card.outputs}."
            )
    return ListenerFrame(
        face=None if answer.face is None else _face(answer.face, step),
        audio=None if answer.audio is None else _audio(answer.audio, step),
        words=words,
        image=None if answer.image is None else _image(answer.image, step),
    )


def check_words(words: Iterable[Word], now: float, last: tuple[float, float], step: int) -> tuple[float, float]:
    """Check finished words against the present and the word before; returns the last start and the last end.

    Args:
        now: seconds from the clip's start that have been played when the step answers: ``(step + 1) / fps``.
        last: start and end of the last word of earlier steps, in seconds.

    Raises:
        ModelFailure: an end in the future, a start or an end before the previous word's, a start after its end, an
            empty text.
    """
    last_start, last_end = last
    for word in words:
        if not (math.isfinite(word.start) and math.isfinite(word.end) and 0 <= word.start <= word.end):
            raise ModelFailure(
                f'step {step}: word "{word.text}" from {word.start} to {word.end}; 0 <= start <= end expected.'
            )
        if word.end > now + TIME_TOLERANCE:
            raise ModelFailure(
                f'step {step}: word "{word.text}" ends at {word.end:.3f} s, in the future of {now:.3f} s. '
                f"Answer with a word once it is finished."
            )
        if word.end < last_end - TIME_TOLERANCE:
            raise ModelFailure(
                f'step {step}: word "{word.text}" ends at {word.end:.3f} s, before the previous one ({last_end:.3f} s).'
            )
        if word.start < last_start - _ROUNDING:
            raise ModelFailure(
                f'step {step}: word "{word.text}" starts at {word.start:.3f} s, before the previous one '
                f"({last_start:.3f} s)."
            )
        last_start, last_end = max(last_start, float(word.start)), max(last_end, float(word.end))
    return last_start, last_end


def _check_word(word: object, step: int) -> None:
    """Raises ModelFailure for what is no ``Word`` with a text."""
    if not isinstance(word, Word) or not isinstance(word.text, str) or not word.text.strip():
        raise ModelFailure(
            f"step {step} answered with the word {_shown(word)}, expected Word(text, start, end) with text."
        )
    if not encodable(word.text):
        raise ModelFailure(f"step {step}: the word {word.text!r} holds half of a character, which no file can keep.")
    if fault := control_fault(word.text):
        raise ModelFailure(f"step {step}: the word {word.text!r} {fault}.")


def _words(words: object, step: int) -> tuple[Word, ...]:
    """Their own copies, with times as floats."""
    try:
        given: tuple[Any, ...] = () if words is None else tuple(words)  # type: ignore[arg-type]
    except Exception as error:  # a generator is the model's own code
        raise ModelFailure(f"step {step}: words of type {type(words).__name__}, expected a list of Word.") from error
    copies = []
    for word in given:
        _check_word(word, step)
        for time in (word.start, word.end):
            if isinstance(time, bool | np.bool_) or not isinstance(time, Real):
                raise ModelFailure(f"step {step}: word {word.text!r}: {_shown(time)} is no time; expected seconds.")
        try:
            copies.append(Word(str(word.text), float(word.start), float(word.end)))
        except OverflowError as error:
            raise ModelFailure(f"step {step}: word {word.text!r}: no time is as large as its.") from error
    return tuple(copies)


def _face(value: Any, step: int) -> Face:
    face = _floats("face", value, step)
    rows = face[None] if face.ndim == 1 else face
    if rows.ndim != 2 or rows.shape[1] != FACE_DIM:
        raise ModelFailure(f"step {step}: face of shape {face.shape}, expected ({FACE_DIM},) or (k, {FACE_DIM}).")
    return rows


def _audio(value: Any, step: int) -> Audio:
    audio = _floats("audio", value, step)
    if audio.ndim != 1:
        raise ModelFailure(f"step {step}: audio of shape {audio.shape}, expected one channel (n,).")
    return audio


def _floats(part: str, value: Any, step: int) -> NDArray[np.float32]:
    array = np.array(value)
    if array.dtype.kind != "f":
        raise ModelFailure(f"step {step}: {part} of type {array.dtype}, expected float32.")
    if not np.isfinite(array).all():
        raise ModelFailure(f"step {step}: {part} holds NaN or infinity.")
    return array.astype(np.float32)


def _image(value: Any, step: int) -> Image:
    image = np.array(value)
    frames = image[None] if image.ndim == 3 else image
    if image.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3:
        raise ModelFailure(f"step {step}: image {image.dtype} {image.shape}, expected uint8 (H, W, 3) or (k, H, W, 3).")
    if frames.shape[1] % 2 or frames.shape[2] % 2 or not frames.shape[1] or not frames.shape[2]:
        raise ModelFailure(
            f"step {step}: image of {frames.shape[2]}x{frames.shape[1]} pixels, expected even sides (H.264)."
        )
    return frames
