"""What a picture of a dialogue shows, gathered from the recording and the predictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.media.renderer import get_renderer
from omnibench.media.video import read_frames
from omnibench.predictions.folder import Predictions
from omnibench.types import Dialogue, Face, Image, Word


@dataclass(frozen=True, slots=True)
class Side:
    """One person: ``images`` holds one picture for each time step of the scene (fewer or none where there is no
    video)."""

    title: str
    images: tuple[Image, ...]
    words: tuple[Word, ...]
    samples: NDArray[np.float32]
    rate: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Two people from ``start`` to ``stop`` seconds, a picture of each every ``every`` seconds."""

    speaker: Side
    answer: Side
    start: float
    stop: float
    every: float

    @property
    def times(self) -> tuple[float, ...]:
        """The left edge of each picture, seconds."""
        count = int(np.ceil((self.stop - self.start) / self.every - 1e-9))
        return tuple(self.start + i * self.every for i in range(count))


def gather(
    predictions: Predictions, dialogue: Dialogue, title: str, start: float, stop: float | None, every: float
) -> Scene:
    """Read one dialogue's two sides.

    Args:
        predictions: holds the answer.
        dialogue: the recording; only its speaker is shown.
        title: what the answering side is called.
        start: seconds.
        stop: seconds; None or later than the end means the end.
        every: seconds between pictures.

    Raises:
        InputError: the stretch is empty, or neither video nor vectors nor words of the answer are there.
    """
    end = dialogue.duration if stop is None else min(stop, dialogue.duration)
    if not 0 <= start < end:
        raise InputError(f"{dialogue.id}: nothing between {start:g} s and {end:g} s; it lasts {dialogue.duration:g} s.")
    frame = Scene(_NOBODY, _NOBODY, start, end, every)
    wanted = [min(int((t + every / 2) * dialogue.fps), dialogue.frames - 1) for t in frame.times]
    speaker = dialogue.speaker
    side = Side(
        "Speaker",
        tuple(
            _pick(speaker.images(), wanted)
            if speaker.has_video
            else _drawn(speaker.face(), wanted, dialogue.identities.get("speaker", ""))
        ),
        speaker.words,
        speaker.audio() if speaker.has_audio else np.zeros(0, np.float32),
        dialogue.sample_rate,
    )
    return Scene(side, _answer(predictions, dialogue, title, wanted), start, end, every)


_NOBODY = Side("", (), (), np.zeros(0, np.float32), 1)


def _answer(predictions: Predictions, dialogue: Dialogue, title: str, wanted: list[int]) -> Side:
    parts = [part for part in ("text", "audio", "vector", "video") if predictions.contains(part, dialogue.id)]
    if not parts:
        raise InputError(f"{predictions.root}: no answer to {dialogue.id} in it; `omnibench run` makes one.")
    samples, rate = predictions.audio(dialogue.id) if "audio" in parts else (np.zeros(0, np.float32), 1)
    images: Iterable[Image] = ()
    if "video" in parts:
        images = _pick(read_frames(predictions.path("video", dialogue.id)), wanted)
    elif "vector" in parts:
        images = _drawn(predictions.vector(dialogue.id), wanted, dialogue.identities.get("listener", ""))
    words = predictions.words(dialogue.id) if "text" in parts else ()
    return Side(title, tuple(images), words, samples, rate)


def _drawn(face: Face, wanted: list[int], identity: str) -> Iterator[Image]:
    """Those frames of a face, rendered."""
    return get_renderer().render(np.array(face[[min(i, len(face) - 1) for i in wanted]]), identity)


def _pick(images: Iterable[Image], wanted: list[int]) -> Iterator[Image]:
    """The pictures at ascending indices, one by one out of a stream; it ends where the stream ends."""
    stream, position = iter(images), 0
    last: Image | None = None
    for index in wanted:
        last = next(islice(stream, index - position, None), None) if index >= position else last
        if last is None:
            return
        position = max(position, index + 1)
        yield last
