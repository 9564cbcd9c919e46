"""What the report's page shows of one dialogue, gathered from the recording and the predictions."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.features.activity import speech_spans
from omnibench.media.face import index_of
from omnibench.media.renderer import DEFAULT_RENDERER, get_renderer
from omnibench.metrics.face.nods import pitch
from omnibench.predictions.folder import Part, Predictions
from omnibench.predictions.soundness import length_of
from omnibench.report.clips import clip, encoded, playable, strip
from omnibench.report.picture import envelope
from omnibench.types import Audio, Dialogue, Face, Track, Word

EVERY: Final = 0.7
"""Seconds between small pictures, as long as there are no more than `MOST_PICTURES`."""

MOST_PICTURES: Final = 120

CURVES: Final[Mapping[str, tuple[str, Callable[[Face], NDArray[Any]]]]] = {
    "jaw": ("jaw open", lambda face: face[:, index_of("jawOpen")]),
    "smile": ("smile", lambda face: _mean(face, "mouthSmileLeft", "mouthSmileRight")),
    "blink": ("eyes shut", lambda face: _mean(face, "eyeBlinkLeft", "eyeBlinkRight")),
    "brows": ("brows up", lambda face: face[:, index_of("browInnerUp")]),
    "pitch": ("head pitch, °", pitch),
}


_SHOWN: Final[tuple[Part, ...]] = ("text", "audio", "vector", "video", "timing")


@dataclass(frozen=True, slots=True)
class Shown:
    """One dialogue: ``data`` for the page's data block, ``media`` the MP4 of ``speaker`` and ``answer``, ``fault`` why
    the answer is not shown.
    """

    data: dict[str, Any]
    media: dict[str, bytes]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Person:
    words: Sequence[Word]
    audio: tuple[Audio, int] | None
    face: Face | None
    video: Path | None


def show_dialogue(predictions: Predictions, dialogue: Dialogue, folder: Path, media: bool = True) -> Shown:
    """Gather one dialogue.

    Args:
        predictions: holds the answer; any part of it may be missing.
        dialogue: the recording. The human listener is shown beside the answer: as words, sound and face curves.
        folder: for pictures that have to be drawn or encoded first.
        media: whether to make clips and small pictures.

    Raises:
        InputError: a file of the recording cannot be read.
    """
    speaker = _recorded(dialogue, dialogue.speaker, "speaker", folder if media else None)
    fault, steps = "", list[float]()
    try:
        answer = _answered(predictions, dialogue, folder if media else None)
        steps = _steps(predictions.timing(dialogue.id))
    except InputError as error:
        answer, fault = _Person((), None, None, None), str(error)
    human = _recorded(dialogue, dialogue.listener, "listener", None)
    sides = {"speaker": speaker, "answer": answer, "human": human}
    every = max(EVERY, dialogue.duration / MOST_PICTURES)
    status, reason = ("infra_failed", fault) if fault else predictions.status(dialogue.id)
    data: dict[str, Any] = {
        "id": dialogue.id,
        "fps": round(float(dialogue.fps), 4),
        "duration": round(dialogue.duration, 3),
        "every": round(every, 4),
        "status": status,
        "reason": reason,
        "sides": {name: _side(person, dialogue, every, media) for name, person in sides.items()},
        "steps": steps,
    }
    clips = {name: _clip(sides[name]) for name in ("speaker", "answer")} if media else {}
    return Shown(data, {name: content for name, content in clips.items() if content is not None}, fault)


def _recorded(dialogue: Dialogue, track: Track, role: str, folder: Path | None) -> _Person:
    has_face = track.file("vector") is not None
    video: Path | None = None
    if folder is not None:
        video = _video(track.file("video"), dialogue, folder, track.face() if has_face else None, role)
    return _Person(
        track.words,
        (track.audio(), dialogue.sample_rate) if track.has_audio else None,
        track.face() if has_face else None,
        video,
    )


def _answered(predictions: Predictions, dialogue: Dialogue, folder: Path | None) -> _Person:
    length = length_of(dialogue)
    for part in _SHOWN:
        fault = predictions.unread(part) or predictions.doubt(part, dialogue.id)
        if not fault and predictions.contains(part, dialogue.id):
            fault = predictions.unsound(part, dialogue.id, length)
        if fault:
            raise InputError(fault)
    own = predictions.sample(dialogue.id)
    video: Path | None = None
    if folder is not None:
        path = predictions.path("video", dialogue.id)
        video = _video(path if path.is_file() else None, dialogue, folder, own.face, "listener")
    return _Person(own.words or (), own.audio, own.face, video)


def _video(path: Path | None, dialogue: Dialogue, folder: Path, face: Face | None, role: str) -> Path | None:
    """A video that browsers play: the file, or one made of it or of the face."""
    if path is not None and playable(path):
        return path
    if path is not None:
        from omnibench.media.video import read_frames, video_info

        return encoded(read_frames(path), video_info(path).fps, folder)
    if face is None or not np.isfinite(face).all():
        return None
    images = get_renderer(DEFAULT_RENDERER).render(face, dialogue.identities.get(role, ""))
    return encoded(images, dialogue.fps, folder)


def _clip(person: _Person) -> bytes | None:
    audio, rate = person.audio if person.audio is not None else (None, 1)
    return clip(person.video, audio, rate)


def _side(person: _Person, dialogue: Dialogue, every: float, media: bool) -> dict[str, Any]:
    side: dict[str, Any] = {
        "words": [[word.text, round(word.start, 3), round(word.end, 3)] for word in person.words],
        "curves": {} if person.face is None else _curves(person.face, dialogue.fps),
    }
    if person.audio is not None:
        samples, rate = person.audio
        side["speech"] = [[span.start, span.end] for span in speech_spans(samples, rate)]
        _, peaks = envelope(samples, rate, 0.0, dialogue.duration)
        side["wave"] = base64.b64encode(np.rint(peaks * 255).astype(np.uint8).tobytes()).decode()
    if media and person.video is not None:
        times = np.arange(0.0, dialogue.duration, every) + every / 2
        pictures = strip(person.video, times.tolist())
        if pictures is not None:
            side["strip"] = base64.b64encode(pictures).decode()
            side["pictures"] = len(times)
    return side


def _curves(face: Face, fps: Fraction) -> dict[str, list[float | None]]:
    """Curves of at most 30 values a second; None where the face was lost."""
    step = max(1, int(fps / 30 + Fraction(1, 2)))
    found = {}
    for name, (_, curve) in CURVES.items():
        values = curve(face)[::step]
        found[name] = [round(float(value), 3) if np.isfinite(value) else None for value in values]
    return found


def _steps(seconds: NDArray[np.float64] | None) -> list[float]:
    """Milliseconds of each step."""
    return [] if seconds is None else [float(f"{1000 * value:.3g}") for value in seconds]


def _mean(face: Face, left: str, right: str) -> NDArray[Any]:
    both = face[:, index_of(left)] + face[:, index_of(right)]
    return both / 2
