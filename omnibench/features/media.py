"""One person's pictures and sound as the metrics' networks see them, and a key that names their content.

Equal content gives equal keys, wherever the files lie, so what a network made of them once need not be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from omnibench.errors import MetricError
from omnibench.files.hashing import file_sha256
from omnibench.media.renderer import DEFAULT_RENDERER
from omnibench.types import Audio, Dialogue, Image


@dataclass(frozen=True, slots=True)
class Media:
    """Pictures and sound of one person in one dialogue, each read when asked for.

    ``key`` is a hex digest of the content. ``fps`` and ``images`` belong together, as do ``sample_rate`` and ``audio``
    (``(start, stop)`` in samples, past the end shorter); None where there is nothing. The paths are None where pictures
    are drawn instead of decoded.
    """

    key: str
    fps: Callable[[], Fraction] | None = None
    images: Callable[[], Iterator[Image]] | None = None
    sample_rate: Callable[[], int] | None = None
    audio: Callable[[int, int | None], Audio] | None = None
    video_path: Path | None = None
    audio_path: Path | None = None

    def pictures(self) -> Iterator[Image]:
        """The pictures ``(H, W, 3)`` uint8 one by one. Raises MetricError where there are none."""
        if self.images is None:
            raise MetricError("no video")
        return self.images()

    def rate(self) -> Fraction:
        """Pictures per second. Raises MetricError where there are no pictures."""
        if self.fps is None:
            raise MetricError("no video")
        return self.fps()

    def sound(self, start: int = 0, stop: int | None = None) -> tuple[Audio, int]:
        """Samples ``start <= n < stop`` in [-1, 1] and their rate. Raises MetricError where there is no sound."""
        if self.audio is None or self.sample_rate is None:
            raise MetricError("no audio")
        return self.audio(start, stop), self.sample_rate()


def media_of_files(video: Path | None, audio: Path | None) -> Media:
    """What a video and a sound file hold, either of which may be None."""
    from omnibench.media.audio import audio_info, read_audio
    from omnibench.media.video import read_frames, video_info

    return Media(
        key=_digest(*(path for path in (video, audio) if path is not None)),
        fps=None if video is None else lambda: video_info(video).fps,
        images=None if video is None else lambda: read_frames(video),
        sample_rate=None if audio is None else lambda: audio_info(audio).sample_rate,
        audio=None if audio is None else lambda start, stop: read_audio(audio, start, stop),
        video_path=video,
        audio_path=audio,
    )


def listener_media(reference: Dialogue) -> Media:
    """What the human listener did in one dialogue; pictures are drawn from the vectors where the data has an identity
    but no video.
    """
    track = reference.listener
    video, audio, vector = (track.file(modality) for modality in ("video", "audio", "vector"))
    identity = reference.identities.get("listener", "")
    drawn = video is None and vector is not None and bool(identity)
    source = vector if drawn else video
    return Media(
        key=_digest(
            *(path for path in (source, audio) if path is not None),
            note=f"{DEFAULT_RENDERER}:{identity}" if drawn else "",
        ),
        fps=(lambda: reference.fps) if source is not None else None,
        images=track.images if source is not None else None,
        sample_rate=(lambda: reference.sample_rate) if audio is not None else None,
        audio=track.audio if audio is not None else None,
        video_path=video,
        audio_path=audio,
    )


def voice_media(reference: Dialogue, role: Literal["speaker", "listener"]) -> Media:
    """The sound of one person of the recording, and nothing else. Raises MetricError where the data has none."""
    track = reference.speaker if role == "speaker" else reference.listener
    if not track.has_audio:
        raise MetricError(f"no sound of the {role}")
    path = track.file("audio")
    return Media(
        key=hashlib.sha256(track.audio().tobytes()).hexdigest() if path is None else _digest(path),
        sample_rate=lambda: reference.sample_rate,
        audio=track.audio,
        audio_path=path,
    )


def as_opencv_reads(media: Media) -> Media:
    """The same video file as OpenCV shows it (`omnibench.media.opencv_reader`); unchanged where pictures are drawn."""
    path = media.video_path
    if path is None:
        return media
    from omnibench.media.opencv_reader import opencv_frames, opencv_rate

    return replace(
        media,
        key=hashlib.sha256(f"opencv:{media.key}".encode()).hexdigest(),
        fps=lambda: opencv_rate(path),
        images=lambda: opencv_frames(path),
    )


def _digest(*paths: Path, note: str = "") -> str:
    """Hex sha256 over the files' digests, in order, and the note."""
    whole = hashlib.sha256(note.encode())
    for path in paths:
        whole.update(f"{path.suffix}:{file_sha256(path)};".encode())
    return whole.hexdigest()
