"""The human listener as a camera saw them: coefficients read from their pictures, for answers whose own were read, too.

A tracker has a resting face and a scale of its own; read on both sides, they cancel out.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

from omnibench.errors import InputError
from omnibench.features.media import listener_media
from omnibench.features.reading import read_faces
from omnibench.features.store import FeatureStore
from omnibench.media.landmarker import landmarker_name
from omnibench.types import Audio, Dialogue, Face, Image, Word


class ReadListener:
    """The listener's `omnibench.types.Track` with `face` read back, when asked, and all else as it is.

    Args:
        dialogue: whose listener it is.
        reader: what read the answers' faces (`omnibench.media.landmarker.landmarker_name`).
        features: keeps what is read.
    """

    def __init__(self, dialogue: Dialogue, reader: str, features: FeatureStore) -> None:
        self._dialogue, self._reader, self._features = dialogue, reader, features
        self._track = dialogue.listener

    @cached_property
    def _faces(self) -> Face:
        if (here := landmarker_name()) != self._reader:
            raise InputError(
                f"the answers' faces were read by {self._reader}, here is {here}: score again --from media"
            )
        return read_faces(listener_media(self._dialogue), self._features)[0]

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        """Coefficients ``(stop - start, 64)`` by the pictures. Raises as `omnibench.features.reading.read_faces`, and
        InputError where another reader is installed than the answers' own.
        """
        return self._faces[start:stop]

    @property
    def frames(self) -> int:
        """Those of the track."""
        return self._track.frames

    @property
    def words(self) -> tuple[Word, ...]:
        """Those of the data set."""
        return self._track.words

    @property
    def text(self) -> str:
        """That of the data set."""
        return self._track.text

    @property
    def has_audio(self) -> bool:
        """Whether an audio file is there."""
        return self._track.has_audio

    @property
    def has_video(self) -> bool:
        """Whether a video file is there."""
        return self._track.has_video

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples as the track has them."""
        return self._track.audio(start, stop)

    def images(self) -> Iterator[Image]:
        """Pictures as the track has them."""
        return self._track.images()

    def file(self, modality: Literal["video", "audio", "vector", "text"]) -> Path | None:
        """The file that a part comes from."""
        return self._track.file(modality)


class SeenDialogue(Dialogue):
    """A dialogue whose listener is a `ReadListener`; arguments as its. All else is asked of the dialogue itself."""

    def __init__(self, dialogue: Dialogue, reader: str, features: FeatureStore) -> None:
        for name in ("id", "speaker", "identities", "insertion"):
            object.__setattr__(self, name, getattr(dialogue, name))
        object.__setattr__(self, "listener", ReadListener(dialogue, reader, features))
        self.__dict__["_source"] = dialogue

    @cached_property
    def fps(self) -> Fraction:
        """Frames per second. Raises as the dialogue's own."""
        return self.__dict__["_source"].fps

    @cached_property
    def sample_rate(self) -> int:
        """Samples per second. Raises as the dialogue's own."""
        return self.__dict__["_source"].sample_rate
