"""The oracle that controls are given: human listener tracks under the same opaque names that contexts carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from omnibench.runner.context import opaque_id
from omnibench.types import Audio, Face, Image, Track, Word

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


@dataclass(frozen=True, slots=True)
class OracleTrack:
    """A human listener's track with its time base; ``frames`` are those of the dialogue, which both people have."""

    track: Track
    fps: Fraction
    sample_rate: int
    frames: int

    @property
    def words(self) -> tuple[Word, ...]:
        """The words in order of their start."""
        return self.track.words

    @property
    def text(self) -> str:
        """The transcript."""
        return self.track.text

    @property
    def has_audio(self) -> bool:
        """Whether an audio file is there."""
        return self.track.has_audio

    @property
    def has_video(self) -> bool:
        """Whether a video file is there."""
        return self.track.has_video

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        """Coefficients ``(stop - start, 64)``."""
        return self.track.face(start, stop)

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples at ``sample_rate``."""
        return self.track.audio(start, stop)

    def images(self) -> Iterator[Image]:
        """The recorded pictures."""
        return self.track.images()

    def file(self, modality: Literal["video", "audio", "vector", "text"]) -> Path | None:
        """The recorded file of a part."""
        return self.track.file(modality)


class SplitOracle:
    """All human listeners of one split."""

    def __init__(self, dataset: DataSet, split: str, seed: int) -> None:
        self._dataset, self._split = dataset, split
        self._by_name = {opaque_id(dialogue, seed): dialogue for dialogue in dataset.ids(split)}
        self.ids = tuple(self._by_name)

    def listener(self, dialogue: str) -> OracleTrack:
        """The human listener of a dialogue, by opaque id. Raises KeyError for a name that is none."""
        recording = self._dataset.dialogue(self._split, self._by_name[dialogue])
        return OracleTrack(recording.listener, recording.fps, recording.sample_rate, recording.frames)
