"""Coordinates on the skin that every person shares: azimuth and height of the neutral source head.

Brows, lips, beard and hairline are painted in these coordinates, so they stay on the right spot of every face shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.assets import SKIN, head_mesh
from omnibench.system.compiling import compiled

Floats = NDArray[np.float32]

TEXTURE_WIDTH: Final = 1024
TEXTURE_HEIGHT: Final = 512
TOP: Final = 8.6
BOTTOM: Final = 5.2
"""Heights in source decimetres at the first and last row of the texture."""

AXIS_Z: Final = 0.6
"""Where the vertical axis of the azimuth stands, in source decimetres."""


def azimuth(points: NDArray[np.floating]) -> Floats:
    """Angle (...,) about the head's axis of source points (..., 3): 0 ahead, positive towards the person's left."""
    return np.arctan2(points[..., 0], points[..., 2] - AXIS_Z).astype(np.float32)


def texels(points: NDArray[np.floating]) -> Floats:
    """Texture column and row (..., 2) of source points (..., 3)."""
    column = (azimuth(points) / (2 * np.pi) + 0.5) * TEXTURE_WIDTH
    row = (TOP - points[..., 1]) / (TOP - BOTTOM) * TEXTURE_HEIGHT
    return np.stack([column, row], -1).astype(np.float32)


@dataclass(frozen=True)
class Surface:
    """What lies at each texel: ``place`` (h, w, 3) source point (dm), ``azimuth`` (h, w), ``lips`` (h, w) 0..1."""

    place: Floats
    azimuth: Floats
    lips: Floats


@compiled(nogil=True)
def _fill(corners, values, height, width):  # type: ignore[no-untyped-def]
    """Interpolate ``values`` (T, 3, C) over texture triangles (T, 3, 2); on overlaps the largest last value wins."""
    out = np.zeros((height, width, values.shape[2]), np.float32)
    out[:, :, values.shape[2] - 1] = -1e9
    for t in range(len(corners)):
        x0, y0 = corners[t, 0, 0], corners[t, 0, 1]
        x1, y1 = corners[t, 1, 0], corners[t, 1, 1]
        x2, y2 = corners[t, 2, 0], corners[t, 2, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0.0:
            continue
        top, bottom = max(0, int(np.floor(min(y0, y1, y2)))), min(height - 1, int(np.ceil(max(y0, y1, y2))))
        for y in range(top, bottom + 1):
            for x in range(int(np.floor(min(x0, x1, x2))), int(np.ceil(max(x0, x1, x2))) + 1):
                b0 = ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / area
                b1 = ((x0 - x2) * (y - y2) - (y0 - y2) * (x - x2)) / area
                b2 = 1 - b0 - b1
                if b0 < -1e-4 or b1 < -1e-4 or b2 < -1e-4:
                    continue
                row = out[y, x % width]
                last = values.shape[2] - 1
                if b0 * values[t, 0, last] + b1 * values[t, 1, last] + b2 * values[t, 2, last] > row[last]:
                    for n in range(values.shape[2]):
                        row[n] = b0 * values[t, 0, n] + b1 * values[t, 1, n] + b2 * values[t, 2, n]
    return out


@cache
def surface() -> Surface:
    """Map the texture onto the neutral source head, once per process. Texels off the head keep zeros."""
    mesh = head_mesh()
    triangles = mesh.of_part(SKIN)
    points = mesh.base[triangles]
    corners = texels(points)
    wide = np.ptp(corners[..., 0], axis=1, keepdims=True) > TEXTURE_WIDTH / 2
    corners[..., 0] += np.where(wide & (corners[..., 0] < TEXTURE_WIDTH / 2), TEXTURE_WIDTH, 0)
    radius = np.hypot(points[..., 0], points[..., 2] - AXIS_Z)
    values = np.concatenate([points, mesh.lips[triangles][..., None], radius[..., None]], -1).astype(np.float32)
    filled = _fill(corners, values, TEXTURE_HEIGHT, TEXTURE_WIDTH)
    return Surface(filled[..., :3], azimuth(filled[..., :3]), filled[..., 3])


@compiled(nogil=True, fastmath=True)
def cast(origin, directions, a, edge1, edge2):  # type: ignore[no-untyped-def]
    """Furthest hit of each ray: distance (N,), 0 for none; triangle (N,); barycentric weights (N, 2)."""
    count = len(directions)
    distance, hit, weights = np.zeros(count, np.float32), np.full(count, -1, np.int64), np.zeros((count, 2), np.float32)
    for r in range(count):
        dx, dy, dz = directions[r, 0], directions[r, 1], directions[r, 2]
        for t in range(len(a)):
            px = dy * edge2[t, 2] - dz * edge2[t, 1]
            py = dz * edge2[t, 0] - dx * edge2[t, 2]
            pz = dx * edge2[t, 1] - dy * edge2[t, 0]
            det = edge1[t, 0] * px + edge1[t, 1] * py + edge1[t, 2] * pz
            if abs(det) < 1e-9:
                continue
            sx, sy, sz = origin[0] - a[t, 0], origin[1] - a[t, 1], origin[2] - a[t, 2]
            u = (sx * px + sy * py + sz * pz) / det
            if u < -1e-4 or u > 1.0001:
                continue
            qx = sy * edge1[t, 2] - sz * edge1[t, 1]
            qy = sz * edge1[t, 0] - sx * edge1[t, 2]
            qz = sx * edge1[t, 1] - sy * edge1[t, 0]
            v = (dx * qx + dy * qy + dz * qz) / det
            if v < -1e-4 or u + v > 1.0001:
                continue
            length = (edge2[t, 0] * qx + edge2[t, 1] * qy + edge2[t, 2] * qz) / det
            if length > distance[r]:
                distance[r], hit[r], weights[r, 0], weights[r, 1] = length, t, u, v
    return distance, hit, weights
