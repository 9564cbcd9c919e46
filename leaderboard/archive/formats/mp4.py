"""Pictures: an MP4 with one H.264 or MPEG-4 stream, as many frames at the dialogue's rate as it has, each decoded.

The file has to be boxes from its first byte to its last, so nothing else can hide in it; FFmpeg is told what the file
is instead of guessing, follows no reference to another file, and allocates no picture larger than allowed.

Source: ISO/IEC 14496-12, the ISO base media file format.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final

import av

from leaderboard.archive.formats.wav import Fault
from leaderboard.entry.limits import Limits
from omnibench.errors import InputError
from omnibench.media.video import decoded_notes, video_info
from omnibench.predictions.soundness import count_fault, picture_rate_fault

_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"udta", b"wide")
_CODECS: Final = ("h264", "mpeg4")
_CONTAINERS: Final = (b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_VISUAL: Final = (b"avc1", b"avc3", b"mp4v")
_DEMUXER: Final = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}
_CODEC_FAILURES: Final = (av.FFmpegError, ValueError, OverflowError)


def mp4_faults(path: Path, frames: int | None, fps: Fraction | None, limits: Limits) -> list[str]:
    """Faults of a video that should have ``frames`` at ``fps`` (None: the data tells neither)."""
    size = path.stat().st_size
    if frames is not None and fps is not None:
        most = int((frames / fps + 1) * limits.video_bytes_per_second)
        if size > most:
            return [f"{size} bytes, expected at most {most} for its length"]
    try:
        with path.open("rb") as handle:
            announced = _announced_size(handle, _check_boxes(handle, size))
        _check_stream(path, frames, fps, announced, limits)
    except Fault as fault:
        return [str(fault)]
    except InputError as error:
        return [str(error).removeprefix(f"{path}: ")]
    except _CODEC_FAILURES as error:
        return [f"not readable as video ({error.strerror if isinstance(error, av.FFmpegError) else error})"]
    return []


def _check_boxes(handle: BinaryIO, size: int) -> tuple[int, int]:
    """Go from box to box through the whole file; start and end of ``moov``."""
    position, index = 0, (0, 0)
    kinds: list[bytes] = []
    while position < size:
        handle.seek(position)
        head = handle.read(16)
        if len(head) < 8:
            raise Fault("something stands behind its last box")
        length, kind = struct.unpack(">I4s", head[:8])
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        if not kinds and kind != b"ftyp":
            raise Fault("no MP4 file: it does not start with a box ftyp")
        if kind not in _BOXES:
            raise Fault(f"holds a box {kind!r}; expected one of {', '.join(b.decode() for b in _BOXES)}")
        if length < 8 or position + length > size:
            raise Fault(f"the box {kind!r} promises {length} bytes, {size - position} are there")
        if kind == b"moov":
            index = (position + 8, position + length)
        kinds.append(kind)
        position += length
    if kinds.count(b"ftyp") != 1 or kinds.count(b"moov") != 1 or b"mdat" not in kinds:
        raise Fault("expected the boxes ftyp and moov once, and mdat")
    return index


def _announced_size(handle: BinaryIO, inside: tuple[int, int]) -> tuple[int, int] | None:
    """Width and height in the first visual sample entry (ISO/IEC 14496-12, 12.1.3), or None."""
    position, end = inside
    while position + 8 <= end:
        handle.seek(position)
        length, kind = struct.unpack(">I4s", handle.read(8))
        if length < 8 or position + length > end:
            raise Fault(f"the box {kind!r} does not fit into the one that holds it")
        if kind in _CONTAINERS:
            # The sample table starts with a version, flags and a count.
            found = _announced_size(handle, (position + (16 if kind == b"stsd" else 8), position + length))
            if found is not None:
                return found
        elif kind in _VISUAL and length >= 36:
            handle.seek(position + 32)
            width, height = struct.unpack(">HH", handle.read(4))
            return width, height
        position += length
    return None


def _check_stream(
    path: Path, frames: int | None, fps: Fraction | None, announced: tuple[int, int] | None, limits: Limits
) -> None:
    side = limits.picture_side
    # FFmpeg decodes a picture already to find out what the file holds, so the bound has to be there from the start.
    bounds: list[Any] = [{"max_pixels": str(side * side)}] * 2
    with av.open(str(path), format="mp4", options=_DEMUXER, stream_options=bounds) as container:
        others = [stream.type for stream in container.streams if stream.type not in ("video", "audio")]
        if others or len(container.streams.video) != 1 or len(container.streams.audio) > 1:
            raise Fault("expected one video stream, with one of audio at most")
        stream = container.streams.video[0]
        context: Any = stream.codec_context
        if context is None or context.name not in _CODECS:
            raise Fault(f"codec {context.name if context else 'unknown'}, expected {' or '.join(_CODECS)}")
        size = (context.width, context.height)
        if not 0 < max(size) <= side:
            raise Fault(f"pictures of {size[0]}x{size[1]}, expected at most {side}x{side}")
        if announced != size:
            shown = "none" if announced is None else f"{announced[0]}x{announced[1]}"
            raise Fault(f"pictures of {size[0]}x{size[1]}, its header says {shown}")
    _check_shown(path, frames, fps)


def _check_shown(path: Path, frames: int | None, fps: Fraction | None) -> None:
    """What the score stage will see: the same reader says how many pictures are shown, and decodes each."""
    shown = video_info(path)
    if fault := picture_rate_fault(shown.fps, fps) or count_fault(shown.frames, frames):
        raise Fault(fault)
    decoded_notes(path)
