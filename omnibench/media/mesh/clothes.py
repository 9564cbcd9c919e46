"""The top: the skin of the torso grown outwards and cut along a neckline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Triangles = NDArray[np.int32]


NECK_Z: Final = 0.2
"""Where the neck's axis stands (source dm) at the height of the collar."""

COVERED: Final = 2.5
"""Skin this far (cm) outside the neckline is left out; nearer, one could look at it between neck and collar."""

SPLITS: Final = 2
"""How often triangles near the neckline are split in four, so that its curve is smooth."""


def neckline_depth(points: Floats, neckline: str) -> Floats:
    """How far outside the neckline source points (V, 3) lie, in cm; negative is bare skin.

    The neckline is a cone about the neck, wider in front for the scoop and the V.
    """
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2] - NECK_Z
    # Capped, or the underside of the chin would be as far out as the chest.
    radius = np.minimum(np.hypot(x, z), 0.8)
    ahead = np.clip(z / np.maximum(np.hypot(x, z), 1e-6), 0, 1)
    hole = np.full(len(points), {"wrapped": 0.0, "high": 0.22}.get(neckline, 0.43))
    if neckline == "scoop":
        hole += 0.50 * ahead**2
    if neckline == "v":
        hole += np.clip(1.05 - np.hypot(1.9 * x, 0.12), 0, None) * np.clip((ahead - 0.2) / 0.5, 0, 1)
    depth = 10 * (radius - hole + (5.72 - y))
    if neckline == "wrapped":
        # A veil closes under the chin and rises along the jaw.
        depth = np.minimum(depth, 10 * (6.17 + 0.55 * np.clip((1.15 - points[:, 2]) / 0.8, 0, 1) - y))
    return depth.astype(np.float32)


def split(values: Floats, triangles: Triangles, chosen: NDArray[np.bool_]) -> tuple[Floats, Triangles]:
    """Split the chosen triangles in four at their edges' midpoints; values (V, C) are interpolated.

    Neighbours that are not split keep their straight edge, on which the new vertices lie, so no gap opens.
    """
    old = triangles[chosen].astype(np.int64)
    pairs = np.sort(np.stack([old[:, [0, 1]], old[:, [1, 2]], old[:, [2, 0]]], 1).reshape(-1, 2), 1)
    edges, which = np.unique(pairs, axis=0, return_inverse=True)
    middle = (len(values) + which.reshape(-1, 3)).astype(np.int64)
    a, b, c = old.T
    ab, bc, ca = middle.T
    four = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    new = np.concatenate([np.stack(rows, 1) for rows in four])
    grown = np.concatenate([values, values[edges].mean(1)]).astype(np.float32)
    return grown, np.concatenate([triangles[~chosen], new]).astype(np.int32)


@dataclass(frozen=True)
class Cloth:
    """A top.

    Attributes:
        values: (N, C) the skin's per-vertex values carried along.  triangles: (M, 3) into those.
        cover: (N,) cut-out value.  hidden: (T,) which of the given skin triangles the top covers altogether.
    """

    values: Floats
    triangles: Triangles
    cover: Floats
    hidden: NDArray[np.bool_]


def dress(base: Floats, values: Floats, skin: Triangles, neckline: str) -> Cloth:
    """Cut a top out of skin triangles (T, 3) with source points (V, 3) and per-vertex values (V, C)."""
    depth = neckline_depth(base, neckline)
    highest = 6.8 if neckline == "wrapped" else 6.2
    below = np.any(depth[skin] > -2.0, axis=1) & np.all(base[skin][..., 1] < highest, axis=1)
    source, corners = np.unique(skin[below], return_inverse=True)
    table = np.concatenate([base[source], values[source]], 1)
    triangles = corners.reshape(-1, 3).astype(np.int32)
    for _ in range(SPLITS):
        near = neckline_depth(table[:, :3], neckline)[triangles]
        table, triangles = split(table, triangles, np.any(np.abs(near) < 1.6, axis=1))
    cover = np.clip(0.5 + 3.0 * neckline_depth(table[:, :3], neckline), -2.0, 2.0).astype(np.float32)
    triangles = triangles[(cover[triangles] > -0.5).any(1)]
    return Cloth(table[:, 3:], triangles, cover, np.all(depth[skin] > COVERED, axis=1) & below)
