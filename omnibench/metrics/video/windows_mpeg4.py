"""The lossy MPEG-4 step of the official FVD preprocessing, in memory.

Source: OmniResponse ``evaluation/video/fvd/preprocess_resize224.py`` @2ba1c7c.
"""

from __future__ import annotations

from fractions import Fraction

from omnibench.media.opencv_mpeg4 import OpenCvMpeg4
from omnibench.types import Image


class Mpeg4Loop:
    """Pictures ``(size, size, 3)`` in, the same ones after encoding and decoding out, some pictures later.

    Args:
        size: edge in pixels, even.
        fps: pictures per second, which sets the bit rate.
    """

    def __init__(self, size: int, fps: Fraction) -> None:
        self._codec = OpenCvMpeg4(size, fps)

    def push(self, image: Image) -> list[Image]:
        """The next picture; what has come out since."""
        return [frame.to_ndarray(format="rgb24") for frame in self._codec.push(image)]

    def finish(self) -> list[Image]:
        """All that has not come out yet."""
        return [frame.to_ndarray(format="rgb24") for frame in self._codec.finish()]
