"""Conditions of the picture: a camera that is lost, frames that are dropped or late."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from omnibench.conditions.base import Damage
from omnibench.conditions.gaps import Stretches
from omnibench.media.face import neutral_face
from omnibench.types import Audio, Dialogue, SpeakerFrame


@dataclass(frozen=True, slots=True)
class CameraLost:
    """No camera for ``seconds`` of every ten: the picture is black, and the face is lost, so that the last one that was
    seen is held, a neutral one before the first.
    """

    seconds: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        gone, seen = Stretches(self.seconds, rng), neutral_face()

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal seen
            if not gone.hold(float(frame.index / dialogue.fps)):
                seen = frame.face.copy()
                return frame
            image = None if frame.image is None else np.zeros_like(frame.image)
            return replace(frame, face=seen.copy(), image=image)

        return damage


@dataclass(frozen=True, slots=True)
class FramesDropped:
    """Each frame's picture and face is lost with the chance ``share``, and the one before is held. The first comes."""

    share: float

    def on(self, _: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        shown: SpeakerFrame | None = None

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal shown
            dropped = rng.random() < self.share
            shown = shown if dropped and shown is not None else frame
            return seen_as(frame, shown)

        return damage


@dataclass(frozen=True, slots=True)
class FramesLate:
    """The picture and the face lag ``delay_ms`` behind the sound, each frame a ``jitter`` of it more or less; none is
    shown after a later one.
    """

    delay_ms: float
    jitter: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        under_way: deque[SpeakerFrame] = deque()

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            under_way.append(frame)
            lag = self.delay_ms / 1000 * (1 + self.jitter * rng.uniform(-1, 1))
            while under_way[0].index < frame.index - round(lag * dialogue.fps):
                under_way.popleft()
            return seen_as(frame, under_way[0])

        return damage


def seen_as(frame: SpeakerFrame, shown: SpeakerFrame) -> SpeakerFrame:
    """A frame with the face and the picture of another, in memory of its own."""
    return replace(frame, face=shown.face.copy(), image=None if shown.image is None else shown.image.copy())
