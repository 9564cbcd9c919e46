"""How much of the sky each vertex of a mesh sees: baked once, so that eye sockets, nostrils and necks are darker."""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from omnibench.system.compiling import compiled

Floats = NDArray[np.float64]


def _directions(count: int) -> Floats:
    """Evenly spread unit vectors (count, 3): the Fibonacci sphere."""
    index = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * index / count), np.pi * (1 + 5**0.5) * index
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], 1)


@compiled(parallel=True)
def _open_share(points, normals, a, edge1, edge2, rays, reach):  # type: ignore[no-untyped-def]
    out = np.zeros(len(points))
    for i in prange(len(points)):
        origin = points[i] + 0.01 * normals[i]
        seen, total = 0.0, 0.0
        for r in range(len(rays)):
            d = rays[r]
            cosine = d[0] * normals[i, 0] + d[1] * normals[i, 1] + d[2] * normals[i, 2]
            if cosine <= 0.05:
                continue
            total += cosine
            blocked = False
            for t in range(len(a)):
                px = d[1] * edge2[t, 2] - d[2] * edge2[t, 1]
                py = d[2] * edge2[t, 0] - d[0] * edge2[t, 2]
                pz = d[0] * edge2[t, 1] - d[1] * edge2[t, 0]
                det = edge1[t, 0] * px + edge1[t, 1] * py + edge1[t, 2] * pz
                if abs(det) < 1e-12:
                    continue
                sx, sy, sz = origin[0] - a[t, 0], origin[1] - a[t, 1], origin[2] - a[t, 2]
                u = (sx * px + sy * py + sz * pz) / det
                if u < 0 or u > 1:
                    continue
                qx = sy * edge1[t, 2] - sz * edge1[t, 1]
                qy = sz * edge1[t, 0] - sx * edge1[t, 2]
                qz = sx * edge1[t, 1] - sy * edge1[t, 0]
                v = (d[0] * qx + d[1] * qy + d[2] * qz) / det
                if v < 0 or u + v > 1:
                    continue
                distance = (edge2[t, 0] * qx + edge2[t, 1] * qy + edge2[t, 2] * qz) / det
                if 1e-4 < distance < reach:
                    blocked = True
                    break
            if not blocked:
                seen += cosine
        out[i] = seen / max(total, 1e-9)
    return out


def ambient_occlusion(points: Floats, triangles: NDArray[np.int64], rays: int = 96, reach: float = 1.2) -> Floats:
    """Cosine-weighted open share (V,) in 0..1 for every vertex, within ``reach`` of it; 1 where nothing is near.

    Args:
        points: vertices (V, 3).
        triangles: vertex indices (T, 3) of what can block the view, anticlockwise seen from outside.
        rays: directions over the whole sphere.
        reach: how far a blocker counts, in the units of ``points``.
    """
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    flat = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], flat)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    share: Floats = _open_share(points, normals, a, b - a, c - a, _directions(rays), reach)
    return share
