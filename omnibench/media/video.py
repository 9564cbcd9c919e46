"""Video in and out: H.264 files through PyAV, one frame at a time, at exact rational frame rates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import av
import numpy as np

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.types import Image

# Rates that cameras and broadcasters use; a container's average rate is rounded to one of them when it is that rate.
USUAL_RATES: Final[tuple[Fraction, ...]] = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_RATE_TOLERANCE: Final = Fraction(3, 10_000)  # 30 and 30000/1001 lie 1e-3 apart
_ENCODER_OPTIONS: Final = {
    "preset": "veryfast",
    "threads": "1",
    "x264-params": "threads=1:lookahead-threads=1:log-level=none",
}
_REC_601: Final = 6
_LIMITED_RANGE: Final = 1


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """``frames`` as the container counts them, ``fps`` exact, ``width`` and ``height`` in pixels."""

    frames: int
    fps: Fraction
    width: int
    height: int


def nearest_usual_rate(fps: Fraction, tolerance: Fraction = _RATE_TOLERANCE) -> Fraction | None:
    """The usual frame rate within the relative ``tolerance`` of ``fps`` (the nearest one), or None."""
    best = min(USUAL_RATES, key=lambda rate: abs(rate - fps))
    return best if abs(best - fps) <= tolerance * best else None


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """A file's PyAV container and its first video stream. Raises InputError where it is missing or no video."""
    with _open(path) as container:
        yield container, _video_stream(path, container)


def video_info(path: Path) -> VideoInfo:
    """Length, rate and size of a video file, from its header; packets are counted where the header does not say.

    Raises:
        InputError: the file is missing, is no video, or is cut short before its index.
    """
    with _open(path) as container:
        stream = _video_stream(path, container)
        average = stream.average_rate or stream.guessed_rate
        if not average:
            raise InputError(f"{path}: no frame rate in the file; expected a constant rate such as 25 or 30000/1001.")
        fps = Fraction(average)
        width, height, frames = stream.codec_context.width, stream.codec_context.height, stream.frames
        if not frames:
            frames = sum(1 for packet in container.demux(stream) if packet.size)
    return VideoInfo(frames, nearest_usual_rate(fps) or fps, width, height)


def read_frames(path: Path) -> Iterator[Image]:
    """Decode a video frame by frame as ``(H, W, 3)`` uint8 RGB, holding one frame at a time.

    Raises:
        InputError: as `video_info`, damaged data, or fewer frames than the header promises.
    """
    with _open(path) as container:
        stream = _video_stream(path, container)
        promised, decoded = stream.frames, 0
        try:
            for frame in container.decode(stream):
                image: Image = frame.to_ndarray(format="rgb24")
                decoded += 1
                yield image
        except av.FFmpegError as error:
            raise InputError(f"{path}: damaged video after frame {decoded} ({error.strerror}).") from error
        if promised and decoded < promised:
            raise InputError(
                f"{path}: truncated: the header promises {promised} frames, {decoded} could be decoded. "
                f"Copy the file again."
            )


def count_packets(path: Path) -> int:
    """Coded frames whose bytes are really in the file, without decoding them.

    Raises:
        InputError: as `video_info`, or the data is damaged or cut short.
    """
    with _open(path) as container:
        stream = _video_stream(path, container)
        promised, found = stream.frames, 0
        try:
            for packet in container.demux(stream):
                if packet.is_corrupt:
                    raise InputError(
                        f"{path}: truncated or damaged at frame {found} of {promised}. Copy the file again."
                    )
                found += bool(packet.size)
        except av.FFmpegError as error:
            raise InputError(f"{path}: damaged video after frame {found} ({error.strerror}).") from error
    if promised and found < promised:
        raise InputError(
            f"{path}: truncated: the header promises {promised} frames, the data of {found} is there. "
            f"Copy the file again."
        )
    return found


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


def _open(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected an MP4 video.")
    try:
        return av.open(str(path), metadata_errors="replace")
    except av.FFmpegError as error:
        raise InputError(
            f"{path}: not readable as video ({error.strerror}); expected a complete MP4. Copy the file again."
        ) from error


def _video_stream(path: Path, container: Any) -> Any:
    if not container.streams.video:
        raise InputError(f"{path}: no video stream in the file; expected an MP4 with one.")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise InputError(f"{path}: the index is cut short or names no known codec; expected H.264. Copy it again.")
    return stream
