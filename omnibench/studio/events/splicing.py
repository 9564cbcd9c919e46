"""Two recordings of one head that can follow each other at any moment: nobody knows beforehand at which frame."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import ROTATION_COLUMNS, TRANSLATION_COLUMNS
from omnibench.studio.curves import Curve, ease
from omnibench.studio.motion import rotation_matrices

Faces = NDArray[np.float32]
Pose = NDArray[np.float64]

STILL: Final = 0.35
"""Share of its movement that a head keeps while it waits for the other recording."""
_SETTLES: Final = 0.6
_LEAVES: Final = 0.5


def waiting(face: Faces, fps: float, since: float) -> tuple[Faces, Pose]:
    """A head ``(T, 64)`` that holds nearly still from ``since`` seconds on; and the pose ``(6,)`` that it holds: pitch,
    yaw, roll in degrees, position in cm.
    """
    t = _times(face, fps)
    pose = _pose(face)
    held = pose[t >= since].mean(axis=0)
    kept = 1.0 - (1.0 - STILL) * ease(t, since, _SETTLES)
    return _posed(face, held + kept[:, None] * (pose - held)), held


def leaving(face: Faces, fps: float, held: Pose) -> Faces:
    """A head that starts in the pose in which the other one was held, and is where it was from half a second on."""
    pose = _pose(face)
    rest = 1.0 - ease(_times(face, fps), 0.0, _LEAVES)
    return _posed(face, pose + rest[:, None] * (held - pose[0]))


def _times(face: Faces, fps: float) -> Curve:
    return np.asarray(np.arange(len(face)) / fps, np.float64)


def _pose(face: Faces) -> Pose:
    turned = face[:, list(ROTATION_COLUMNS)].reshape(-1, 3, 3).astype(np.float64)
    pitch, yaw = np.arcsin(np.clip(-turned[:, 1, 2], -1.0, 1.0)), np.arctan2(turned[:, 0, 2], turned[:, 2, 2])
    angles = np.degrees(np.stack([pitch, yaw, np.arctan2(turned[:, 1, 0], turned[:, 1, 1])], axis=1))
    return np.concatenate([angles, face[:, list(TRANSLATION_COLUMNS)].astype(np.float64)], axis=1)


def _posed(face: Faces, pose: Pose) -> Faces:
    shown = face.copy()
    shown[:, list(ROTATION_COLUMNS)] = rotation_matrices(pose[:, :3]).reshape(-1, 9)
    shown[:, list(TRANSLATION_COLUMNS)] = pose[:, 3:]
    return shown
