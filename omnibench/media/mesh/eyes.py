"""Eyeballs as geometry (spheres; what they show is computed per pixel) and gaze from the eyeLook coefficients."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of

Floats = NDArray[np.float32]

GAZE_SIDE: Final = np.radians(34.0)
GAZE_UP: Final = np.radians(21.0)
GAZE_DOWN: Final = np.radians(30.0)
"""Turn of the eyeball at a coefficient of 1."""

_UP = np.array([index_of("eyeLookUpLeft"), index_of("eyeLookUpRight")])
_DOWN = np.array([index_of("eyeLookDownLeft"), index_of("eyeLookDownRight")])
_IN = np.array([index_of("eyeLookInLeft"), index_of("eyeLookInRight")])
_OUT = np.array([index_of("eyeLookOutLeft"), index_of("eyeLookOutRight")])
_OUTWARD = np.array([1.0, -1.0])


def eyeball(
    centre: Floats, radius: float, rings: int = 10, spokes: int = 20
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """The front of an eyeball about +z.

    Returns:
        Points (N, 3) and unit directions from the centre (N, 3), and triangles (M, 3) anticlockwise from outside.
    """
    polar = np.linspace(0.0, np.radians(85.0), rings + 1)[1:]
    turn = np.arange(spokes) * (2 * np.pi / spokes)
    ring = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(turn),
            np.sin(polar)[:, None] * np.sin(turn),
            np.repeat(np.cos(polar)[:, None], spokes, 1),
        ],
        axis=-1,
    )
    directions = np.concatenate([[[0.0, 0.0, 1.0]], ring.reshape(-1, 3)]).astype(np.float32)
    near = 1 + np.arange(spokes)
    far = 1 + (np.arange(spokes) + 1) % spokes
    triangles = [np.stack([np.zeros(spokes, int), near, far], 1)]
    for step in range(rings - 1):
        a, b = near + step * spokes, far + step * spokes
        triangles += [np.stack([a, a + spokes, b + spokes], 1), np.stack([a, b + spokes, b], 1)]
    return centre + radius * directions, directions, np.concatenate(triangles).astype(np.int32)


def gaze_directions(blendshapes: Floats) -> Floats:
    """Unit gaze (2, 3) of the left and right eye in the head frame, from 52 blendshapes."""
    side = GAZE_SIDE * _OUTWARD * (blendshapes[_OUT] - blendshapes[_IN])
    up = GAZE_UP * blendshapes[_UP] - GAZE_DOWN * blendshapes[_DOWN]
    return np.stack([np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)], axis=1).astype(np.float32)
