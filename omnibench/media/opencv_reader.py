"""A video as OpenCV's ``VideoCapture`` shows it, picture for picture and bit for bit, through PyAV: the official
preprocessing begins with it.

It keeps a container's own average rate, turns pictures as the container says, leaves out what an edit list hides, and
interpolates with bicubic filters. OpenCV 4.13 to 5.0 heed the colour matrix that a file names; 4.12 and before take
BT.601 for all.

Source: opencv ``modules/videoio/src/cap_ffmpeg_impl.hpp`` and ``cap_ffmpeg.cpp``; tested beside OpenCV 4.14 and 5.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.errors import InputError
from omnibench.media.container import FAILURES, open_video, told
from omnibench.types import Image

_QUARTER: Final = 90


def opencv_rate(path: Path) -> Fraction:
    """``CAP_PROP_FPS``: the average rate as it is in the file, not rounded to one that cameras have."""
    with open_video(path) as (_, stream):
        return Fraction(stream.average_rate or 1 / stream.time_base)


def opencv_count(path: Path) -> int:
    """Pictures that OpenCV will give, without decoding them: what an edit list hides is not among them."""
    with open_video(path) as (container, stream):
        try:
            return sum(1 for packet in container.demux(stream) if packet.size and not packet.is_discard)
        except FAILURES as error:
            raise InputError(f"{path}: damaged video ({told(error)}). Copy the file again.") from error


def opencv_frames(path: Path) -> Iterator[Image]:
    """The pictures ``(H, W, 3)`` uint8 RGB, upright, one at a time.

    Raises:
        InputError: the file is missing, no video, or damaged. OpenCV ends a damaged file where the damage begins.
    """
    with open_video(path) as (container, stream):
        decoded = 0
        try:
            for frame in container.decode(stream):
                decoded += 1
                yield _upright(frame)
        except FAILURES as error:
            raise InputError(f"{path}: damaged video after frame {decoded} ({told(error)}).") from error


def _upright(frame: Any) -> Image:
    shown = frame.reformat(format="bgr24", interpolation="BICUBIC").to_ndarray()[..., ::-1]
    turns, rest = divmod(round(frame.rotation), _QUARTER)
    return np.ascontiguousarray(shown if rest else np.rot90(shown, turns))
