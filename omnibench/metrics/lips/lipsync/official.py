"""LSE-D the official way, step by step and loss by loss, without its files in between where they are not needed.

Pictures are decoded once for faces and scenes and once more for the crops; what lies between is a temporary file of
JPEG, so memory does not grow with the video beyond boxes and one track's crops at a time.

Source: OmniResponse ``evaluation/audio/audio_sync`` @2ba1c7c around joonson/syncnet_python @6efbb1c.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.opencv_mpeg4 import OpenCvMpeg4
from omnibench.metrics.lips.lipsync.crops import SIDE, crop, squares
from omnibench.metrics.lips.lipsync.detection import SCALE
from omnibench.metrics.lips.lipsync.encodes import (
    RATE,
    JpegWriter,
    combine,
    pictures_of,
    read_jpeg,
    sound_of,
    to_25_fps,
)
from omnibench.metrics.lips.lipsync.mfcc import mfcc, sound_windows
from omnibench.metrics.lips.lipsync.networks import Networks
from omnibench.metrics.lips.lipsync.scenes import SceneCuts
from omnibench.metrics.lips.lipsync.tracks import SHORTEST, FaceTrack, tracks_of
from omnibench.metrics.lips.sync_distance import FPS, WINDOW, LipSync, lse, shift_distances
from omnibench.types import Image

BATCH: Final = 20
_SAMPLES: Final = RATE // FPS


def official_tracks(video: Path, audio: Path, networks: Networks, shortest: int = SHORTEST) -> list[LipSync]:
    """The four numbers of every face track of a video; none where no track is long and large enough.

    Args:
        video: an MP4.
        audio: a WAV or FLAC.
        networks: S3FD and SyncNet.
        shortest: a track has more faces than this, a scene at least so many frames.

    Raises:
        InputError: a file cannot be decoded.
        MissingError: there is no ffmpeg.
    """
    with TemporaryDirectory(prefix="omnibench-lse-") as folder, TemporaryFile() as spool:
        combined, avi = Path(folder) / "combined.mp4", Path(folder) / "video.avi"
        combine(video, audio, combined)
        to_25_fps(combined, avi)
        faces, scenes, files = survey(avi, networks, spool)
        samples = sound_of(avi)
        tracks = tracks_of(faces, scenes, shortest)
        found = (track_sync(track, _read(spool, files, track), samples, networks) for track in tracks)
        return [sync for sync in found if sync is not None]


def survey(
    avi: Path, networks: Networks, spool: IO[bytes]
) -> tuple[list[NDArray[np.float64]], list[tuple[int, int]], list[tuple[int, int]]]:
    """Faces of every picture, scenes, and where each picture's JPEG lies in ``spool`` (offset, length)."""
    cuts, writer = SceneCuts(), None
    faces: list[NDArray[np.float64]] = []
    files: list[tuple[int, int]] = []
    waiting: list[Image] = []
    last: Any = None
    for frame in pictures_of(avi):
        writer = writer or JpegWriter(frame.width, frame.height, best=True)
        if frame is not last:
            # A picture that only the numbered files show twice is one picture to the scene detector.
            cuts.push(frame.reformat(format="rgb24", interpolation="BICUBIC").to_ndarray())
        last = frame
        data = writer.write(frame)
        files.append((spool.tell(), len(data)))
        spool.write(data)
        waiting.append(read_jpeg(data))
        if len(waiting) == BATCH:
            faces += networks.faces(waiting, SCALE)
            waiting = []
    if waiting:
        faces += networks.faces(waiting, SCALE)
    return faces, cuts.scenes(), files


def track_sync(
    track: FaceTrack, pictures: Iterable[Image], samples: NDArray[np.int16], networks: Networks
) -> LipSync | None:
    """The numbers of one track; None where its sound ends before the first window.

    Args:
        track: where the face is.
        pictures: of the track's frames, in order.
        samples: the whole video's sound at 16 kHz.
        networks: SyncNet.
    """
    start = round(round(track.first / FPS, 3) * RATE)
    own = samples[start : round(round((track.first + len(track.boxes)) / FPS, 3) * RATE)]
    return sync_of(_encoded(track, pictures), len(track.boxes), own, networks)


def sync_of(pictures: Iterable[Image], frames: int, samples: NDArray[np.int16], networks: Networks) -> LipSync | None:
    """The numbers of pictures of lips and their sound; None where either ends before the first window.

    Args:
        pictures: each ``(224, 224, 3)`` RGB.
        frames: how many there are.
        samples: ``(n,)`` at 16 kHz.
        networks: SyncNet.
    """
    count = min(frames, len(samples) // _SAMPLES) - WINDOW
    if count < 1:
        return None
    coefficients = mfcc(samples)
    lips = np.concatenate([networks.lips(windows) for windows in _windows(pictures, count)])
    sound = np.concatenate(
        [
            networks.sound(sound_windows(coefficients, first, min(BATCH, count - first)))
            for first in range(0, count, BATCH)
        ]
    )
    return lse(shift_distances(lips, sound))


def _encoded(track: FaceTrack, pictures: Iterable[Image]) -> Iterator[Image]:
    """The track's crops after the writer of crops and the JPEG files behind it."""
    loop, writer = OpenCvMpeg4(SIDE, Fraction(FPS)), JpegWriter(SIDE, SIDE, best=False)
    for square, picture in zip(squares(track.boxes), pictures, strict=True):
        for frame in loop.push(crop(picture, square)):
            yield read_jpeg(writer.write(frame))
    for frame in loop.finish():
        yield read_jpeg(writer.write(frame))


def _windows(pictures: Iterable[Image], count: int) -> Iterator[NDArray[np.uint8]]:
    """The first ``count`` windows of five pictures, ``(n, 5, 224, 224, 3)`` for up to 20 at once."""
    recent: deque[Image] = deque(maxlen=WINDOW)
    batch: list[NDArray[np.uint8]] = []
    made = 0
    for picture in pictures:
        recent.append(picture)
        if len(recent) < WINDOW or made == count:
            continue
        batch.append(np.stack(recent))
        made += 1
        if len(batch) == BATCH:
            yield np.stack(batch)
            batch = []
    if batch:
        yield np.stack(batch)


def _read(spool: IO[bytes], files: list[tuple[int, int]], track: FaceTrack) -> Iterator[Image]:
    for offset, length in files[track.first : track.first + len(track.boxes)]:
        spool.seek(offset)
        yield read_jpeg(spool.read(length))
