"""The vocabulary: what a listener sees, what it answers, and the two people of a dialogue. numpy only.

Source: task definition, OmniResponse (NeurIPS 2025) section 3. Time is in seconds from the clip's start; frame ``i``
covers ``[i / fps, (i + 1) / fps)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Face = NDArray[np.float32]
Audio = NDArray[np.float32]
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word with its punctuation; ``start`` and ``end`` in seconds, ``start <= end``."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class SpeakerFrame:
    """What the speaker did during video frame ``index``: all a listener may know of that frame.

    ``face`` is ``(64,)``; ``audio`` holds the ``samples_before(i + 1) - samples_before(i)`` samples of exactly this
    frame, float32 in [-1, 1]; ``words`` are those that ended in it (later under ``--transcript delayed:MS``); ``image``
    is ``(H, W, 3)`` uint8 for models whose card asks for it, else None.
    """

    index: int
    face: Face
    audio: Audio
    words: tuple[Word, ...] = ()
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class ListenerFrame:
    """The answer to one speaker frame. Any part may be None; it plays from the next frame on.

    ``face`` is ``(64,)`` or ``(k, 64)``, ``audio`` has any length at the session's rate, ``image`` is ``(H, W, 3)`` or
    ``(k, H, W, 3)`` uint8: all are queues. ``words`` are finished words; an end in the future is an error.
    """

    face: Face | None = None
    audio: Audio | None = None
    words: tuple[Word, ...] = ()
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class DialogueContext:
    """What a listener may know before the first frame. Nothing else of the human listener ever reaches a model.

    ``history`` holds earlier (role, text) turns, role ``"speaker"`` or ``"listener"``; ``portrait`` is ``(H, W, 3)``
    uint8; ``voice_reference`` is float32 at ``sample_rate``, of the same person in other dialogues
    (``voice_reference_is_own_clip`` otherwise); ``initial_face`` is ``(64,)``.
    """

    dialogue: str
    fps: Fraction
    sample_rate: int
    seed: int
    instruction: str = ""
    history: tuple[tuple[str, str], ...] = ()
    portrait: Image | None = None
    voice_reference: Audio | None = None
    voice_reference_is_own_clip: bool = False
    initial_face: Face | None = None
    identity: str = ""

    def samples_before(self, frame: int) -> int:
        """Audio samples that precede frame ``frame``: ``round(frame * sample_rate / fps)``, halves to even."""
        return samples_before(frame, self.fps, self.sample_rate)


def samples_before(frame: int, fps: Fraction, sample_rate: int) -> int:
    """Audio samples before frame ``frame``, exact in rational arithmetic, so that no drift builds up over a long
    clip.
    """
    return round(frame * sample_rate / fps)


class Track(Protocol):
    """One person in one dialogue; every part is read when asked for, and long media piece by piece."""

    @property
    def frames(self) -> int:
        """Number of face vectors ``T``."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words in order of their start."""

    @property
    def text(self) -> str:
        """The transcript as one string, as the text metrics use it."""

    @property
    def has_audio(self) -> bool:
        """Whether an audio file is there."""

    @property
    def has_video(self) -> bool:
        """Whether a video file is there."""

    def face(self, start: int = 0, stop: int | None = None) -> Face:
        """Coefficients ``(stop - start, 64)`` float32 of frames ``start <= i < stop``."""

    def audio(self, start: int = 0, stop: int | None = None) -> Audio:
        """Samples ``start <= n < stop`` as float32 in [-1, 1] at the dialogue's rate; past the end the slice is
        shorter.
        """

    def images(self) -> Iterator[Image]:
        """The decoded pictures ``(H, W, 3)`` uint8, one by one."""

    def file(self, modality: Literal["video", "audio", "vector", "text"]) -> Path | None:
        """The file that a part comes from, where there is one: for the score stage, never for a model."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """What the speaker does instead from the moment on in which the listener has been heard: an interruption, say.

    The clock counts the blocks of 10 ms of the listener's sound that begin at ``since`` seconds or later and reach
    ``level`` dBFS (RMS). Once they add up to ``heard`` seconds, ``speaker`` takes the speaker's place from the next
    frame on. A frame that begins after ``until`` seconds is too late: the clip goes on as it was recorded.
    """

    speaker: Track
    heard: float
    level: float
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Two people, one clip. ``frames`` is what both tracks have; ``identities`` maps a role to a renderer identity;
    ``insertion`` is what the speaker does once the listener was heard, where the recording depends on that.
    """

    id: str
    fps: Fraction
    sample_rate: int
    speaker: Track
    listener: Track
    identities: dict[str, str] = field(default_factory=dict)
    insertion: Insertion | None = None

    @property
    def frames(self) -> int:
        """Frames that are played: the length of the shorter track."""
        return min(self.speaker.frames, self.listener.frames)

    @property
    def duration(self) -> float:
        """Seconds of those frames."""
        return float(self.frames / self.fps)
