"""OpenCV's MPEG-4 writer and a reader behind it, in memory, packet for packet: the lossy step of the official scripts.

Source: the encoder's settings are those of opencv ``modules/videoio/src/cap_ffmpeg_impl.hpp`` @5.0.0: 2 bits a pixel,
a key frame every 12, quantisers from 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
from av.codec.context import Flags

from omnibench.types import Image

_KEY_FRAMES: Final = 12
_FINEST_QUANTISER: Final = "3"


class OpenCvMpeg4:
    """Pictures in, the same ones after encoding and decoding out, some pictures later.

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
        encoder.bit_rate = encoder.bit_rate_tolerance = _bit_rate(float(fps) * size * size)
        encoder.gop_size, encoder.thread_count = _KEY_FRAMES, 1
        encoder.options = {"qmin": _FINEST_QUANTISER}
        encoder.flags |= Flags.global_header
        encoder.open()
        decoder: Any = av.CodecContext.create("mpeg4", "r")
        decoder.extradata, decoder.thread_count = encoder.extradata, 1
        self._encoder, self._decoder, self._count = encoder, decoder, 0

    def push(self, picture: Image) -> Iterator[Any]:
        """The next picture ``(size, size, 3)`` RGB; decoded ``av.VideoFrame`` that have come out since."""
        shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[..., ::-1]), format="bgr24")
        frame = shown.reformat(format="yuv420p", interpolation="BICUBIC")
        frame.pts, frame.time_base = self._count, self._encoder.time_base
        self._count += 1
        yield from self._decoded(self._encoder.encode(frame))

    def finish(self) -> Iterator[Any]:
        """All that has not come out yet."""
        yield from self._decoded(self._encoder.encode(None))
        yield from self._decoder.decode(None)

    def _decoded(self, packets: Iterable[Any]) -> Iterator[Any]:
        for packet in packets:
            yield from self._decoder.decode(packet)


def _bit_rate(pixels: float) -> int:
    """Bits a second for ``pixels`` a second: one each, and half of that twice, once where the stream is set up and once
    where it is opened.
    """
    whole = int(pixels + 0.5)
    return whole + whole // 2 + int(pixels / 2)


def _opencv_rate(fps: float) -> Fraction:
    """The rate as OpenCV writes it: the fewest decimals that come within a thousandth."""
    base = 1
    while abs(int(fps * base + 0.5) / base - fps) > 1e-3:
        base *= 10
    return Fraction(int(fps * base + 0.5), base)
