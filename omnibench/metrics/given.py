"""Answers and references that are given as strings, arrays or files, without a predictions folder or a data set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.features.media import Media, media_of_files
from omnibench.files.checked import parse_json
from omnibench.files.decoding import decoded
from omnibench.media.face import FACE_DIM
from omnibench.metrics.inputs import Need
from omnibench.types import Audio, Face, Image, Word

EXPECTED: Final[Mapping[Need, str]] = {
    "text": "a string, or a file .txt or .json",
    "words": "a list of Word(text, start, end), or a file .json as omnibench writes it",
    "face": f"an array (T, {FACE_DIM}), or a file .npy",
    "audio": "(samples, rate) with samples (N,) as floats in [-1, 1], or a file .wav or .flac",
    "video": "a file .mp4, .mkv, .avi, .mov or .webm",
    "timing": "an array (T,) of seconds",
}
_VIDEO: Final = (".mp4", ".mkv", ".avi", ".mov", ".webm")
_AUDIO: Final = (".wav", ".flac")
_FILES: Final = (".txt", ".json", ".npy", *_AUDIO, *_VIDEO)


def parts_of(value: object, what: str, textual: bool = True) -> dict[Need, Any]:
    """What of a person's part in a dialogue a value holds, told by its type.

    Args:
        value: any of `EXPECTED`, or a mapping from ``text``, ``words``, ``face``, ``audio``, ``video`` and ``timing``
            to it.
        what: to call it in messages.
        textual: whether every string is text; otherwise one that ends like a file is a file's name.

    Raises:
        InputError: it is none of these, or of another shape, or the file cannot be read.
    """
    if isinstance(value, Mapping):
        found: dict[Need, Any] = {}
        for need, part in value.items():
            if need not in EXPECTED:
                raise InputError(f'{what}: no part is called "{need}"; expected some of {", ".join(EXPECTED)}.')
            own = parts_of(part, f"{what}, {need}", textual=need == "text")
            if need not in own:
                raise InputError(f"{what}, {need}: holds {', '.join(own)}; expected {EXPECTED[need]}.")
            found[need] = own[need]
        return found
    if isinstance(value, str) and (textual or not value.endswith(_FILES)):
        return {"text": value}
    if isinstance(value, str | Path):
        return _of_file(Path(value), what)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], np.ndarray):
        return {"audio": (_samples(value[0], what), int(value[1]))}
    if isinstance(value, np.ndarray):
        return {"timing": value} if value.ndim == 1 else {"face": _face(value, what)}
    if isinstance(value, Sequence) and all(isinstance(word, Word) for word in value):
        return {"words": tuple(value)}
    kinds = "; ".join(f"{need}: {text}" for need, text in EXPECTED.items())
    raise InputError(f"{what}: of the type {type(value).__name__}; expected {kinds}.")


def _of_file(path: Path, what: str) -> dict[Need, Any]:
    if not path.is_file():
        raise InputError(f"{what}: {path}: no such file.")
    suffix = path.suffix.lower()
    if suffix in _VIDEO or suffix in _AUDIO:
        return {"video" if suffix in _VIDEO else "audio": path}
    try:
        if suffix == ".npy":
            return {"face": _face(np.load(path, allow_pickle=False), f"{what}: {path}")}
        if suffix == ".txt":
            return {"text": decoded(path.read_bytes()).strip()}
        if suffix == ".json":
            document = parse_json(path.read_bytes())
            words = tuple(Word(str(w["text"]), float(w["start"]), float(w["end"])) for w in document.get("words", ()))
            return {"text": str(document["text"]), "words": words}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise InputError(f"{what}: {path}: not readable ({type(error).__name__}: {error}).") from error
    raise InputError(f"{what}: {path}: ends with {suffix or 'nothing'}; expected one of {', '.join(_FILES)}.")


def _face(array: NDArray[Any], what: str) -> Face:
    if array.ndim != 2 or array.shape[1] != FACE_DIM or array.dtype.kind != "f":
        raise InputError(f"{what}: {array.dtype} of shape {array.shape}; expected floats (T, {FACE_DIM}).")
    return np.asarray(array, np.float32)


def _samples(array: NDArray[Any], what: str) -> Audio:
    if array.ndim != 1 or array.dtype.kind != "f":
        raise InputError(f"{what}: {array.dtype} of shape {array.shape}; expected samples (N,) as floats in [-1, 1].")
    return np.ascontiguousarray(array, np.float32)


@dataclass(frozen=True)
class Given:
    """One person's part in one dialogue. ``parts`` is what `parts_of` found, ``what`` its name in messages."""

    parts: Mapping[Need, Any]
    what: str

    def part(self, need: Need) -> Any:
        """What was given. Raises InputError with what was expected where it was not."""
        if need not in self.parts:
            raise InputError(f"{self.what}: no {need}; expected {EXPECTED[need]}.")
        return self.parts[need]

    @property
    def text(self) -> str:
        """The transcript."""
        return str(self.part("text"))

    @property
    def words(self) -> tuple[Word, ...]:
        """The words with their times."""
        return tuple(self.part("words"))

    def face_between(self, start: int, stop: int | None) -> Face:
        """Coefficients of frames ``start <= i < stop``."""
        return np.asarray(self.part("face")[start:stop])

    @cached_property
    def media(self) -> Media:
        """Pictures and sound, by the content of what was given."""
        video, audio = self.parts.get("video"), self.parts.get("audio")
        if audio is None or isinstance(audio, Path):
            return media_of_files(video, audio)
        samples, rate = audio
        seen = media_of_files(video, None)
        key = hashlib.sha256(f"{seen.key}:{rate}:".encode() + samples.tobytes()).hexdigest()
        return Media(key, seen.fps, seen.images, lambda: rate, lambda start, stop: samples[start:stop], seen.video_path)


class GivenAnswer(Given):
    """An answer (`omnibench.metrics.inputs.PredictionSample`)."""

    @property
    def face(self) -> Face:
        """``(T, 64)`` coefficients."""
        return self.face_between(0, None)

    @property
    def audio(self) -> tuple[Audio, int]:
        """Samples in [-1, 1] and their rate."""
        return self.media.sound()

    @property
    def step_seconds(self) -> NDArray[np.float64]:
        """Wall time of each step."""
        return np.asarray(self.part("timing"), np.float64)

    def timed_words(self, pause: float) -> tuple[Word, ...]:
        """The words as they are: nobody kept when they came."""
        return self.words


class GivenTrack(Given):
    """A person of the recording (`omnibench.types.Track`)."""

    @property
    def frames(self) -> int:
        """Number of face vectors."""
        return len(self.part("face"))

    @property
    def has_audio(self) -> bool:
        """Whether sound was given."""
        return "audio" in self.parts

    @property
    def has_video(self) -> bool:
        """Whether a video was given."""
        return "video" in self.parts

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        """Coefficients of frames ``start <= i < stop``."""
        return self.face_between(start, stop)

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples ``start <= n < stop``."""
        return self.media.sound(start, stop)[0]

    def images(self) -> Iterator[Image]:
        """The pictures, one by one."""
        return self.media.pictures()

    def file(self, modality: Literal["video", "audio", "vector", "text"]) -> Path | None:
        """The video or sound file that was given."""
        found = self.parts.get(modality) if modality in ("video", "audio") else None
        return found if isinstance(found, Path) else None


@dataclass(frozen=True)
class GivenDialogue:
    """Two people, as far as they were given (`omnibench.types.Dialogue`); ``rate`` and ``seconds`` are None where
    nobody says.
    """

    id: str
    speaker: GivenTrack
    listener: GivenTrack
    rate: Fraction | None = None
    seconds: float | None = None

    @property
    def identities(self) -> dict[str, str]:
        """Nobody's."""
        return {}

    @property
    def fps(self) -> Fraction:
        """Frames per second, as said or as the listener's video has it. Raises InputError where nothing tells it."""
        if self.rate is not None:
            return self.rate
        if self.listener.has_video:
            return self.listener.media.rate()
        raise InputError(f"{self.listener.what}: nothing tells its frames per second; say them with fps=25.")

    @property
    def sample_rate(self) -> int:
        """Of both people's sound. Raises MetricError without the listener's, InputError where they differ."""
        rate = self.listener.media.sound(0, 0)[1]
        if self.speaker.has_audio and (other := self.speaker.media.sound(0, 0)[1]) != rate:
            raise InputError(f"{self.speaker.what}: {other} samples per second; expected the listener's {rate}.")
        return rate

    @property
    def duration(self) -> float:
        """Seconds, as said or as the listener's face vectors tell."""
        return float(self.listener.frames / self.fps) if self.seconds is None else self.seconds

    @property
    def frames(self) -> int:
        """Frames of that time."""
        return round(self.duration * self.fps)
