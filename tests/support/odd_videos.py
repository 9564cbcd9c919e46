"""Videos as phones, editors and recorders leave them: real files of FFmpeg's, some with a box written anew."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

SIZE = (96, 64)
COUNT = 50
_TICKS = 12_800
_AROUND: Mapping[bytes, tuple[bytes, ...]] = {
    b"edts": (b"moov", b"trak"),
    b"stts": (b"moov", b"trak", b"mdia", b"minf", b"stbl"),
}


@dataclass(frozen=True)
class Kind:
    """How a video is written. ``times`` are when its pictures are shown, in 1/90000 s; 25 a second unless given."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    container: str = "mp4"
    times: Sequence[int] | None = None
    size: tuple[int, int] = SIZE
    options: Mapping[str, str] = field(default_factory=dict)
    muxer: Mapping[str, str] = field(default_factory=dict)
    turned: int = 0
    mirrored: bool = False
    pixel: Fraction = Fraction(1)


def picture(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Picture ``index``: brighter to the right, red below, and green by its index, so that order and turn are seen."""
    width, height = size
    shown = np.zeros((height, width, 3), np.uint8)
    shown[..., 2] = np.linspace(0, 255, width)
    shown[height // 2 :, :, 0] = 200
    shown[..., 1] = 4 * index % 256
    return shown


def index_of(image: np.ndarray) -> int:
    """Which picture this was."""
    return round(float(image[..., 1].mean()) / 4)


def write(path: Path, kind: Kind = Kind(), count: int = COUNT) -> Path:
    """Write a video of `picture`."""
    times = [3600 * i for i in range(count)] if kind.times is None else kind.times
    with av.open(str(path), "w", format=kind.container, options=dict(kind.muxer)) as container:
        stream: Any = container.add_stream(kind.codec, rate=25, options=dict(kind.options))
        stream.width, stream.height = kind.size
        stream.pix_fmt = kind.pixels
        if kind.times is not None:
            stream.codec_context.time_base = Fraction(1, 90_000)
        if kind.pixel != 1:
            stream.codec_context.sample_aspect_ratio = kind.pixel
        if kind.turned or kind.mirrored:
            stream.set_display_rotation(kind.turned, hflip=kind.mirrored)
        for index, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(index, kind.size), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 90_000)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def with_edits(path: Path, edits: Sequence[tuple[float, float, float]]) -> Path:
    """The same file with another edit list: seconds, first second of the media (-1: shows nothing), speed."""
    _, (_, start, _) = _first_edit(path.read_bytes())
    entries = b"".join(
        struct.pack(">Iii", round(s * 1000), -1 if m < 0 else start + round(m * _TICKS), round(rate * 65536))
        for s, m, rate in edits
    )
    body = struct.pack(">II", 0, len(edits)) + entries
    return _rewritten(path, b"edts", struct.pack(">I4s", 8 + len(body), b"elst") + body)


def with_durations(path: Path, runs: Sequence[tuple[int, int]]) -> Path:
    """The same file with other times between its pictures: how many, and 1/12800 s each."""
    entries = b"".join(struct.pack(">II", *run) for run in runs)
    return _rewritten(path, b"stts", struct.pack(">II", 0, len(runs)) + entries)


def _first_edit(content: bytes) -> tuple[int, tuple[int, int, int]]:
    at = content.index(b"elst")
    return at, struct.unpack(">Iii", content[at + 12 : at + 24])


def _rewritten(path: Path, name: bytes, body: bytes) -> Path:
    """Put another body into a box of a file whose pictures come before its index."""
    content = bytearray(path.read_bytes())
    at = content.index(name) - 4
    (old,) = struct.unpack(">I", content[at : at + 4])
    content[at : at + old] = struct.pack(">I4s", 8 + len(body), name) + body
    for around in _AROUND[name]:
        place = content.index(around) - 4
        (size,) = struct.unpack(">I", content[place : place + 4])
        content[place : place + 4] = struct.pack(">I", size + 8 + len(body) - old)
    path.write_bytes(bytes(content))
    return path


def one_after_the_other(target: Path, parts: Sequence[Path]) -> Path:
    """The pictures of several files in one stream, 25 a second."""
    number = 0
    with av.open(str(target), "w", format="mp4") as out:
        stream: Any = None
        for part in parts:
            with av.open(str(part)) as source:
                stream = stream or out.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(source.streams.video[0]):
                    if packet.size:
                        packet.stream, packet.time_base = stream, Fraction(1, 25)
                        packet.pts = packet.dts = number
                        packet.duration, number = 1, number + 1
                        out.mux(packet)
    return target


def beside(path: Path, others: Sequence[Path], first: bool = False, both_shown: bool = False) -> Path:
    """The pictures of ``path`` and of others as streams of one file, ``first`` the others first."""
    target = path.with_name(f"together-{path.name}")
    files = [*others, path] if first else [path, *others]
    with av.open(str(target), "w", format="mp4") as out:
        sources = [av.open(str(file)) for file in files]
        streams = [out.add_stream_from_template(source.streams.video[0]) for source in sources]
        for stream in streams if both_shown else []:
            stream.disposition = Disposition.default
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
            source.close()
    return target
