"""Whether a file is the part of an answer that it is called: of a kind, finite, as long as the dialogue, at its rate.

Each part of each dialogue is checked once, before anything is measured of it, and says the same words when it fails,
wherever that is: the board's own checks, which trust nothing, take their sentences from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.tracks import parse_word, read_vector
from omnibench.errors import InputError
from omnibench.files.checked import read_npz, read_object
from omnibench.files.text_records import control_fault
from omnibench.media.face import FACE_DIM
from omnibench.types import Dialogue

SAMPLE_RATES: Final = (8_000, 48_000)
LONGEST_STEP: Final = 3600.0
RUN_ON: Final = 0.5
"""Seconds that words may end after the clip: recognisers, whose times recordings have, let the last word run on."""
_RATE_TOLERANCE: Final = Fraction(3, 10_000)
_MOST_FAULTS: Final = 5
_BLOCK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Length:
    """Frames of a dialogue and their rate; None where the data does not tell (texts alone)."""

    frames: int | None
    fps: Fraction | None

    @property
    def seconds(self) -> float | None:
        """How long the dialogue lasts."""
        return None if self.frames is None or self.fps is None else float(self.frames / self.fps)


UNKNOWN: Final = Length(None, None)


def length_of(dialogue: Dialogue) -> Length:
    """How long a dialogue is, as far as its files tell."""
    try:
        return Length(dialogue.frames, dialogue.fps)
    except InputError:
        return UNKNOWN


def count_fault(found: int, expected: int | None, unit: str = "frames") -> str:
    """Why a number of frames, or of steps, is not the dialogue's; or ``""``.

    >>> count_fault(60, 50), count_fault(0, None)
    ('60 frames, expected 50 to within one', '0 frames, expected some to within one')
    """
    if found and (expected is None or abs(found - expected) <= 1):
        return ""
    return f"{found} {unit}, expected {'some' if expected is None else expected} to within one"


def duration_fault(seconds: Fraction, length: Length) -> str:
    """Why a sound does not last as long as the dialogue, or ``""``."""
    if length.frames is None or length.fps is None:
        return ""
    expected = length.frames / length.fps
    if abs(seconds - expected) <= 1 / length.fps:
        return ""
    return f"lasts {float(seconds):.3f} s, expected {float(expected):.3f} s to within a frame"


def picture_rate_fault(rate: Fraction, fps: Fraction | None) -> str:
    """Why a video does not run at the dialogue's rate, or ``""``."""
    if fps is None or abs(rate - fps) <= fps * _RATE_TOLERANCE:
        return ""
    return f"{float(rate):.3f} frames per second, expected {float(fps):.3f}"


def sample_rate_fault(rate: int, rates: tuple[int, int] = SAMPLE_RATES) -> str:
    """Why a sample rate is none of a voice, or ``""``."""
    low, high = rates
    return "" if low <= rate <= high else f"{rate} samples per second, expected {low} to {high}"


def finite_fault(values: NDArray[Any], unit: str, each: str, first: int = 0) -> str:
    """Where ``(T, …)`` numbers, counted from ``first``, are not finite, or ``""``.

    >>> finite_fault(np.array([1.0, np.inf]), "step", "time")
    'NaN or infinity in step 1; every time has to be finite'
    """
    fine = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    return (
        "" if fine.all() else f"NaN or infinity in {unit} {first + int(np.argmin(fine))}; every {each} has to be finite"
    )


def face_fault(face: NDArray[Any], length: Length, start: int = 0, stop: int | None = None) -> str:
    """Why coefficients are none of the dialogue's, or ``""``; whether they are finite is asked of frames
    ``start <= i < stop`` alone.
    """
    if face.ndim != 2 or face.shape[1] != FACE_DIM or face.dtype.kind != "f":
        shaped = face.ndim == 2 and face.shape[1] == FACE_DIM
        kind = f"type {face.dtype}" if shaped else f"shape {face.shape}"
        return f"{kind}, expected (T, {FACE_DIM}) floats"
    if not len(face):
        return f"no frame in it, expected (T, {FACE_DIM}) with a frame for each of the video"
    return count_fault(len(face), length.frames) or finite_fault(face[start:stop], "frame", "face", start)


def step_fault(seconds: NDArray[Any], frames: int | None) -> str:
    """Why the times of a dialogue's steps are none, or ``""``."""
    if seconds.ndim != 1:
        return "expected seconds, one for each step"
    if fault := count_fault(len(seconds), frames, "steps") or finite_fault(seconds, "step", "time"):
        return fault
    wrong = (seconds < 0) | (seconds > LONGEST_STEP)
    if not wrong.any():
        return ""
    step = int(np.argmax(wrong))
    return f"{seconds[step]:g} s in step {step}, expected from 0 to {LONGEST_STEP:g} s"


def word_faults(text: str | None, items: Sequence[Any], length: Length) -> list[str]:
    """What is wrong with words: each with times, in order, inside the clip but for `RUN_ON`, and together the ``text``
    where one is given.
    """
    faults: list[str] = []
    spoken: list[str] = []
    previous = 0.0
    end = length.seconds
    for number, item in enumerate(items):
        where = f"words[{number}]"
        word, problem = parse_word(item, previous)
        if problem is not None:
            faults.append(f'field "{where}{problem[0]}": {problem[1].removesuffix(".")}')
        if word is not None:
            previous = word.start
            spoken.append(word.text)
            if end is not None and word.end > end + RUN_ON:
                faults.append(f'field "{where}.end": {word.end:g} s, the clip ends at {end:.3f} s')
        if len(faults) >= _MOST_FAULTS:
            return faults
    if text is not None and items and not faults and "".join(text.split()) != "".join("".join(spoken).split()):
        faults.append('field "text" is not what the words say one after the other')
    return faults


def part_fault(part: str, path: Path, length: Length) -> str:
    """Why a file is no such part of an answer to a dialogue of that length, after its name; or ``""``."""
    try:
        fault = _CHECKS[part](path, length)
    except InputError as error:
        return str(error)
    return f"{path}: {fault}." if fault else ""


def _text(path: Path, length: Length) -> str:
    content = read_object(path)
    text, words = content.get("text"), content.get("words", [])
    if not isinstance(text, str):
        return f'"text" is {type(text).__name__}, expected a string'
    if not isinstance(words, list):
        return '"words" must be a list of {"text", "start", "end"}'
    if fault := control_fault(text):
        return f'field "text": {fault}'
    # Recognisers' words come without the punctuation of their text.
    return next(iter(word_faults(None, words, length)), "")


def _audio(path: Path, length: Length) -> str:
    from omnibench.media.audio import AudioReader

    with AudioReader(path) as reader:
        info = reader.info
        fault = sample_rate_fault(info.sample_rate) or duration_fault(Fraction(info.samples, info.sample_rate), length)
        if fault:
            return fault
        for start in range(0, info.samples, _BLOCK):
            reader.read(start, start + _BLOCK)
    return "" if info.samples else "no sample in it, expected the voice, silent where the listener is"


def _vector(path: Path, length: Length) -> str:
    return face_fault(read_vector(path), length)


def _video(path: Path, length: Length) -> str:
    from omnibench.media.video import video_info

    info = video_info(path)
    return picture_rate_fault(info.fps, length.fps) or count_fault(info.frames, length.frames)


def _timing(path: Path, length: Length) -> str:
    seconds = read_npz(path, 'an .npz with "step_seconds"').get("step_seconds")
    if seconds is None:
        return 'no "step_seconds" in it, the time that each step took'
    return step_fault(seconds, length.frames) if seconds.dtype.kind in "fiub" else "no numbers, expected seconds"


_CHECKS: Final = {"text": _text, "audio": _audio, "vector": _vector, "video": _video, "timing": _timing}
