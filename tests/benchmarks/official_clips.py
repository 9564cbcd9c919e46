"""Video clips as the official scripts get them: 30 s of 512x512 at 30 frames a second, with sound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from omnibench.datasets.opening import open_dataset
from omnibench.media.audio import write_wav
from omnibench.media.video import VideoWriter
from omnibench.types import Image

SECONDS = 30
FPS = Fraction(30)
SIDE = 512
RATE = 16_000


def write_clips(folder: Path, clips: int) -> list[Path]:
    """Faces of the embedded data set, enlarged, to and fro, a little noise on them; ``<n>.mp4`` and ``<n>.wav``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(clips):
        paths.append(folder / f"{number}.mp4")
        with VideoWriter(paths[-1], FPS, (SIDE, SIDE)) as writer:
            for image in _pictures(number):
                writer.write(image)
        rng = np.random.default_rng([5, number])
        loudness = np.repeat(rng.uniform(0, 0.2, SECONDS * 8), RATE // 8)
        sound = loudness * rng.standard_normal(SECONDS * RATE)
        write_wav(paths[-1].with_suffix(".wav"), sound.clip(-1, 1).astype(np.float32), RATE)
    return paths


def _pictures(number: int) -> Iterator[Image]:
    data = open_dataset("mini")
    listener = data.dialogue("test", data.ids("test")[number]).listener
    seen = list(islice(listener.images(), 150))
    noise = np.random.default_rng([6, number]).integers(-3, 4, (16, SIDE, SIDE, 1), dtype=np.int16)
    places = np.arange(SIDE) * len(seen[0]) // SIDE
    for index, image in zip(range(int(SECONDS * FPS)), cycle(seen + seen[::-1]), strict=False):
        large = image[places][:, places].astype(np.int16) + noise[index % len(noise)]
        yield large.clip(0, 255).astype(np.uint8)
