"""The lossy MPEG-4 step of the official FVD preprocessing, in memory: what comes out of OpenCV's ``mp4v`` writer and a
reader behind it, packet for packet.

Source: OmniResponse ``evaluation/video/fvd/preprocess_resize224.py`` @2ba1c7c; the encoder's settings are those of
opencv ``modules/videoio/src/cap_ffmpeg_impl.hpp`` @5.0.0: 1.5 bits a pixel, a key frame every 12, quantisers from 3.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.codec.context import Flags

from omnibench.types import Image

_KEY_FRAMES: Final = 12
_FINEST_QUANTISER: Final = "3"


class Mpeg4Loop:
    """Pictures ``(size, size, 3)`` in, the same ones after encoding and decoding out, some pictures later.

    Args:
        size: edge in pixels, even.
        fps: pictures per second, which sets the bit rate.
    """

    def __init__(self, size: int, fps: Fraction) -> None:
        rate = _opencv_rate(float(fps))
        encoder: Any = av.CodecContext.create("mpeg4", "w")
        encoder.width = encoder.height = size
        encoder.pix_fmt = "yuv420p"
        encoder.time_base, encoder.framerate = 1 / rate, rate
        pixels = float(fps) * size * size
        encoder.bit_rate = encoder.bit_rate_tolerance = int(pixels + 0.5) + int(pixels / 2)
        encoder.gop_size, encoder.thread_count = _KEY_FRAMES, 1
        encoder.options = {"qmin": _FINEST_QUANTISER}
        encoder.flags |= Flags.global_header
        encoder.open()
        decoder: Any = av.CodecContext.create("mpeg4", "r")
        decoder.extradata, decoder.thread_count = encoder.extradata, 1
        self._encoder, self._decoder, self._count = encoder, decoder, 0

    def push(self, image: Image) -> list[Image]:
        """The next picture; what has come out since."""
        bgr = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[..., ::-1]), format="bgr24")
        frame = bgr.reformat(format="yuv420p", interpolation="BICUBIC")
        frame.pts, frame.time_base = self._count, self._encoder.time_base
        self._count += 1
        return self._decoded(self._encoder.encode(frame))

    def finish(self) -> list[Image]:
        """All that has not come out yet."""
        return [*self._decoded(self._encoder.encode(None)), *self._pictures(self._decoder.decode(None))]

    def _decoded(self, packets: list[Any]) -> list[Image]:
        return [picture for packet in packets for picture in self._pictures(self._decoder.decode(packet))]

    def _pictures(self, frames: list[Any]) -> list[Image]:
        return [frame.to_ndarray(format="rgb24") for frame in frames]


def _opencv_rate(fps: float) -> Fraction:
    """The rate as OpenCV writes it: the fewest decimals that come within a thousandth."""
    base = 1
    while abs(int(fps * base + 0.5) / base - fps) > 1e-3:
        base *= 10
    return Fraction(int(fps * base + 0.5), base)
