"""The rasteriser: which triangle each sample of the frame sees.

Samples lie on a grid of twice the frame's resolution. Hair, lashes and the edges of clothes are cut out by their cover
value plus strand noise against a threshold that differs between the four samples of a pixel, which blends their edges
without sorting.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.assets import CLOTH, LASHES, LEFT_EYE, RIGHT_EYE
from omnibench.media.mesh.scene import Floats
from omnibench.system.compiling import compiled


@compiled(nogil=True, fastmath=True)
def project(points: Floats, focal: float, centre: float, near: float, screen: Floats) -> None:
    """Camera points (V, 3) cm to ``screen`` (V, 3): x, y in samples (y down), 1 / depth (0 if nearer than ``near``)."""
    for i in range(len(points)):
        depth = -points[i, 2]
        if depth < near:
            screen[i, 2] = 0.0
        else:
            inverse = 1.0 / depth
            screen[i, 0] = centre + focal * points[i, 0] * inverse
            screen[i, 1] = centre - focal * points[i, 1] * inverse
            screen[i, 2] = inverse


@compiled(nogil=True, fastmath=True)
def vertex_normals(points: Floats, triangles: NDArray[np.int32], normals: Floats) -> None:
    """Area-weighted unit normals of every vertex into ``normals`` (V, 3)."""
    normals[:] = 0.0
    for t in range(len(triangles)):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1], points[j, 2] - points[i, 2]
        bx, by, bz = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1], points[k, 2] - points[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        for v in (i, j, k):
            normals[v, 0] += nx
            normals[v, 1] += ny
            normals[v, 2] += nz
    for v in range(len(normals)):
        length = np.sqrt(normals[v, 0] ** 2 + normals[v, 1] ** 2 + normals[v, 2] ** 2)
        if length > 0:
            normals[v] /= length


@compiled(nogil=True, fastmath=True)
def rasterise(
    screen: Floats,
    triangles: NDArray[np.int32],
    parts: NDArray[np.uint8],
    attributes: Floats,
    noise: Floats,
    nearest: Floats,
    seen: NDArray[np.int32],
) -> None:
    """Fill ``seen`` (S, S) with the index of the triangle in front (-1: none) and ``nearest`` with its 1 / depth.

    Args:
        screen: (V, 3) of ``project``.
        triangles, parts: (T, 3) and (T,).
        attributes: (V, 5): u, v, -, -, cover. The cover of a cut-out part is in threshold units: 0 is off, 1 is on.
        noise: (N, N) strand noise in -0.5..0.5, N a power of two, tiled over u and v.
        nearest, seen: (S, S), overwritten.
    """
    size = seen.shape[0]
    mask = noise.shape[0] - 1
    nearest[:] = 0.0
    seen[:] = -1
    for t in range(len(triangles)):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        w0, w1, w2 = screen[i, 2], screen[j, 2], screen[k, 2]
        part = parts[t]
        cut = part == LASHES or part >= CLOTH
        off = cut and attributes[i, 4] <= -0.5 and attributes[j, 4] <= -0.5 and attributes[k, 4] <= -0.5
        if off or w0 <= 0.0 or w1 <= 0.0 or w2 <= 0.0:
            continue
        x0, y0 = screen[i, 0], screen[i, 1]
        x1, y1 = screen[j, 0], screen[j, 1]
        x2, y2 = screen[k, 0], screen[k, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0.0 or (area > 0.0 and part != LASHES and part < CLOTH):
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2) - 0.5)))
        right = min(size - 1, int(np.floor(max(x0, x1, x2) - 0.5)))
        top = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        bottom = min(size - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        if left > right or top > bottom:
            continue
        inverse = 1.0 / area
        step0x, step0y = (y1 - y2) * inverse, (x2 - x1) * inverse
        step1x, step1y = (y2 - y0) * inverse, (x0 - x2) * inverse
        row0 = ((x2 - x1) * (top + 0.5 - y1) - (y2 - y1) * (left + 0.5 - x1)) * inverse
        row1 = ((x0 - x2) * (top + 0.5 - y2) - (y0 - y2) * (left + 0.5 - x2)) * inverse
        push = 0.06 if LEFT_EYE <= part <= RIGHT_EYE else 0.0
        for y in range(top, bottom + 1):
            b0, b1 = row0, row1
            for x in range(left, right + 1):
                b2 = 1.0 - b0 - b1
                if b0 >= -1e-6 and b1 >= -1e-6 and b2 >= -1e-6:
                    w = b0 * w0 + b1 * w1 + b2 * w2
                    w = w / (1.0 + push * w)
                    if w > nearest[y, x]:
                        keep = True
                        if cut:
                            cover = b0 * attributes[i, 4] + b1 * attributes[j, 4] + b2 * attributes[k, 4]
                            if part != CLOTH:
                                u = b0 * attributes[i, 0] + b1 * attributes[j, 0] + b2 * attributes[k, 0]
                                v = b0 * attributes[i, 1] + b1 * attributes[j, 1] + b2 * attributes[k, 1]
                                cover += noise[int(v) & mask, int(u) & mask]
                            keep = cover > 0.2 + 0.2 * ((x & 1) * 2 + ((x ^ y) & 1))
                        if keep:
                            nearest[y, x] = w
                            seen[y, x] = t
                b0, b1 = b0 + step0x, b1 + step1x
            row0, row1 = row0 + step0y, row1 + step1y
