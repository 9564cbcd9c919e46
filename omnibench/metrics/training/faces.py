"""Faces to train on: every track of mini's train split drawn once, small, and kept as uint8.

Listeners are drawn as themselves, speakers as people who are in no data set, so that the networks see many faces. The
pictures are drawn at half the size that metrics see (three times as fast); both are shrunk to the same input. Val
tracks are drawn as metrics see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from omnibench.datasets.opening import open_dataset
from omnibench.files.atomic import atomic_path
from omnibench.media.area import AreaShrink, Box
from omnibench.media.renderer import get_renderer
from omnibench.metrics.lips.syncnet_mini import LIPS, LIPS_RATE, LIPS_SIZE, picked
from omnibench.types import Audio, Dialogue, Face

Split = Literal["train", "val"]

WHOLE: Final = Box(0.0, 1.0, 0.0, 1.0)
PICTURE_SIZE: Final = 64
_DRAWN: Final[dict[Split, int]] = {"train": 128, "val": 256}


@dataclass(frozen=True, slots=True)
class DrawnTrack:
    """One person in one dialogue, at 25 pictures a second.

    ``person`` is who was drawn; ``lips`` ``(n, 48, 48)`` and ``pictures`` ``(n // 2, 64, 64, 3)`` uint8, the latter at
    12.5 a second; ``face`` ``(n, 64)``; ``audio`` at 16 kHz.
    """

    dialogue: str
    person: str
    lips: NDArray[np.uint8]
    pictures: NDArray[np.uint8]
    face: Face
    audio: Audio


def drawn_tracks(split: Split, cache: Path, dialogues: int | None = None) -> Iterator[DrawnTrack]:
    """Both people of the first ``dialogues`` dialogues of a split of mini (all unless given), drawn or as kept in
    ``cache``.
    """
    data = open_dataset("mini")
    for name in data.ids(split)[:dialogues]:
        dialogue = data.dialogue(split, name)
        yield _drawn(dialogue, "listener", dialogue.identities["listener"], split, cache)
        stranger = f"stranger-{name}" if split == "train" else dialogue.identities["speaker"]
        yield _drawn(dialogue, "speaker", stranger, split, cache)


def _drawn(
    dialogue: Dialogue, role: Literal["speaker", "listener"], person: str, split: Split, cache: Path
) -> DrawnTrack:
    track = dialogue.listener if role == "listener" else dialogue.speaker
    face = track.face()[picked(track.frames, dialogue.fps, LIPS_RATE)]
    path = cache / split / f"{dialogue.id}-{role}.npz"
    if not path.is_file():
        lips, pictures = _draw(face, person, _DRAWN[split])
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, lips=lips, pictures=pictures)
    with np.load(path, allow_pickle=False) as kept:
        return DrawnTrack(dialogue.id, person, kept["lips"], kept["pictures"], face, track.audio())


def _draw(face: Face, person: str, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    mouth, whole = AreaShrink(size, size, LIPS, LIPS_SIZE), AreaShrink(size, size, WHOLE, PICTURE_SIZE)
    lips = np.empty((len(face), LIPS_SIZE, LIPS_SIZE), np.uint8)
    pictures = np.empty((len(face) // 2, PICTURE_SIZE, PICTURE_SIZE, 3), np.uint8)
    for index, image in enumerate(get_renderer().render(face, person, size)):
        lips[index] = np.rint(mouth.grey(image))
        if index % 2:
            pictures[index // 2] = np.rint(whole.colour(image))
    return lips, pictures
