"""Checks a data set of which nothing is known but that it is one: reads all of every dialogue, as a run would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from omnibench.datasets.base import DataSet
from omnibench.datasets.checks import HELD, Problem, Severity, lost_faces
from omnibench.errors import InputError
from omnibench.media.face import FACE_DIM, lost
from omnibench.types import Dialogue, Track, samples_before

_FRAMES = 1024


def read_through(data: DataSet, splits: Iterable[str], on_dialogue: Callable[[str], None]) -> list[Problem]:
    """Everything that cannot be read, or is not as the vocabulary has it; ``file`` is ``split/dialogue``, ``field`` the
    person and the part. ``on_dialogue`` is called with each id as its check begins.
    """
    problems: list[Problem] = []
    for split in splits:
        for dialogue_id in data.ids(split):
            on_dialogue(dialogue_id)
            found = list(_of_dialogue(data, split, dialogue_id))
            for field, message in found:
                severity: Severity = "warning" if message.endswith(HELD) else "error"
                problems.append(Problem(severity, f"{split}/{dialogue_id}", field, message))
    return problems


def _of_dialogue(data: DataSet, split: str, dialogue_id: str) -> Iterator[tuple[str, str]]:
    try:
        dialogue = data.dialogue(split, dialogue_id)
        rate, seconds = dialogue.sample_rate, dialogue.duration
    except InputError as error:
        yield "", str(error)
        return
    if not dialogue.frames or not rate:
        yield "", f"{dialogue.frames} frames, {rate} samples a second; expected more than none"
    for role, track in (("speaker", dialogue.speaker), ("listener", dialogue.listener)):
        checks = {"words": _words, "face": _face, "audio": _audio, "video": _video}
        for part, check in checks.items():
            try:
                problem = check(track, dialogue, seconds)
            except InputError as error:
                problem = str(error)
            if problem:
                yield f"{role}.{part}", problem


def _words(track: Track, _: Dialogue, seconds: float) -> str:
    starts = [word.start for word in track.words]
    if starts != sorted(starts):
        return "not in the order of their starts"
    wrong = next((word for word in track.words if not 0 <= word.start <= word.end <= seconds + 1), None)
    return "" if wrong is None else f'"{wrong.text}" is from {wrong.start:g} to {wrong.end:g} s of {seconds:g} s'


def _face(track: Track, _: Dialogue, __: float) -> str:
    if track.file("vector") is None:
        return ""
    gone = 0
    for start in range(0, track.frames, _FRAMES):
        block = track.face(start, start + _FRAMES)
        if block.ndim != 2 or block.shape[1] != FACE_DIM:
            return f"shape {block.shape}, expected (T, {FACE_DIM})"
        gone += int(lost(block).sum())
    return lost_faces(gone, track.frames)


def _audio(track: Track, dialogue: Dialogue, _: float) -> str:
    if not track.has_audio:
        return ""
    for index in range(0, dialogue.frames, _FRAMES):
        start, stop = (samples_before(i, dialogue.fps, dialogue.sample_rate) for i in (index, index + _FRAMES))
        if not np.isfinite(track.audio(start, stop)).all():
            return f"NaN or infinite between samples {start} and {stop}"
    return ""


def _video(track: Track, _: Dialogue, __: float) -> str:
    path = track.file("video") if track.has_video else None
    if path is None:
        return "no picture" if track.has_video and next(iter(track.images()), None) is None else ""
    from omnibench.media.video import decoded_notes

    decoded_notes(path, hurry=True)
    return ""
