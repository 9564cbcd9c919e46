"""Films with sound of their own."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from omnibench.types import Image


def film(path: Path, pictures: Sequence[Image], fps: Fraction, sound: NDArray[np.float32] | None, rate: int) -> Path:
    """An MP4 of H.264 pictures ``(H, W, 3)`` and AAC sound ``(channels, n)``."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps)
        video.height, video.width = pictures[0].shape[:2]
        voice = (
            None if sound is None else container.add_stream("aac", rate=rate, layout=["mono", "stereo"][len(sound) - 1])
        )
        for picture in pictures:
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))
        if voice is not None and sound is not None:
            for start in range(0, sound.shape[1], 1024):
                piece = np.ascontiguousarray(sound[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=voice.layout.name)
                frame.sample_rate, frame.pts = rate, start
                container.mux(voice.encode(frame))
            container.mux(voice.encode(None))
    return path
