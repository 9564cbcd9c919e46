"""The 64-d face layout: 52 MediaPipe blendshapes, then the 3x4 head transform ``[R | t]`` row by row.

Source: ResponseNet's ``vector`` files (OmniResponse, arXiv paper section 4); blendshape order of MediaPipe's face
landmarker. Rotation rows carry MediaPipe's uniform scale; ``t`` is in centimetres, camera space (x right, y up, z
towards the camera).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.types import Face

BLENDSHAPES: Final[tuple[str, ...]] = (
    "_neutral",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)
FACE_DIM: Final = 64
NEUTRAL_DISTANCE_CM: Final = 40.0
EXPRESSION: Final = slice(0, 52)
ROTATION_COLUMNS: Final[tuple[int, ...]] = (52, 53, 54, 56, 57, 58, 60, 61, 62)
TRANSLATION_COLUMNS: Final[tuple[int, ...]] = (55, 59, 63)
EYE_COLUMNS: Final[tuple[int, ...]] = tuple(i for i, name in enumerate(BLENDSHAPES) if name.startswith("eye"))
_INDEX: Final = {name: i for i, name in enumerate(BLENDSHAPES)}


def index_of(blendshape: str) -> int:
    """The column of a blendshape, like ``index_of("jawOpen") == 25``. Raises KeyError for a name that is none."""
    return _INDEX[blendshape]


def rotation(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ``(..., 3, 3)`` rotation (times a uniform scale) of ``(..., 64)`` coefficients."""
    return face[..., ROTATION_COLUMNS].reshape(*face.shape[:-1], 3, 3)


def translation(face: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ``(..., 3)`` head position in centimetres of ``(..., 64)`` coefficients."""
    return face[..., TRANSLATION_COLUMNS]


def pack(
    expression: NDArray[np.float32], rotation: NDArray[np.float32], translation: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Join ``(..., 52)``, ``(..., 3, 3)`` and ``(..., 3)`` (cm) into ``(..., 64)`` float32 coefficients."""
    head = np.concatenate([rotation, translation[..., None]], axis=-1)
    flat = head.reshape(*head.shape[:-2], 12)
    return np.concatenate([expression, flat], axis=-1).astype(np.float32)


def neutral_face() -> Face:
    """``(64,)``: no expression, head upright, 40 cm from the camera."""
    rotation = np.eye(3, dtype=np.float32)
    translation = np.array([0.0, 0.0, -NEUTRAL_DISTANCE_CM], np.float32)
    return pack(np.zeros(52, np.float32), rotation, translation)


def lost(face: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which rows of ``(T, 64)`` hold no face: where a tracker found none it leaves NaN, infinity, or zeros alone."""
    gone: NDArray[np.bool_] = ~np.isfinite(face).all(axis=1) | ~face.any(axis=1)
    return gone


def held(face: Face, before: Face | None = None) -> Face:
    """``(T, 64)`` in which a lost face is the last one that was seen: ``before`` (64,), or a neutral one, ahead of the
    first. The array itself where none is lost.

    Example:
        >>> rows = np.ones((4, 64), np.float32) * np.array([[np.nan], [2], [0], [3]], np.float32)
        >>> held(rows)[:, 0].tolist(), held(rows, rows[3])[:, 0].tolist()
        ([0.0, 2.0, 2.0, 3.0], [3.0, 2.0, 2.0, 3.0])
    """
    gone = lost(face)
    if not gone.any():
        return face
    first = neutral_face() if before is None else before
    last_seen = np.maximum.accumulate(np.where(gone, 0, np.arange(1, len(face) + 1)))
    found: Face = np.concatenate([first[None], face])[last_seen]
    return found
