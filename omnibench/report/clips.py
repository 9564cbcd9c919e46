"""Media for a page: one MP4 a person, pictures copied and sound beside them, and strips of small pictures.

A video that a browser plays (H.264) is copied packet by packet; any other, or faces that have to be drawn, is encoded.
Sound becomes AAC, which every browser plays within MP4.
"""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from omnibench.errors import InputError
from omnibench.media.container import FAILURES, open_video, told
from omnibench.media.video import VideoWriter, shown_as_coded
from omnibench.types import Audio, Image

THUMB: Final = 84
"""Edge of a small picture in pixels."""

_SOUND_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_BIT_RATE: Final = 64_000
_BLOCK: Final = 1024


def clip(video: Path | None, audio: Audio | None, rate: int) -> bytes | None:
    """An MP4 of a person's pictures and sound, or None where there is neither.

    Args:
        video: the pictures.
        audio: ``(n,)`` in [-1, 1].
        rate: its samples per second.

    Raises:
        InputError: the video cannot be read.
    """
    if video is None and (audio is None or not audio.size):
        return None
    target = io.BytesIO()
    with ExitStack() as stack:
        out = stack.enter_context(av.open(target, "w", format="mp4", options={"fflags": "+bitexact"}))
        source, pictures = stack.enter_context(open_video(video)) if video is not None else (None, None)
        # Every stream has to be there before the first packet.
        copied = out.add_stream_from_template(pictures) if pictures is not None else None
        sound = _sound(out, audio, rate) if audio is not None and audio.size else iter(())
        if source is not None:
            for packet in _pictures(source, pictures, str(video)):
                packet.stream = copied
                out.mux(packet)
        for packet in sound:
            out.mux(packet)
    return target.getvalue()


def _pictures(source: Any, stream: Any, name: str) -> Iterator[Any]:
    try:
        for packet in source.demux(stream):
            if packet.size and packet.dts is not None:
                yield packet
    except FAILURES as error:
        raise InputError(f"{name}: damaged video ({told(error)}). Copy the file again.") from error


def playable(video: Path) -> bool:
    """Whether browsers play it as it is, and show what a metric sees of it."""
    if not shown_as_coded(video):
        return False
    with open_video(video) as (_, stream):
        return stream.codec_context.name == "h264" and stream.codec_context.pix_fmt == "yuv420p"


def encoded(images: Iterable[Image], fps: Fraction, folder: Path) -> Path | None:
    """Pictures as an H.264 file in ``folder``; None for no picture."""
    stream = iter(images)
    first = next(stream, None)
    if first is None:
        return None
    height, width = first.shape[0] // 2 * 2, first.shape[1] // 2 * 2
    path = Path(tempfile.mkdtemp(dir=folder)) / "clip.mp4"
    with VideoWriter(path, fps, (width, height)) as writer:
        for image in itertools.chain([first], stream):
            writer.write(np.ascontiguousarray(image[:height, :width]))
    return path


def strip(video: Path, times: Iterable[float]) -> bytes | None:
    """A JPEG of small pictures side by side, one for each time; None where the video has no picture.

    Args:
        video: any that can be decoded.
        times: seconds, ascending; a time behind the last picture shows that one.

    Raises:
        InputError: it cannot be decoded.
    """
    wanted = list(times)
    found: list[Any] = []
    with open_video(video) as (source, stream):
        last: Any = None
        for frame in _decoded(source, stream, str(video)):
            # The picture shown at a time is the last one that begins before it.
            while len(found) < len(wanted) and last is not None and (frame.time or 0.0) > wanted[len(found)] + 1e-6:
                found.append(_small(last))
            if len(found) == len(wanted):
                break
            last = frame
        while last is not None and len(found) < len(wanted):
            found.append(_small(last))
    return _jpeg(np.concatenate(found, axis=1)) if found else None


def _decoded(source: Any, stream: Any, name: str) -> Iterator[Any]:
    try:
        yield from source.decode(stream)
    except FAILURES as error:
        raise InputError(f"{name}: damaged video ({told(error)}). Copy the file again.") from error


def _small(frame: Any) -> Image:
    """A square out of the picture's middle, `THUMB` pixels wide."""
    edge = min(frame.width, frame.height)
    scale = THUMB / edge
    width, height = max(THUMB, round(frame.width * scale)), max(THUMB, round(frame.height * scale))
    image: Image = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    top, left = (height - THUMB) // 2, (width - THUMB) // 2
    return image[top : top + THUMB, left : left + THUMB]


def _jpeg(image: Image) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = image.shape[1], image.shape[0]
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    encoder.options = {"qmin": "4", "qmax": "6", "flags": "+bitexact"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
    packets = [*encoder.encode(frame.reformat(format="yuvj420p")), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def _sound(out: Any, audio: Audio, rate: int) -> Iterator[Any]:
    """AAC packets of a track; the stream is added to ``out`` at once, its packets come when asked for."""
    stream = out.add_stream("aac", rate=rate if rate in _SOUND_RATES else 48_000, layout="mono")
    stream.bit_rate = _BIT_RATE
    return _sound_packets(stream, audio, rate)


def _sound_packets(stream: Any, audio: Audio, rate: int) -> Iterator[Any]:
    samples = np.clip(audio, -1.0, 1.0).astype(np.float32)
    for start in range(0, len(samples), _BLOCK):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + _BLOCK], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield from stream.encode(frame)
    yield from stream.encode(None)
