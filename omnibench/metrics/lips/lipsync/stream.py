"""Lip-sync distances of a clip while it is decoded: nothing written, nothing encoded, memory flat.

Pictures are taken at 25 a second by time, whatever the video's rate; faces are found and followed
(`omnibench.metrics.lips.lipsync.follow`); only windows that are speech and that have sound at every shift are looked
at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import loud_spans, sound_levels
from omnibench.features.media import Media
from omnibench.features.store import Arrays
from omnibench.metrics.lips.lipsync.follow import FaceFollower, Lips
from omnibench.metrics.lips.lipsync.networks import Networks
from omnibench.metrics.lips.lipsync.pixels import resize
from omnibench.metrics.lips.lipsync.scenes import THRESHOLD, change, hue_saturation_value
from omnibench.metrics.lips.lipsync.sound import SoundEmbeddings, cepstra
from omnibench.metrics.lips.sync_distance import EPSILON, FPS, SHIFTS, WINDOW, speech_windows, whole_windows
from omnibench.types import Image

_BATCH: Final = 20
_SHORT_SIDE: Final = 160
_SCENE_SIDE: Final = 64
_SCALE: Final = 0.25


class LipSyncExtractor:
    """Makes ``distances`` ``(n, 31)`` float32 of the windows that count, ``frames`` ``(n,)`` they start at, and three
    counts: ``faces`` (frames at 25 a second in which a face was found), ``seen`` (all such frames) and ``speech``
    (windows of speech).

    Args:
        networks: S3FD and SyncNet, or others of the same shapes.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    @property
    def key(self) -> str:
        """Networks and version of the arithmetic."""
        return f"lipsync-stream-1:{self._networks.key}"

    def open(self, media: Media) -> _Running:
        """Start on a clip. Raises MetricError where it has no pictures or no sound."""
        return _Running(media, self._networks)


class _Running:
    def __init__(self, media: Media, networks: Networks) -> None:
        self._networks = networks
        self._clock = _Clock(media.rate())
        self._sound = SoundEmbeddings(cepstra(media), networks)
        self._speech = speech_windows(loud_spans(sound_levels(media.sound)), self._sound.windows)
        self._counted = self._speech & whole_windows(self._sound.windows)
        needed = np.convolve(self._counted, np.ones(WINDOW, dtype=int)) > 0
        self._follower = FaceFollower(lambda frame: frame < len(needed) and bool(needed[frame]))
        self._waiting: list[Image] = []
        self._scene: NDArray[np.uint8] | None = None
        self._lips: dict[int, deque[Lips]] = {}
        self._windows: list[tuple[int, NDArray[np.uint8]]] = []
        self._frames: list[int] = []
        self._distances: list[NDArray[np.float32]] = []
        self._seen = self._faces = 0

    def push(self, image: Image) -> None:
        """The next picture."""
        for _ in range(self._clock.tick()):
            self._waiting.append(image)
            if len(self._waiting) == _BATCH:
                self._look()

    def finish(self) -> Arrays:
        """The distances; no rows where no window counts."""
        self._look()
        self._take(self._follower.finish())
        self._embed()
        none = np.zeros((0, 2 * SHIFTS + 1), dtype=np.float32)
        return {
            "distances": np.concatenate([none, *self._distances]),
            "frames": np.array(self._frames, dtype=np.int64),
            "faces": np.array(self._faces),
            "seen": np.array(self._seen),
            "speech": np.array(int(self._speech.sum())),
        }

    def _look(self) -> None:
        if not self._waiting:
            return
        short = min(self._waiting[0].shape[:2])
        found = self._networks.faces(self._waiting, max(_SCALE, min(1.0, _SHORT_SIDE / short)))
        for picture, faces in zip(self._waiting, found, strict=True):
            self._seen += 1
            self._faces += len(faces) > 0
            self._take(self._follower.push(picture, faces, self._is_cut(picture)))
        self._waiting = []

    def _is_cut(self, picture: Image) -> bool:
        height, width = picture.shape[:2]
        factor = max(1.0, max(height, width) / _SCENE_SIDE)
        current = hue_saturation_value(resize(picture, max(1, round(width / factor)), max(1, round(height / factor))))
        last, self._scene = self._scene, current
        return last is not None and change(current, last) >= THRESHOLD

    def _take(self, pictures: Iterable[Lips]) -> None:
        for lips in pictures:
            run = self._lips.setdefault(lips.track, deque(maxlen=WINDOW))
            run.append(lips)
            first = lips.frame - WINDOW + 1
            if len(run) == WINDOW and run[0].frame == first and first < len(self._counted) and self._counted[first]:
                self._windows.append((first, np.stack([part.picture for part in run])))
                if len(self._windows) == _BATCH:
                    self._embed()

    def _embed(self) -> None:
        if not self._windows:
            return
        lips = self._networks.lips(np.stack([pictures for _, pictures in self._windows]))
        rows = []
        for (frame, _), own in zip(self._windows, lips, strict=True):
            around = self._sound.between(frame - SHIFTS, frame + SHIFTS + 1)
            rows.append(np.linalg.norm(own.astype(np.float64) - around + EPSILON, axis=1))
            self._frames.append(frame)
        self._distances.append(np.array(rows, dtype=np.float32))
        self._windows = []


class _Clock:
    """How often each picture of a video is shown at 25 a second: picture ``floor((n + 1/2) * fps / 25)`` is the
    ``n``-th.
    """

    def __init__(self, fps: Fraction) -> None:
        self._step = fps / FPS
        self._next = self._shown = 0

    def tick(self) -> int:
        """Times that the next picture is shown."""
        times = 0
        while (2 * self._next + 1) * self._step // 2 == self._shown:
            self._next += 1
            times += 1
        self._shown += 1
        return times
