"""The top: the skin of the torso grown outwards and cut along a neckline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NECKLINES = {"crew": (5.70, 6.12), "scoop": (5.42, 6.02), "v": (5.74, 6.14)}
"""Height (source dm) of the edge in front and at the back of the neck."""


def neckline_depth(points: Floats, neckline: str) -> Floats:
    """How far below the neckline source points (V, 3) lie, in cm; negative is bare skin."""
    front, back = NECKLINES[neckline]
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    edge = back + (front - back) * np.clip((z + 0.45) / 1.35, -0.2, 1.2)
    edge = edge + 0.6 * np.clip(x - 0.6, 0, 1)
    if neckline == "v":
        edge = np.where(z > 0.2, np.minimum(edge, 5.02 + 1.45 * x), edge)
    if neckline == "scoop":
        edge = np.where(z > 0.2, np.minimum(edge, 5.25 + 0.9 * x**2 + 0.25 * x), edge)
    return ((edge - y) * 10).astype(np.float32)


@dataclass(frozen=True)
class Cloth:
    """``source``: (N,) index of the skin vertex under each cloth vertex.  ``triangles``: (M, 3) into those.
    ``cover``: (N,) cut-out value.  ``hidden``: (T,) which of the given skin triangles the cloth covers altogether."""

    source: NDArray[np.int64]
    triangles: NDArray[np.int32]
    cover: Floats
    hidden: NDArray[np.bool_]


def dress(base: Floats, skin: NDArray[np.int32], neckline: str) -> Cloth:
    """Choose the triangles of a top from source points (V, 3) and skin triangles (T, 3)."""
    depth = neckline_depth(base, neckline)
    below = (depth[skin] > -2.0).any(1) & (base[skin][..., 1] < 6.2).all(1)
    source = np.unique(skin[below])
    renumber = np.full(len(base), -1)
    renumber[source] = np.arange(len(source))
    cover = np.clip(0.5 + 3.0 * depth[source], -2.0, 2.0).astype(np.float32)
    return Cloth(source, renumber[skin[below]].astype(np.int32), cover, (depth[skin] > 1.0).all(1) & below)
