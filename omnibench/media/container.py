"""A video file opened: which stream is the person's, which of its pictures are shown, and when.

FFmpeg is told which containers there may be, so that no play list or script in a video's place opens other files, and
allocates no picture larger than allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.codec.context import Flags
from av.stream import Disposition

from omnibench.errors import InputError
from omnibench.files.disguise import disguise
from omnibench.media.boxes import TrackBoxes, track_boxes
from omnibench.media.rates import Grid, grid_of

SMALLEST_SIDE: Final = 16
MOST_PIXELS: Final = 8192 * 4320
_BOUND: Final = {"max_pixels": str(MOST_PIXELS)}
_DEMUXERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,flv,ogg"
_MOST_STREAMS: Final = 64
_STILLS: Final = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_LATE: Final = 2
"""Frames by which files of one recording may differ."""
_LONGEST_HOLD: Final = 1
"""Seconds without a new picture; beyond, pictures are missing and not only dropped."""
FAILURES: Final = (av.FFmpegError, ValueError, OverflowError, IndexError)
"""What PyAV raises for a damaged file; the last for a stream that begins in its middle."""
_SHOWN_VP8: Final = 0x10
_AGAIN: Final = "Convert it: `ffmpeg -i {name} -vf fps={rate} -an new.mp4`, and take the face vectors from that."


def told(error: BaseException) -> str:
    """FFmpeg's own words for what went wrong, on one line."""
    return str(getattr(error, "strerror", None) or error)


@dataclass(frozen=True, slots=True)
class Timeline:
    """``places`` maps a picture's time in ticks to its frame; ``frames`` is how long the clip is at ``fps``.

    ``plain``: each coded picture is shown once, in its own frame, from the file's first moment on.
    """

    fps: Fraction
    frames: int
    places: dict[int, int]
    plain: bool


@contextmanager
def open_video(path: Path, options: dict[str, str] | None = None) -> Iterator[tuple[Any, Any]]:
    """A file's PyAV container and the stream that shows the person. Raises InputError where it is missing or none."""
    with open_container(path, options) as container:
        stream = _video_stream(path, container)
        stream.codec_context.options = _BOUND
        stream.codec_context.flags |= Flags.unaligned  # Else pictures that are cut on the left come whole.
        yield container, stream


@contextmanager
def open_container(path: Path, options: dict[str, str] | None = None) -> Iterator[Any]:
    """A file's PyAV container. Raises InputError where it is missing or no video."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected an MP4 video.")
    known = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "file", **(options or {})}
    bounds: Any = [_BOUND] * _MOST_STREAMS
    try:
        container = av.open(f"file:{path}", options=known, stream_options=bounds, metadata_errors="replace")
    except FAILURES as error:
        # What is not among the containers, or does not even say which streams it has.
        foreign = isinstance(error, ValueError)
        reason = disguise(path) or ("no container of video with times" if foreign else told(error))
        raise InputError(
            f"{path}: not readable as video ({reason}); expected a complete MP4. Copy the file again."
        ) from error
    with container:
        yield container


def timeline(path: Path) -> Timeline:
    """When each picture of a file is shown, from its packets; nothing is decoded.

    Raises:
        InputError: the file is missing, is no video, is cut short, or shows its pictures in a way that is no clip of
            constant rate from its first moment on.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise InputError(f"{path}: no such file; expected an MP4 video.") from error
    return _timeline(path, (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))


@lru_cache(maxsize=256)
def _timeline(path: Path, _: tuple[int, ...]) -> Timeline:
    with open_video(path) as (container, stream):
        boxes = track_boxes(path).get(stream.id) if "mp4" in container.format.name else None
        _require_plain_showing(path, boxes or TrackBoxes())
        found, shown, decoded_first = _packets(path, container, stream)
        whole = found
        if stream.frames and found != stream.frames and boxes is not None and boxes.edits:
            whole = _count_all(path)
        if whole < stream.frames:
            raise InputError(
                f"{path}: truncated: the header promises {stream.frames} frames, the data of {whole} is there. "
                f"Copy the file again."
            )
        unit, origin = Fraction(stream.time_base), _origin(container)
        ticks = np.array(sorted(shown), np.int64)
        if boxes is not None:
            ticks = ticks[ticks >= 0] if (ticks < 0).any() else ticks
        if not len(ticks):
            raise InputError(f"{path}: no picture in it is ever shown; expected an MP4 of the person's face.")
        grid = grid_of(ticks, unit, (stream.average_rate, stream.guessed_rate, stream.base_rate))
        grid = _constant(path, ticks, unit, grid)
        # Pictures that wait for others make a file begin with a picture or two of delay; that is no late start.
        late = (min(int(ticks[0]), decoded_first) * unit - origin) * grid.fps > _LATE
        if late:
            raise InputError(_late_start(path, float(ticks[0] * unit - origin)))
        _require_edited_length(path, boxes, int(grid.slots[-1]) + 1, grid.fps)
    places = dict(zip(ticks.tolist(), grid.slots.tolist(), strict=True))
    frames = int(grid.slots[-1]) + 1
    return Timeline(grid.fps, frames, places, found == len(ticks) == frames and abs(ticks[0] * unit - origin) < 1)


def _require_plain_showing(path: Path, boxes: TrackBoxes) -> None:
    if boxes.encrypted:
        raise InputError(f"{path}: its pictures are encrypted; expected a video that anybody can play.")
    if boxes.aperture:
        raise InputError(
            f"{path}: its pictures are to be cut (a clean aperture, box clap); expected whole ones. "
            f"Cut and encode them anew."
        )
    for number, edit in enumerate(boxes.edits):
        if edit.empty and number:
            what = "nothing in the middle of the clip"
        elif not edit.empty and edit.rate != 1:
            what = f"pictures at {float(edit.rate):g} times their speed"
        else:
            continue
        raise InputError(f"{path}: an edit list shows {what}; expected a clip from one piece. " + _again(path, "25"))


def _packets(path: Path, container: Any, stream: Any) -> tuple[int, set[int], int]:
    """How many coded pictures there are, the times of those that are shown, and the first time of decoding."""
    found, shown, first = 0, set[int](), 0
    hidden_vp8 = stream.codec_context.name == "vp8"
    try:
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise InputError(f"{path}: truncated or damaged at frame {found} of {stream.frames}. Copy it again.")
            if not packet.size or (hidden_vp8 and not bytes(packet)[0] & _SHOWN_VP8):
                continue
            found += 1
            if packet.is_discard:
                continue
            if packet.pts is None:
                raise InputError(f"{path}: its pictures carry no times; expected an MP4. {_again(path, '25')}")
            if packet.pts in shown:
                at = float(packet.pts * stream.time_base)
                raise InputError(
                    f"{path}: two pictures are shown at {at:.3f} s; expected one a frame. " + _again(path, "25")
                )
            first = min(first, packet.dts) if shown and packet.dts is not None else packet.dts or 0
            shown.add(packet.pts)
    except FAILURES as error:
        raise InputError(f"{path}: damaged video after frame {found} ({told(error)}).") from error
    return found, shown, first


def _count_all(path: Path) -> int:
    """Coded pictures of an MP4, those that its edit list leaves out among them."""
    with open_video(path, {"ignore_editlist": "1"}) as (container, stream):
        try:
            return sum(1 for packet in container.demux(stream) if packet.size and not packet.is_corrupt)
        except FAILURES:
            return 0


def _constant(path: Path, ticks: Any, unit: Fraction, grid: Grid | None) -> Grid:
    if grid is None and len(ticks) == 1:
        raise InputError(f"{path}: no frame rate in the file; expected a constant rate such as 25 or 30000/1001.")
    if grid is None:
        steps = np.diff(ticks) * float(unit)
        raise InputError(
            f"{path}: variable frame rate: its pictures are {steps.min():.3f} to {steps.max():.3f} s apart, and no "
            f"constant rate explains it; expected one such as 25 or 30000/1001. " + _again(path, "25")
        )
    if grid.longest_hold > _LONGEST_HOLD * grid.fps:
        where = int(np.argmax(np.diff(grid.slots)))
        begin, end = (float((ticks[i] - ticks[0]) * unit) for i in (where, where + 1))
        raise InputError(
            f"{path}: no picture between {begin:.3f} and {end:.3f} s; expected one for every frame. " + _again(path)
        )
    return grid


def _late_start(path: Path, delay: float) -> str:
    return (
        f"{path}: its first picture is shown {delay:.3f} s after the file begins; expected pictures from the first "
        f"moment on, as the clip's other files are. Held until then: `ffmpeg -i {path.name} -vf "
        f"setpts=PTS-STARTPTS,tpad=start_duration={delay:g}:start_mode=clone -an new.mp4`; moved to the start: "
        f"without the tpad."
    )


def _require_edited_length(path: Path, boxes: TrackBoxes | None, shown: int, fps: Fraction) -> None:
    """FFmpeg reads most edit lists of several parts, not all: what it shows has to last as long as they say."""
    parts = [edit.seconds for edit in boxes.edits if not edit.empty] if boxes is not None else []
    if len(parts) > 1 and abs(shown - sum(parts) * fps) > len(parts):
        raise InputError(
            f"{path}: an edit list of {len(parts)} parts, {float(sum(parts)):.3f} s together, of which "
            f"{float(shown / fps):.3f} s can be shown; expected a clip from one piece. " + _again(path)
        )


def _origin(container: Any) -> Fraction:
    """The moment at which a file begins: an MP4's own zero, elsewhere when its first stream does."""
    if "mp4" in container.format.name:
        return Fraction(0)
    return Fraction(container.start_time or 0, av.time_base)


def _again(path: Path, rate: str = "25") -> str:
    return _AGAIN.format(name=path.name, rate=rate)


def _video_stream(path: Path, container: Any) -> Any:
    streams = list(container.streams.video)
    if not streams:
        raise InputError(f"{path}: no video stream in the file; expected an MP4 with one.")
    moving = [stream for stream in streams if not stream.disposition & _STILLS]
    if not moving:
        raise InputError(f"{path}: no video stream in the file but a cover picture; expected an MP4 of the person.")
    if len(moving) > 1:
        moving = [stream for stream in moving if stream.frames != 1] or moving
    if len(moving) > 1:
        default = [stream for stream in moving if stream.disposition & Disposition.default]
        moving = default if len(default) == 1 else moving
    if len(moving) > 1:
        sizes = ", ".join(f"{s.codec_context.width}x{s.codec_context.height}" for s in moving if s.codec_context)
        raise InputError(
            f"{path}: {len(moving)} video streams ({sizes}), and nothing says which one shows the person; expected "
            f"one. Keep it: `ffmpeg -i {path.name} -map 0:v:0 -c copy new.mp4`, with v:1 for the second."
        )
    stream = moving[0]
    if stream.codec_context is None:
        raise InputError(f"{path}: the index is cut short or names no known codec; expected H.264. Copy it again.")
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > MOST_PIXELS or (width and height and min(width, height) < SMALLEST_SIDE):
        raise InputError(
            f"{path}: pictures of {width}x{height} pixels; expected sides of {SMALLEST_SIDE} and more, and at most "
            f"{MOST_PIXELS} pixels."
        )
    return stream
