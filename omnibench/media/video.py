"""Video in and out: H.264 files through PyAV, one frame at a time, at exact rational frame rates."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import av
import numpy as np

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.media.container import FAILURES, open_video, timeline, told
from omnibench.media.orientation import View, view_of
from omnibench.types import Image

_ENCODER_OPTIONS: Final = {
    "preset": "veryfast",
    "threads": "1",
    "x264-params": "threads=1:lookahead-threads=1:log-level=none",
}
_REC_601: Final = 6
_LIMITED_RANGE: Final = 1
_HIGH_RANGE: Final = (16, 18)
"""Transfer characteristics of ITU-T H.273: PQ and HLG."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """``frames`` that are shown, ``fps`` exact, ``width`` and ``height`` in pixels."""

    frames: int
    fps: Fraction
    width: int
    height: int


def video_info(path: Path) -> VideoInfo:
    """Length, rate and size of a video as it is shown: without what an edit list hides, upright, with square pixels.

    Raises:
        InputError: the file is missing, is no video, is cut short, or is shown in a way that is no clip of constant
            rate (`omnibench.media.container.timeline`).
    """
    shown = timeline(path)
    with closing(_shown(path)) as pictures:
        for _, frame, view in pictures:
            return VideoInfo(shown.frames, shown.fps, *view.size(frame))
    raise InputError(f"{path}: no picture in it can be decoded. Copy the file again.")


def read_frames(path: Path) -> Iterator[Image]:
    """Decode a video frame by frame as ``(H, W, 3)`` uint8 RGB, holding one frame at a time.

    Pictures come as a viewer sees them, one for each frame of the clip's constant rate: one that a camera dropped is
    the one before it again.

    Raises:
        InputError: as `video_info`, damaged data, or a picture that cannot be decoded.
    """
    image: Image | None = None
    done = 0
    with closing(_shown(path)) as pictures:
        for place, frame, view in pictures:
            if image is not None:
                yield from repeat(image, place - done)
            image, done = view.show(frame), place + 1
            yield image


def decoded_notes(path: Path, hurry: bool = False) -> tuple[int, list[str]]:
    """Decode a whole video: its frames, and what is worth a look in its pictures though they can be read;
    in a ``hurry`` on as many threads as there are processors.

    Raises:
        InputError: as `read_frames`.
    """
    notes: dict[str, None] = {}
    last = -1
    for place, frame, _ in _shown(path, hurry):
        last = place
        if frame.interlaced_frame:
            notes["interlaced: every picture holds two moments, in odd and even lines, read as one"] = None
        if frame.color_trc in _HIGH_RANGE:
            notes["high dynamic range (PQ or HLG): read without tone mapping, so it looks flat"] = None
    return last + 1, list(notes)


def shown_as_coded(path: Path) -> bool:
    """Whether the pictures in a file are just what is shown of it: all of them, upright, one for each frame.

    Raises:
        InputError: as `video_info`.
    """
    if not timeline(path).plain:
        return False
    with closing(_shown(path)) as pictures:
        return all(view == View(frame.width) for _, frame, view in islice(pictures, 1))


def _shown(path: Path, hurry: bool = False) -> Generator[tuple[int, Any, View]]:
    """The decoded pictures that are shown, each with its frame and how to show it."""
    places = dict(timeline(path).places)
    size, view = None, None
    with open_video(path) as (container, stream):
        if hurry:
            stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                place = places.pop(frame.pts, None)
                if place is None:
                    continue
                if frame.is_corrupt:
                    raise InputError(f"{path}: damaged video at frame {place}. Copy the file again.")
                if size is None:
                    size, view = (frame.width, frame.height), view_of(frame, stream.sample_aspect_ratio)
                if view is None:
                    raise InputError(
                        f"{path}: its pictures are to be shown slanted or stretched; expected turns by quarters. "
                        f"Encode it anew as it should be seen."
                    )
                if size != (frame.width, frame.height):
                    raise InputError(
                        f"{path}: {frame.width}x{frame.height} pixels from frame {place} on, "
                        f"{size[0]}x{size[1]} before; expected one size."
                    )
                yield place, frame, view
        except FAILURES as error:
            done = len(timeline(path).places) - len(places)
            raise InputError(f"{path}: damaged video after frame {done} ({told(error)}).") from error
    if places:
        raise InputError(
            f"{path}: {len(places)} of its pictures cannot be decoded, the first at frame {min(places.values())}: "
            f"damaged, or cut at a place where no picture stands for itself. Copy or encode it again."
        )


class VideoWriter:
    """Writes H.264 (yuv420p) MP4, atomically: the file appears when the block ends without an error.

    One thread and fixed encoder settings: the same frames give the same bytes with the same build of the encoder.

    Args:
        path: the ``.mp4``; its folder is made if needed.
        fps: frames per second, exact; 30000/1001 stays that.
        size: ``(width, height)``, both even (4:2:0 colour).
        crf: x264's constant rate factor, 0 to 51; None keeps every pixel as it is, in RGB, of any size.

    Raises:
        ValueError: an odd size, or a frame of another shape or type.
        OSError: the file system refuses.
    """

    def __init__(self, path: Path, fps: Fraction, size: tuple[int, int], crf: int | None = 23) -> None:
        if crf is not None and (size[0] % 2 or size[1] % 2 or min(size) <= 0):
            raise ValueError(f"size must be even and positive for 4:2:0 video, got {size[0]}x{size[1]}")
        self.path, self.fps, self.size, self.crf = path, Fraction(fps), size, crf

    def __enter__(self) -> VideoWriter:
        self._atomic = atomic_path(self.path)
        temporary = self._atomic.__enter__()
        try:
            self._container = av.open(
                str(temporary),
                "w",
                format="mp4",
                container_options={"fflags": "+bitexact", "movflags": "+faststart"},
            )
            self._stream = self._new_stream()
        except BaseException as error:
            self._atomic.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def _new_stream(self) -> Any:
        exact = self.crf is None
        quality = {"qp": "0"} if exact else {"crf": str(self.crf)}
        codec = "libx264rgb" if exact else "libx264"
        stream: Any = self._container.add_stream(codec, rate=self.fps, options={**_ENCODER_OPTIONS, **quality})
        stream.width, stream.height = self.size
        stream.pix_fmt = "rgb24" if exact else "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.flags |= av.codec.context.Flags.bitexact
        if not exact:
            context.colorspace, context.color_range = _REC_601, _LIMITED_RANGE
        return stream

    def write(self, frame: Image) -> None:
        """Append one ``(H, W, 3)`` uint8 RGB frame."""
        width, height = self.size
        if frame.shape != (height, width, 3) or frame.dtype != np.uint8:
            raise ValueError(f"expected a uint8 frame of shape {(height, width, 3)}, got {frame.dtype} {frame.shape}")
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        if self.crf is not None:
            picture = picture.reformat(format="yuv420p", dst_colorspace=_REC_601, dst_color_range=_LIMITED_RANGE)
        for packet in self._stream.encode(picture):
            self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for packet in self._stream.encode():
                    self._container.mux(packet)
            self._container.close()
        except BaseException as failure:
            self._atomic.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._atomic.__exit__(kind, error, trace)
