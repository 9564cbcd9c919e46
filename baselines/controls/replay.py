"""Replays a human listener's track, in time with the dialogue that it is played into."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from omnibench.errors import InputError
from omnibench.responder import TimedTrack
from omnibench.types import Audio, DialogueContext, Face, Image, ListenerFrame, SpeakerFrame, Word


class ReplaySession:
    """Answers step ``i`` with what the track does during frame ``i + 1``.

    A track of another frame rate is read at the same moments in time. Where it ends before the dialogue does, its
    last face is held in silence. A word is said when it ends; one that lasts past the track's end ends there, so that
    no word is lost.

    Args:
        track: the human listener.
        context: of the dialogue that is played.
        images: whether to replay the recorded pictures as well.

    Raises:
        InputError: the track has another sample rate than the dialogue.
    """

    def __init__(self, track: TimedTrack, context: DialogueContext, *, images: bool) -> None:
        if track.sample_rate != context.sample_rate:
            raise InputError(
                f"The replayed listener has {track.sample_rate} Hz, the dialogue {context.sample_rate} Hz; "
                "expected one rate."
            )
        self._track, self._context = track, context
        self._images: Iterator[Image] = iter(track.images()) if images and track.has_video else iter(())
        self._images_read = 0
        end = float(track.frames / track.fps)
        clipped = (Word(w.text, min(w.start, end), min(w.end, end)) for w in track.words)
        self._words = deque(sorted(clipped, key=lambda word: word.end))

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The track's next frame."""
        return ListenerFrame(
            face=self._face(frame.index + 1),
            audio=self._audio(frame.index + 1),
            words=self._finished(float((frame.index + 1) / self._context.fps)),
            image=self._image(frame.index + 1),
        )

    def close(self) -> None:
        """Nothing to free."""

    def _source_frame(self, index: int) -> int:
        return int(index * self._track.fps / self._context.fps)

    def _face(self, index: int) -> Face | None:
        source = self._source_frame(index)
        if source >= self._track.frames:
            return None
        face = self._track.face(source, source + 1)[0]
        return face if np.isfinite(face).all() else None

    def _audio(self, index: int) -> Audio | None:
        if not self._track.has_audio:
            return None
        start, stop = (self._context.samples_before(i) for i in (index, index + 1))
        found = self._track.audio(start, stop)
        return np.pad(found, (0, stop - start - len(found)))

    def _image(self, index: int) -> Image | None:
        image = None
        while self._images_read <= self._source_frame(index):
            found = next(self._images, None)
            if found is None:
                return image
            image, self._images_read = found, self._images_read + 1
        return image

    def _finished(self, now: float) -> tuple[Word, ...]:
        words: list[Word] = []
        while self._words and self._words[0].end <= now + 1e-9:
            words.append(self._words.popleft())
        return tuple(words)
