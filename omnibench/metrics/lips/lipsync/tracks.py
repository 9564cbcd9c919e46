"""Faces of single pictures joined into tracks: one person's face through one scene.

Source: ``track_shot`` in ``run_pipeline.py`` of joonson/syncnet_python @6efbb1c, whose way of going through the faces
is kept: a face that joins a track hides the next one of the same picture from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Box = Sequence[float] | NDArray[Any]
OVERLAP: Final = 0.5
GAP: Final = 25
"""Frames without the face before a track ends."""

SHORTEST: Final = 100
"""A scene has at least so many frames, a track more than so many faces."""

SMALLEST: Final = 100.0
"""Pixels that a face's mean longer side is above."""


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """Frames ``first`` to ``first + len(boxes) - 1`` with the face's box in each, ``(n, 4)`` left, top, right, bottom
    in pixels.
    """

    first: int
    boxes: NDArray[np.float64]


def tracks_of(
    faces: Sequence[NDArray[Any]],
    scenes: Sequence[tuple[int, int]],
    shortest: int = SHORTEST,
    smallest: float = SMALLEST,
) -> list[FaceTrack]:
    """Every track of a video, scene by scene.

    Args:
        faces: one ``(k, 4 or more)`` array a frame: left, top, right, bottom in pixels.
        scenes: ``start <= frame < stop``.
        shortest: a track has more faces than this, a scene at least so many frames.
        smallest: the larger of a track's mean width and mean height is above this, in pixels.
    """
    tracks: list[FaceTrack] = []
    for start, stop in scenes:
        if stop - start < shortest:
            continue
        left = [[(frame, box) for box in faces[frame]] for frame in range(start, min(stop, len(faces)))]
        while track := _take_one(left):
            if len(track) > shortest:
                filled = _fill(track)
                sides = filled.boxes[:, 2:] - filled.boxes[:, :2]
                if sides.mean(axis=0).max() > smallest:
                    tracks.append(filled)
    return tracks


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes.

    Example:
        >>> overlap((0, 0, 2, 2), (1, 0, 3, 2))
        0.3333333333333333
    """
    shared = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return float(shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared))


def _take_one(left: list[list[tuple[int, NDArray[Any]]]]) -> list[tuple[int, NDArray[Any]]]:
    """Move one track's faces out of ``left``: from the first face there is, along those that overlap the last."""
    track: list[tuple[int, NDArray[Any]]] = []
    for faces in left:
        place = 0
        while place < len(faces):
            frame, box = faces[place]
            if track and frame - track[-1][0] > GAP:
                break
            if not track or overlap(box, track[-1][1]) > OVERLAP:
                track.append(faces.pop(place))
            # Taken or not, the place moves on: the face behind a taken one is not looked at.
            place += 1
    return track


def _fill(track: Sequence[tuple[int, NDArray[Any]]]) -> FaceTrack:
    """Boxes of the frames between, on straight lines."""
    from scipy.interpolate import interp1d

    frames = np.array([frame for frame, _ in track])
    boxes = np.array([box[:4] for _, box in track], dtype=np.float64)
    every = np.arange(frames[0], frames[-1] + 1)
    return FaceTrack(int(frames[0]), np.stack([interp1d(frames, side)(every) for side in boxes.T], axis=1))
