"""One person's files in one dialogue, read when asked for and piece by piece: an 863 s clip is never held in memory.

A modality that a split does not have at all is absent (``has`` is False); one file missing among its fellows is an
error.
"""

from __future__ import annotations

import mmap
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.lengths import disagreement
from omnibench.errors import AbsentError, InputError
from omnibench.files.checked import read_json, read_npy, read_npz
from omnibench.files.names import printable
from omnibench.files.text_records import control_fault
from omnibench.media.face import FACE_DIM, held, lost
from omnibench.types import Audio, Face, Image, Word

Modality = Literal["video", "audio", "vector", "text"]
Role = Literal["speaker", "listener"]
MODALITIES: tuple[Modality, ...] = ("video", "audio", "vector", "text")
ROLES: tuple[Role, ...] = ("speaker", "listener")
ALL_LOST = "no face in any of its {} frames (NaN, infinity or zeros alone); expected one that was seen at least"
ABSENT = "no such file, though others of its kind are there"
_LONG = 256
_FACE_BLOCK = 1024
_MOST_OPEN: Final = 64
"""Tracks with open files, two each: systems let a process open 1,024 files, the board's box 512."""
_LONGEST_SECONDS = 3e7
"""No clip lasts a year; beyond, seconds no longer count frames."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that should be there: the modality exists in the split, this dialogue's file does not, or cannot be told
    by its name for a ``reason``. ``hint`` is what lies there instead.
    """

    expected: Path
    reason: str = ABSENT
    hint: str = ""

    @property
    def error(self) -> InputError:
        """For those who need the file."""
        return InputError(f"{printable(str(self.expected))}: {self.reason}{self.hint}. `omnibench data verify`.")


def read_words(path: Path) -> tuple[Word, ...]:
    """The ``words`` of a text file, in order.

    Raises:
        InputError: naming the first word that is not ``{"text", "start", "end"}`` with ``0 <= start <= end``, or that
            starts before the one ahead of it.
    """
    items = _text_object(path).get("words")
    if not isinstance(items, list):
        raise InputError(f'{path}: field "words": expected a list of {{"text", "start", "end"}} objects.')
    words: list[Word] = []
    for number, item in enumerate(items):
        word, problem = parse_word(item, words[-1].start if words else 0.0)
        if problem is not None:
            raise InputError(f'{path}: field "words[{number}]{problem[0]}": {problem[1]}')
        if word is not None:
            words.append(word)
    return tuple(words)


def parse_word(item: Any, previous_start: float) -> tuple[Word | None, tuple[str, str] | None]:
    """One entry of ``words``: the word if it can be read at all, and (field, problem) if something is wrong with it."""
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        return None, (".text", "expected the word as a string.")
    if fault := control_fault(item["text"]):
        return None, (".text", f"{fault}.")
    times = []
    for key in ("start", "end"):
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LONGEST_SECONDS:
            return None, (f".{key}", f"{value!r} is no time; expected seconds from the clip's start.")
        times.append(float(value))
    word = Word(item["text"], times[0], times[1])
    if word.start < 0:
        return word, (".start", f"{word.start:g} s lies before the clip; expected a time from 0.")
    if word.end < word.start:
        return word, (".end", f'"{word.text}" ends at {word.end:g} s, before its start {word.start:g} s.')
    if word.start < previous_start:
        return word, (
            ".start",
            f'out of order: "{word.text}" starts at {word.start:g} s, the word before it at {previous_start:g} s.',
        )
    return word, None


def read_text(path: Path) -> str:
    """The ``text`` of a text file. Raises InputError when it is not there or no string."""
    text = _text_object(path).get("text")
    if not isinstance(text, str):
        raise InputError(f'{path}: field "text": expected the transcript as one string.')
    if fault := control_fault(text):
        raise InputError(f'{path}: field "text": {fault}.')
    return text


def open_vector(path: Path) -> NDArray[np.floating]:
    """The ``(T, 64)`` coefficients of a vector file, in its own float type: memory-mapped for ``.npy``.

    ``.npz`` files hold them under ``face``, or as their only array. Nothing is unpickled.

    Raises:
        InputError: damaged, pickled, of another shape or not of floats.
    """
    loaded = read_vector(path)
    if loaded.ndim != 2 or loaded.shape[1] != FACE_DIM:
        raise InputError(
            f"{path}: shape {loaded.shape}, expected (T, {FACE_DIM}): 52 blendshapes, then the 3x4 head transform."
        )
    if loaded.dtype.kind != "f":
        raise InputError(f"{path}: type {loaded.dtype}, expected floating point numbers.")
    array: NDArray[np.floating] = loaded
    return array


def read_vector(path: Path) -> NDArray[Any]:
    """The array of a vector file, whatever its shape and type. Raises InputError as `open_vector`."""
    expected = f"(T, {FACE_DIM}) floats, nothing pickled"
    if path.suffix.lower() != ".npz":
        return read_npy(path, expected)
    arrays = read_npz(path, expected)
    if "face" not in arrays and len(arrays) == 1:
        return next(iter(arrays.values()))
    if "face" not in arrays:
        raise InputError(f'{path}: no array "face" in the archive; it holds: {", ".join(arrays) or "nothing"}.')
    return arrays["face"]


class FileTrack:
    """One person's files as a `Track`. Of more than 64 whose files are open, the one that was not asked for longest
    closes its.

    Args:
        files: modality to its file, to `Missing`, or to None where the split does not have that modality.
        fps: asked for only when a length has to be derived from media other than the vectors.
        identity: the renderer identity that draws the pictures where there is no video, or "".
        words: what is said, where it is known from elsewhere than a text file.
    """

    _recent: ClassVar[OrderedDict[weakref.ref[FileTrack], None]] = OrderedDict()

    def __init__(
        self,
        files: Mapping[Modality, Path | Missing | None],
        fps: Callable[[], Fraction],
        identity: str = "",
        words: Iterable[Word] = (),
    ) -> None:
        self._files, self._fps, self.identity, self._words = files, fps, identity, tuple(words)

    def has(self, modality: Modality) -> bool:
        """Whether the split has this modality."""
        return self._files.get(modality) is not None

    @property
    def has_audio(self) -> bool:
        """Whether there is an audio file."""
        return self.has("audio")

    @property
    def has_video(self) -> bool:
        """Whether there is a video file."""
        return self.has("video")

    def path(self, modality: Modality) -> Path:
        """The file of a modality. Raises InputError when there is none."""
        found = self._files.get(modality)
        if found is None:
            raise AbsentError(
                f"This data has no {modality} files, which this command needs; it has: {self._present()}."
            )
        if isinstance(found, Missing):
            raise found.error
        return found

    def file(self, modality: Modality) -> Path | None:
        """The file of a modality; None where the split has none of its kind. Raises InputError for one missing among
        its fellows.
        """
        return self.path(modality) if self.has(modality) else None

    def present(self, modality: Modality) -> Path | None:
        """The file of a modality; None where there is none, though its fellows may be there."""
        found = self._files.get(modality)
        return None if isinstance(found, Missing) else found

    def _present(self) -> str:
        return ", ".join(m for m in MODALITIES if self.has(m)) or "nothing"

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words in order; none where neither a text file nor anybody else tells."""
        return read_words(self.path("text")) if self.has("text") else self._words

    @cached_property
    def text(self) -> str:
        """The transcript; without a text file, the words one after the other."""
        return read_text(self.path("text")) if self.has("text") else " ".join(word.text for word in self._words)

    def _used(self) -> None:
        """Its files are asked for; if too many are open now, the longest unused ones are closed."""
        self._recent.pop(weakref.ref(self), None)
        self._recent[weakref.ref(self)] = None
        while len(self._recent) > _MOST_OPEN:
            longest = self._recent.popitem(last=False)[0]()
            if longest is not None:
                longest.close()

    @cached_property
    def _vector(self) -> NDArray[np.floating]:
        self._used()
        return open_vector(self.path("vector"))

    @cached_property
    def frames(self) -> int:
        """Face vectors ``T``; without vectors the video's frames, without video the audio's length in whole frames."""
        if self.has("vector"):
            return len(self._vector)
        if self.has_video:
            from omnibench.media.video import video_info

            return video_info(self.path("video")).frames
        return int(self.audio_samples * self._fps() / self.audio_rate)

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        """Coefficients ``(stop - start, 64)`` float32, a copy. A face that was lost (NaN, infinity or zeros alone) is
        the last one that was seen, a neutral one before the first.

        Raises:
            InputError: they cannot be read, every one was lost, or they do not last as long as the person's other
                files.
        """
        self._on_the_clock  # noqa: B018 asked for once: vectors of another rate are nobody's face at any time
        self._used()
        piece = np.array(self._vector[start:stop], dtype=np.float32)
        pages = self._vector.base
        if isinstance(pages, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED") and len(piece) >= _LONG:
            # Else the pages of a long clip would stay in memory with the mapping.
            pages.madvise(mmap.MADV_DONTNEED)
        gone = lost(piece)
        if not gone.any():
            return piece
        return held(piece, self._seen_before(start) if gone[0] else None)

    def first_face(self) -> Face:
        """The first face ``(64,)`` that was not lost. Raises InputError where every one was."""
        return np.array(self._vector[self._first_seen], np.float32)

    @cached_property
    def _first_seen(self) -> int:
        for start in range(0, len(self._vector), _FACE_BLOCK):
            seen = np.flatnonzero(~lost(self._vector[start : start + _FACE_BLOCK]))
            if len(seen):
                return start + int(seen[0])
        raise InputError(f"{self.path('vector')}: {ALL_LOST.format(len(self._vector))}.")

    def _seen_before(self, frame: int) -> Face | None:
        """The last face seen before a frame; None where that was none yet."""
        for stop in range(frame if self._first_seen < frame else 0, 0, -_FACE_BLOCK):
            start = max(0, stop - _FACE_BLOCK)
            seen = np.flatnonzero(~lost(self._vector[start:stop]))
            if len(seen):
                return np.array(self._vector[start + int(seen[-1])], np.float32)
        return None

    @cached_property
    def _on_the_clock(self) -> None:
        if self.present("vector") and (self.present("video") or self.present("audio")):
            self.require_one_length(self._fps())

    def require_one_length(self, fps: Fraction) -> None:
        """Raises InputError where vectors, pictures and sound do not last alike at ``fps``
        (`omnibench.datasets.lengths`).
        """
        from omnibench.media.video import video_info

        video, audio, vector = (self.present(part) for part in ("video", "audio", "vector"))
        found = disagreement(
            fps,
            None if vector is None else self.frames,
            None if video is None else video_info(video).frames,
            None if audio is None else Fraction(self.audio_samples, self.audio_rate),
        )
        if found is not None:
            raise InputError(f"{self.path(found[0])}: {found[1]}")

    @cached_property
    def _audio(self) -> Any:
        from omnibench.media.audio import AudioReader

        self._used()
        return AudioReader(self.path("audio"))

    @cached_property
    def audio_rate(self) -> int:
        """Samples per second of the audio file."""
        rate: int = self._audio.info.sample_rate
        return rate

    @cached_property
    def audio_samples(self) -> int:
        """Length of the audio file in samples."""
        samples: int = self._audio.info.samples
        return samples

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples ``start <= n < stop`` as float32; past the end the slice is shorter."""
        self._used()
        samples: Audio = self._audio.read(start, stop)
        return samples

    def images(self) -> Iterator[Image]:
        """The video's pictures one by one; drawn from the vectors where there is an identity but no video."""
        if self.has_video or not self.identity:
            from omnibench.media.video import read_frames

            yield from read_frames(self.path("video"))
            return
        from omnibench.media.renderer import get_renderer

        yield from get_renderer().render(self.face(), self.identity)

    def close(self) -> None:
        """Close the files; they open again when asked."""
        self._recent.pop(weakref.ref(self), None)
        self.__dict__.pop("_vector", None)
        reader = self.__dict__.pop("_audio", None)
        if reader is not None:
            reader.close()


def _text_object(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(f'{path}: expected an object with "text" and "words", found {type(content).__name__}.')
    return content
