"""A data set that gives out its speakers alone, and the whole that it belongs to.

Whoever holds the whole can show that the listeners were fixed before the first answer came: the manifest of what is
given out holds a commitment, sha256 over a salt and the listeners' files, and the whole's manifest the salt. What a
listener may know beforehand (portrait, voice, first face) lies in ``<split>/context/<id>.npz`` in both; without a
portrait it is drawn from the face.

A data set without any listeners commits to ``""``; the voice in which to answer is that of one who speaks elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.datasets.tracks import FileTrack, Modality
from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.files.checked import read_npz
from omnibench.files.hashing import file_sha256
from omnibench.types import Audio, Face, Image

CONTEXT: Final = "context"
NOTHING_TO_COMPARE: Final = "nothing to compare with: this data set gives out speakers alone"
NO_LISTENER: Final = "there is no human listener to score against: this data set has speakers alone"


@dataclass(frozen=True, slots=True)
class Known:
    """What is given out of a listener: first picture ``(H, W, 3)``, speech of other clips, first face ``(64,)``."""

    portrait: Image | None = None
    voice: Audio | None = None
    initial_face: Face | None = None


class WithheldTrack(FileTrack):
    """A listener that is not given out, as long as the speaker.

    Args:
        frames: of the speaker.
        identity: who draws the answers.
    """

    def __init__(self, frames: Callable[[], int], identity: str = "") -> None:
        def no_rate() -> Any:
            raise InputError(f"{NOTHING_TO_COMPARE}.")

        super().__init__({}, no_rate, identity)
        self._speaker_frames = frames

    @property
    def frames(self) -> int:
        """Those of the speaker."""
        return self._speaker_frames()

    def path(self, modality: Modality) -> Path:
        """Raises InputError: there is none."""
        raise InputError(f"The listener's {modality}: {NOTHING_TO_COMPARE}.")


def commitment(salt: str, files: Iterable[tuple[str, Path]]) -> str:
    """Hex sha256 that binds to the content of the listeners' files and, without the salt, says nothing of it.

    Args:
        salt: of the whole's manifest.
        files: name in the split and place of each.
    """
    digest = hashlib.sha256(f"{salt}\n".encode())
    for name, path in sorted(files):
        digest.update(f"{name}\t{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def context_path(split: Path, dialogue: str) -> Path:
    """Where what is known of a listener lies."""
    return split / CONTEXT / f"{dialogue}.npz"


def drawn(face: Face | None, identity: str) -> Image | None:
    """The portrait of a person with that face ``(64,)``; None where one of the two is not known."""
    if face is None or not identity:
        return None
    from omnibench.media.renderer import get_renderer

    return next(iter(get_renderer().render(face[None], identity)))


def write_known(split: Path, dialogue: str, known: Known) -> Path:
    """Write what is known of a listener; the same bytes for the same content."""
    parts: dict[str, Any] = {"portrait": known.portrait, "voice": known.voice, "initial_face": known.initial_face}
    path = context_path(split, dialogue)
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(handle, **{name: part for name, part in parts.items() if part is not None})
    return path


def read_known(split: Path, dialogue: str) -> Known | None:
    """What is known of a listener; None where no such file is. Raises InputError for a damaged one."""
    path = context_path(split, dialogue)
    if not path.is_file():
        return None
    found = read_npz(path, 'arrays "portrait" (H, W, 3) uint8, "voice" (n,) and "initial_face" (64,) float32')
    shapes: Mapping[str, tuple[str, int, int | None]] = {
        "portrait": ("u", 3, 3),
        "voice": ("f", 1, None),
        "initial_face": ("f", 1, 64),
    }
    for name, (kind, axes, last) in shapes.items():
        part = found.get(name)
        if part is not None and (part.dtype.kind != kind or part.ndim != axes or last not in (None, part.shape[-1])):
            raise InputError(f'{path}: "{name}" is {part.dtype} {part.shape}; build the data set again.')
    return Known(**{name: found[name] for name in shapes if name in found})
