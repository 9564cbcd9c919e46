"""What can be wrong inside one file of a data set. Each check reads in blocks and reports everything it finds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.tracks import ALL_LOST, open_vector, parse_word
from omnibench.errors import InputError
from omnibench.files.checked import read_json
from omnibench.files.names import printable
from omnibench.files.text_records import control_fault
from omnibench.media.face import BLENDSHAPES, EXPRESSION, lost, rotation
from omnibench.types import Word

Severity = Literal["error", "warning"]
HELD: Final = "; the last one seen is held"
_VECTOR_BLOCK: Final = 4096
_AUDIO_BLOCK: Final = 1 << 18
_ORTHOGONAL_WITHIN: Final = 0.05
_SHAPE_RANGE_SLACK: Final = 0.02


@dataclass(frozen=True, slots=True)
class Problem:
    """``file`` relative to the data set, ``field`` in it or "", ``message``: what is there and what should be."""

    severity: Severity
    file: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that could be read: ``count`` units at ``rate`` per second (None for vectors, which carry none)."""

    path: Path
    count: int
    rate: Fraction | None


class FileChecker:
    """Checks files below ``root`` and collects the problems."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def add(self, severity: Severity, path: Path, field: str, message: str) -> None:
        """Note one problem."""
        name = printable(path.relative_to(self.root).as_posix())
        self.problems.append(Problem(severity, name, field, message))

    def text(self, path: Path) -> tuple[Word, ...] | None:
        """Check a text file word by word; the words that can be read, or None where the file cannot."""
        try:
            content = read_json(path)
        except InputError as error:
            self._unreadable(path, error)
            return None
        if not isinstance(content, dict):
            self.add("error", path, "", f'expected an object with "text" and "words", found {type(content).__name__}')
            return None
        if not isinstance(content.get("text"), str):
            self.add("error", path, "text", "expected the transcript as one string")
        elif fault := control_fault(content["text"]):
            self.add("error", path, "text", fault)
        if not isinstance(content.get("words"), list):
            self.add("error", path, "words", 'expected a list of {"text", "start", "end"} objects')
            return None
        words = self._words(path, content["words"])
        self._same_transcript(path, content.get("text"), words)
        return words

    def vector(self, path: Path) -> Medium | None:
        """Check coefficients block by block; their number, or None where the file cannot be read."""
        try:
            array = open_vector(path)
        except InputError as error:
            self._unreadable(path, error)
            return None
        if len(array) == 0:
            self.add("error", path, "", "no frames; expected (T, 64) with T > 0")
        bad = {kind: _Frames() for kind in ("lost", "rotation", "trailing", "leading", "range")}
        columns = np.zeros(len(BLENDSHAPES), np.bool_)
        for start in range(0, len(array), _VECTOR_BLOCK):
            block = np.asarray(array[start : start + _VECTOR_BLOCK], np.float64)
            seen = ~lost(block)
            bad["lost"].mark(start, ~seen)
            whole = np.where(seen[:, None], block, 0.0)
            skewed = seen & ~is_rotation(rotation(whole.astype(np.float32)))
            bad["rotation"].mark(start, skewed)
            bad["trailing"].mark(start, skewed & is_rotation(whole[:, 52:61].reshape(-1, 3, 3)))
            bad["leading"].mark(start, skewed & is_rotation(whole[:, (0, 1, 2, 4, 5, 6, 8, 9, 10)].reshape(-1, 3, 3)))
            shapes = whole[:, EXPRESSION]
            outside = (shapes < -_SHAPE_RANGE_SLACK) | (shapes > 1 + _SHAPE_RANGE_SLACK)
            bad["range"].mark(start, np.asarray(outside.any(axis=1)))
            columns |= np.asarray(outside.any(axis=0))
        self._vector_problems(path, len(array), bad, columns)
        return Medium(path, len(array), None)

    def audio(self, path: Path) -> Medium | None:
        """Decode a whole track block by block; its samples and rate, or None where it cannot be read."""
        from omnibench.media.audio import AudioReader

        peak = 0.0
        try:
            with AudioReader(path) as reader:
                total = reader.info.samples
                for start in range(0, total, _AUDIO_BLOCK):
                    peak = max(peak, float(np.abs(reader.read(start, start + _AUDIO_BLOCK)).max(initial=0)))
                floats = reader.info.encoding in ("FLOAT", "DOUBLE")
        except InputError as error:
            self._unreadable(path, error)
            return None
        if floats and peak > 1:
            message = f"floats up to {peak:.3g}, beyond full scale; they are read as they are, and clipped when written"
            self.add("warning", path, "samples", message)
        if total == 0:
            self.add("error", path, "samples", "no samples; expected the person's track, silent where they are silent")
        return Medium(path, total, Fraction(reader.info.sample_rate))

    def video(self, path: Path) -> Medium | None:
        """Decode a whole video; frames and rate, or None where it cannot be read."""
        from omnibench.media.video import decoded_notes, video_info

        try:
            info = video_info(path)
            found, notes = decoded_notes(path, hurry=True)
        except InputError as error:
            self._unreadable(path, error)
            return None
        for note in notes:
            self.add("warning", path, "", note)
        return Medium(path, found, info.fps)

    def _unreadable(self, path: Path, error: InputError) -> None:
        message = str(error).removeprefix(f"{path}: ")
        self.add("error", path, "", message)

    def _words(self, path: Path, items: list[Any]) -> tuple[Word, ...]:
        words: list[Word] = []
        for number, item in enumerate(items):
            word, problem = parse_word(item, words[-1].start if words else 0.0)
            if problem is not None:
                self.add("error", path, f"words[{number}]{problem[0]}", problem[1])
            if word is not None:
                if not word.text.strip():
                    self.add("warning", path, f"words[{number}].text", "empty word")
                words.append(word)
        return tuple(words)

    def _same_transcript(self, path: Path, text: Any, words: tuple[Word, ...]) -> None:
        if isinstance(text, str) and "".join(text.split()) != "".join("".join(w.text.split()) for w in words):
            self.add(
                "warning",
                path,
                "text",
                "is not what the words say one after the other; metrics read text, models words",
            )

    def _vector_problems(self, path: Path, total: int, bad: dict[str, _Frames], columns: NDArray[np.bool_]) -> None:
        if message := lost_faces(bad["lost"].count, total):
            self.add("warning" if message.endswith(HELD) else "error", path, bad["lost"].field, message)
        if bad["range"].count:
            names = ", ".join(BLENDSHAPES[i] for i in np.flatnonzero(columns)[:4])
            self.add(
                "warning", path, bad["range"].field, f"blendshapes outside [0, 1] in {bad['range']} of {total}: {names}"
            )
        skewed = bad["rotation"]
        if not skewed.count:
            return
        guess = ""
        if bad["trailing"].count == skewed.count:
            guess = "; the 12 values look like column-major (52-60 alone are a rotation), expected row-major [R | t]"
        elif bad["leading"].count == skewed.count:
            guess = "; columns 0-11 look like the head transform, expected 52 blendshapes first"
        self.add(
            "warning", path, skewed.field, f"rotation rows not orthogonal up to scale in {skewed} of {total}{guess}"
        )


def lost_faces(count: int, total: int) -> str:
    """What there is to say of frames whose face was lost: of all it is an error, of some (`HELD`) a warning."""
    if not count or not total:
        return ""
    if count == total:
        return ALL_LOST.format(total)
    return f"the face is lost in {count} of {total} frames (NaN, infinity or zeros alone){HELD}"


@dataclass
class _Frames:
    """Counts frames and remembers the first."""

    count: int = 0
    first: int = 0

    def mark(self, start: int, hit: NDArray[np.bool_]) -> None:
        if not hit.any():
            return
        if not self.count:
            self.first = start + int(np.flatnonzero(hit)[0])
        self.count += int(hit.sum())

    @property
    def field(self) -> str:
        return f"[{self.first}]"

    def __str__(self) -> str:
        return f"{self.count} frame{'s' if self.count != 1 else ''}"


def is_rotation(matrices: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of ``(N, 3, 3)`` matrices are a rotation times a positive scale, rows orthogonal within 5 %."""
    gram = matrices.astype(np.float64) @ matrices.astype(np.float64).transpose(0, 2, 1)
    scale = np.trace(gram, axis1=1, axis2=2) / 3
    safe = np.where(scale > 0, scale, 1.0)
    deviation = np.abs(gram / safe[:, None, None] - np.eye(3)).max(axis=(1, 2))
    near: NDArray[np.bool_] = (scale > 1e-8) & (deviation <= _ORTHOGONAL_WITHIN) & (np.linalg.det(matrices) > 0)
    return near
