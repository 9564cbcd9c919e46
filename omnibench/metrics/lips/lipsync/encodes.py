"""The lossy files between the steps of the official lip-sync evaluation, with the settings of its command lines.

Source: ``combine_av.py`` of OmniResponse @2ba1c7c, ``run_pipeline.py`` and ``SyncNetInstance.py`` of
joonson/syncnet_python @6efbb1c; OpenCV 4's ``VideoWriter`` (``cap_ffmpeg_impl.hpp``). One thread: with more, MPEG-4's
encoder cuts pictures into as many slices, so the official numbers hang on the machine's cores in their last digits.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MissingError
from omnibench.metrics.lips.lipsync.constant_rate import ConstantRate
from omnibench.types import Image

FPS: Final = Fraction(25)
RATE: Final = 16_000
# Bounds that leave rate control nothing to choose; for JPEG that is what ``-qscale:v 2`` gives.
_BEST: Final = {"qmin": "2", "qmax": "2"}
_BITS: Final = 200_000
_TOLERANCE: Final = 4_000_000
_LIMITED, _FULL = 1, 2


def combine(video: Path, audio: Path, target: Path) -> None:
    """Video packets as they are and the sound as AAC at 192 kbit/s, in one MP4.

    Raises:
        InputError: a file cannot be read.
        MissingError: there is no ffmpeg.
    """
    _ffmpeg("-i", video, "-i", audio, "-c:v", "copy", "-c:a", "aac", "-b:a", "192k", target)


def to_25_fps(source: Path, target: Path) -> None:
    """MPEG-4 at quantiser 2 and 25 pictures a second, and MP3, in one AVI. Raises as `combine`."""
    _ffmpeg("-i", source, "-qscale:v", "2", "-async", "1", "-r", "25", "-threads", "1", target)


def _ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg: PyAV reaches the same encoders, but not the quality of a single picture that ``-qscale`` sets."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise MissingError(
            'The paper protocol\'s lip sync needs an ffmpeg: pip install "omnibench[lipsync]".'
        ) from error
    command = [get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise InputError(f"{arguments[1]}: ffmpeg cannot turn it into {Path(arguments[-1]).name}: {reason[0]}")


def pictures_of(path: Path) -> Iterator[Any]:
    """Decoded pictures of an AVI as ``av.VideoFrame``, as ``ffmpeg -f image2`` counts them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        yield from ConstantRate(FPS).of(container.decode(stream), _start(container))


def sound_of(path: Path) -> NDArray[np.int16]:
    """The sound of a file, one channel at 16 kHz, ``(n,)``."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) if frames else np.zeros(0, dtype=np.int16)


class JpegWriter:
    """Pictures into JPEG files as ffmpeg writes them.

    Args:
        width: pixels.
        height: pixels.
        best: quantiser 2 throughout (``-qscale:v 2``); otherwise the quality that 200 kbit/s at 25 pictures a second
            leaves, which hangs on all the pictures before.
    """

    def __init__(self, width: int, height: int, best: bool) -> None:
        encoder: Any = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
        encoder.time_base, encoder.framerate, encoder.thread_count = 1 / FPS, FPS, 1
        encoder.color_range = _FULL
        # Square pixels bring a JFIF header of 18 bytes, and rate control counts them.
        encoder.sample_aspect_ratio = Fraction(1)
        encoder.bit_rate, encoder.bit_rate_tolerance = _BITS, _TOLERANCE
        if best:
            encoder.options = _BEST
        self._encoder, self._count = encoder, 0

    def write(self, frame: Any) -> bytes:
        """The file of one decoded picture."""
        shown = frame.reformat(format="yuvj420p", src_color_range=_LIMITED, dst_color_range=_FULL)
        shown.pts, shown.time_base = self._count, 1 / FPS
        self._count += 1
        (packet,) = self._encoder.encode(shown)
        return bytes(packet)


def read_jpeg(data: bytes) -> Image:
    """The picture ``(H, W, 3)`` RGB in a JPEG file, as libjpeg decodes it."""
    from PIL import Image as pillow

    with pillow.open(BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def _start(container: Any) -> float:
    return (container.start_time or 0) / av.time_base
