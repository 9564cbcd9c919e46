"""Faces followed while a video runs, so that no picture has to be decoded twice and few are held.

The rules are those of `omnibench.metrics.lips.lipsync.tracks` and `omnibench.metrics.lips.lipsync.crops`; a track ends
at a cut, and none is too short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.metrics.lips.lipsync.crops import MARGIN, SIDE, SMOOTHING, Square, crop
from omnibench.metrics.lips.lipsync.pixels import resize
from omnibench.metrics.lips.lipsync.tracks import GAP, OVERLAP, overlap
from omnibench.types import Image

_HALF: Final = SMOOTHING // 2
_WHOLE: Final = 0.9
"""A video is itself a crop of the face where the square around the face would take in so much of the picture."""


class Lips(NamedTuple):
    """The lips of one track in one frame, ``(224, 224, 3)``."""

    track: int
    frame: int
    picture: Image


@dataclass(slots=True)
class _Track:
    number: int
    first: int
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    done: int = 0
    whole: bool | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.boxes) - 1


class FaceFollower:
    """Takes pictures with their faces in order and gives the lips back, at most ``GAP + 6`` frames late.

    Args:
        wanted: whether anybody will look at the lips of a frame; others are not cut out.
    """

    def __init__(self, wanted: Callable[[int], bool]) -> None:
        self._wanted = wanted
        self._pictures: dict[int, Image] = {}
        self._tracks: list[_Track] = []
        self._started = 0
        self._frame = -1

    def push(self, picture: Image, faces: NDArray[np.float64], cut: bool) -> Iterator[Lips]:
        """The next picture, its faces ``(k, 4 or more)``, and whether a new scene begins with it."""
        if cut:
            yield from self.finish()
        self._frame += 1
        self._pictures[self._frame] = picture
        for face in faces:
            self._join(np.asarray(face[:4], dtype=np.float64))
        for track in self._tracks:
            yield from self._cut_out(track, ended=self._frame - track.last > GAP)
        self._tracks = [track for track in self._tracks if self._frame - track.last <= GAP]
        oldest = min((track.first + track.done for track in self._tracks), default=self._frame + 1)
        for frame in [frame for frame in self._pictures if frame < oldest]:
            del self._pictures[frame]

    def finish(self) -> Iterator[Lips]:
        """What is still held back."""
        for track in self._tracks:
            yield from self._cut_out(track, ended=True)
        self._tracks = []
        self._pictures.clear()

    def _join(self, box: NDArray[np.float64]) -> None:
        open_tracks = [track for track in self._tracks if track.last < self._frame]
        best = max(open_tracks, key=lambda track: overlap(box, track.boxes[-1]), default=None)
        if best is None or overlap(box, best.boxes[-1]) <= OVERLAP:
            self._tracks.append(_Track(self._started, self._frame, [box]))
            self._started += 1
            return
        step = (box - best.boxes[-1]) / (self._frame - best.last)
        start, missing = best.boxes[-1], self._frame - best.last
        best.boxes += [start + step * ahead for ahead in range(1, missing)] + [box]

    def _cut_out(self, track: _Track, ended: bool) -> Iterator[Lips]:
        ready = len(track.boxes) - (0 if ended else _HALF)
        while track.done < ready:
            frame = track.first + track.done
            if self._wanted(frame):
                yield Lips(track.number, frame, self._lips(track, self._pictures[frame]))
            track.done += 1

    def _lips(self, track: _Track, picture: Image) -> Image:
        square = _smoothed(track.boxes[max(0, track.done - _HALF) : track.done + _HALF + 1])
        if track.whole is None:
            track.whole = _part_inside(square, picture) >= _WHOLE
        return resize(picture, SIDE, SIDE) if track.whole else crop(picture, square)


def _smoothed(boxes: list[NDArray[np.float64]]) -> Square:
    """The median of the squares of up to 13 neighbouring boxes."""
    left, top, right, bottom = np.array(boxes).T
    half = np.maximum(bottom - top, right - left) / 2
    return Square(*(float(np.median(values)) for values in (half, (left + right) / 2, (top + bottom) / 2)))


def _part_inside(square: Square, picture: Image) -> float:
    """How much of the picture the lips' crop takes in, 0 to 1."""
    height, width = picture.shape[:2]
    side = square.half * (1 + MARGIN)
    across = min(width, square.x + side) - max(0.0, square.x - side)
    down = min(height, square.y + square.half * (1 + 2 * MARGIN)) - max(0.0, square.y - square.half)
    return max(0.0, across) * max(0.0, down) / (width * height)
