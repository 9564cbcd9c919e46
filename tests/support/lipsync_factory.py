"""Clips and networks for the lip-sync tests: faces that are only rectangles, and detections that say where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibench.features.media import Media
from omnibench.media.video import VideoWriter
from omnibench.types import Image

Boxes = Callable[[int], Sequence[tuple[float, float, float, float]]]
RATE = 16_000


class ScriptedNetworks:
    """Faces by frame number instead of a detector's (a random S3FD finds none); both towers may be any functions."""

    key = "scripted"

    def __init__(self, boxes: Boxes, lips: Any = None, sound: Any = None) -> None:
        self._boxes, self._frame = boxes, 0
        self.lips = lips or (lambda windows: _projected(windows[:, 2, ::16, ::16].reshape(len(windows), -1) / 255.0))
        self.sound = sound or (lambda windows: _projected(windows.reshape(len(windows), -1) / 50.0))

    def faces(self, pictures: Sequence[Image], scale: float) -> list[NDArray[np.float64]]:
        """The script's boxes of the next pictures."""
        rows = [self._boxes(self._frame + index) for index in range(len(pictures))]
        self._frame += len(pictures)
        return [np.array([[*box, 0.99] for box in boxes], dtype=np.float64).reshape(-1, 5) for boxes in rows]


def clip_pictures(count: int, side: int = 256, scenes: Sequence[int] = ()) -> list[Image]:
    """Slowly moving colour waves; every frame in ``scenes`` begins with other colours."""
    y, x = np.mgrid[0:side, 0:side]
    pictures = []
    for index in range(count):
        turn = sum(index >= scene for scene in scenes)
        waves = (np.sin(x / 17 + index / 5) * 60 + 80, np.cos(y / 23 - index / 9) * 60 + 80, (x + y + 3 * index) % 120)
        picture = np.stack(waves, axis=-1)
        pictures.append(((255 - picture) if turn % 2 else picture).astype(np.uint8))
    return pictures


def clip_sound(seconds: float, rate: int = RATE, quiet: Sequence[tuple[float, float]] = ()) -> NDArray[np.float32]:
    """A buzzing tone with noise, and silence between the given times."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).normal(size=time.size)
    sound = 0.3 * np.sin(2 * np.pi * 220 * time) * (1 + 0.5 * np.sin(9 * time)) + 0.05 * noise
    for start, stop in quiet:
        sound[(start <= time) & (time < stop)] = 0.0
    return sound.astype(np.float32)


def memory_clip(
    pictures: Sequence[Image], sound: NDArray[np.float32], fps: Fraction = Fraction(25), rate: int = RATE
) -> Media:
    """Pictures and sound that lie in memory."""
    return Media(
        key="memory",
        fps=lambda: fps,
        images=lambda: iter(pictures),
        sample_rate=lambda: rate,
        audio=lambda start, stop: sound[start:stop],
    )


def write_clip(
    folder: Path, pictures: Sequence[Image], sound: NDArray[np.float32], fps: Fraction = Fraction(25)
) -> tuple[Path, Path]:
    """The same as files: ``(video, audio)``."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    video, audio = folder / "clip.mp4", folder / "clip.wav"
    height, width = pictures[0].shape[:2]
    with VideoWriter(video, fps, (width, height)) as writer:
        for picture in pictures:
            writer.write(picture)
    soundfile.write(audio, sound, RATE, subtype="PCM_16")
    return video, audio


def _projected(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Fixed random projection to 32 numbers."""
    matrix = np.random.default_rng(1).normal(size=(rows.shape[1], 32)) / np.sqrt(rows.shape[1])
    return (rows @ matrix).astype(np.float32)
