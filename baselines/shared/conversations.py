"""Dialogues as a listener model is trained on them: what the other person did, frame by frame, and one's own face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from baselines.shared.speech_features import stream_features
from omnibench.datasets.frames import speaker_frames
from omnibench.datasets.transcript import Transcript
from omnibench.errors import InputError
from omnibench.system.progress import Ticker
from omnibench.types import Audio, Dialogue, Face, Word

if TYPE_CHECKING:
    from torch import Tensor

    from omnibench.datasets.base import DataSet

Role = Literal["listener", "speaker"]
ROLES: Final[tuple[Role, Role]] = ("listener", "speaker")


@dataclass(frozen=True, slots=True)
class Side:
    """A dialogue as one of its people lives it, in ``T`` frames.

    ``own`` and ``other`` are faces ``(T, 64)``; ``heard`` holds the other's samples of each frame, ``words`` the
    other's words that ended in it. ``audio`` is one's own track (empty where there is none), at ``sample_rate``.
    """

    dialogue: str
    role: Role
    fps: Fraction
    sample_rate: int
    own: Face
    other: Face
    heard: tuple[Audio, ...]
    words: tuple[tuple[Word, ...], ...]
    audio: Audio

    @property
    def steps(self) -> int:
        """Frames with a frame after them to answer for."""
        return len(self.own) - 1


def load_sides(
    dataset: DataSet,
    split: str,
    roles: Sequence[Role] = ROLES,
    on_dialogue: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Side]:
    """Every dialogue of a split as the people of ``roles`` live it; those of a single frame are left out.

    Raises:
        InputError: no dialogue is long enough to learn from.
    """
    names = dataset.ids(split)
    sides = []
    for done, name in enumerate(names):
        dialogue = dataset.dialogue(split, name)
        if dialogue.frames > 1:
            sides += [_side(dialogue, role) for role in roles]
        on_dialogue(done + 1, len(names))
    if not sides:
        raise InputError(f"{dataset.name}: no dialogue of the split {split} is longer than one frame.")
    return sides


def _side(dialogue: Dialogue, role: Role) -> Side:
    me, you = dialogue.listener, dialogue.speaker
    if role == "speaker":
        me, you = you, me
    view = Dialogue(dialogue.id, dialogue.fps, dialogue.sample_rate, you, me)
    frames = list(speaker_frames(view, Transcript(), images=False))
    return Side(
        dialogue=dialogue.id,
        role=role,
        fps=dialogue.fps,
        sample_rate=dialogue.sample_rate,
        own=without_gaps(me.face(0, len(frames))),
        other=np.stack([frame.face for frame in frames]),
        heard=tuple(frame.audio for frame in frames),
        words=tuple(frame.words for frame in frames),
        audio=me.audio() if me.has_audio else np.zeros(0, np.float32),
    )


def without_gaps(faces: Face) -> Face:
    """Faces ``(T, 64)`` with those that the tracker lost (NaN) held from the one before; from the first one, ahead of
    it; zeros where there is none at all.
    """
    found = np.isfinite(faces).all(axis=1)
    if not found.any():
        return np.zeros(faces.shape, np.float32)
    last = np.maximum.accumulate(np.where(found, np.arange(len(faces)), -1))
    kept = np.where(last < 0, int(np.argmax(found)), last)
    return np.ascontiguousarray(faces[kept], dtype=np.float32)


def training_roles(swap: float) -> tuple[Role, ...]:
    """The roles that a training with this share of swapped windows needs."""
    return ROLES if swap > 0 else ROLES[:1]


def all_faces(sides: Sequence[Side]) -> Face:
    """One's own faces of all sides, ``(n, 64)``."""
    return np.concatenate([side.own for side in sides])


def heard_features(label: str, sides: Sequence[Side]) -> list[Tensor]:
    """Speech features ``(T, 45)`` of the other person, side by side."""
    import torch

    found = []
    with Ticker(f"speech features of {label}", len(sides), "track", leave=True) as progress:
        for side in sides:
            found.append(torch.from_numpy(stream_features(side.heard, side.sample_rate)))
            progress.advance()
    return found


@dataclass(frozen=True, slots=True)
class Window:
    """Steps ``start <= i < stop`` of a side: inputs of these frames, targets one frame later."""

    side: int
    start: int
    stop: int


class Windows:
    """Cuts windows of equal length out of sides, longer sides more often; shorter ones are never drawn.

    Raises:
        InputError: no side is long enough.
    """

    def __init__(self, sides: Sequence[Side], frames: int, swap: float) -> None:
        self.sides, self._frames, self._swap = sides, frames, swap
        long_enough = [i for i, side in enumerate(sides) if side.steps >= frames]
        self._own = {role: [i for i in long_enough if sides[i].role == role] for role in ROLES}
        if not self._own["listener"]:
            raise InputError(
                f"No dialogue has {frames + 1} frames, as training.frames needs. Give a smaller one, like "
                f"`--set training.frames={max(side.steps for side in sides)}`."
            )

    def draw(self, generator: np.random.Generator, count: int) -> list[Window]:
        """``count`` windows, each with the roles swapped at the chance ``swap``."""
        return [self._one(generator) for _ in range(count)]

    def _one(self, generator: np.random.Generator) -> Window:
        found = self._own["speaker" if generator.random() < self._swap else "listener"]
        room: NDArray[np.float64] = np.array([self.sides[i].steps - self._frames + 1 for i in found], dtype=np.float64)
        side = found[int(generator.choice(len(found), p=room / room.sum()))]
        start = int(generator.integers(self.sides[side].steps - self._frames + 1))
        return Window(side, start, start + self._frames)

    def tiling(self, count: int) -> list[list[Window]]:
        """All listeners cut into neighbouring windows, in batches of at most ``count``."""
        found = [
            Window(i, start, start + self._frames)
            for i in self._own["listener"]
            for start in range(0, self.sides[i].steps - self._frames + 1, self._frames)
        ]
        return [found[i : i + count] for i in range(0, len(found), count)]
