"""Small solid things that people wear, as points, triangles and how far each point covers what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SIDES: Final = 6


@dataclass(frozen=True)
class Piece:
    """``points`` (N, 3) cm in the head frame, ``triangles`` (M, 3), ``cover`` (N,) in the rasteriser's thresholds."""

    points: Floats
    triangles: NDArray[np.int32]
    cover: Floats


def grid(rows: int, columns: int) -> NDArray[np.int32]:
    """Triangles of a (rows, columns + 1) grid of points, anticlockwise seen from outside."""
    a = (np.arange(rows - 1)[:, None] * (columns + 1) + np.arange(columns)).ravel()
    b, c, d = a + 1, a + columns + 1, a + columns + 2
    return np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, b], 1)]).astype(np.int32)


def tube(line: Floats, radius: NDArray[np.floating], closed: bool) -> Piece:
    """A tube round a line (N, 3) with a radius (N,) at each point."""
    if closed:
        line, radius = np.concatenate([line, line[:1]]), np.concatenate([radius, radius[:1]])
        along = np.concatenate([line[1:2] - line[-2:-1], line[2:] - line[:-2], line[1:2] - line[-2:-1]])
    else:
        along = np.gradient(line, axis=0)
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    # Any direction that is never along the line: glasses lie across z, temples across x.
    aside = np.cross(along, np.where(np.abs(along[:, 2:]) < 0.8, [[0.0, 0.0, 1.0]], [[0.0, 1.0, 0.0]]))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    up = np.cross(along, aside)
    turn = np.linspace(0, 2 * np.pi, _SIDES + 1)[None, :, None]
    ring = radius[:, None, None] * (np.cos(turn) * aside[:, None] + np.sin(turn) * up[:, None])
    points = (line[:, None] + ring).reshape(-1, 3).astype(np.float32)
    return Piece(points, grid(len(line), _SIDES), np.full(len(points), 2.0, np.float32))


def ball(centre: Floats, radius: float) -> Piece:
    """A small ball."""
    polar = np.linspace(0.02, np.pi - 0.02, 7)[:, None]
    turn = np.linspace(0, 2 * np.pi, 9)[None]
    ring = np.stack([np.sin(polar) * np.sin(turn), np.cos(polar) + 0 * turn, np.sin(polar) * np.cos(turn)], -1)
    points = (centre + radius * ring).reshape(-1, 3).astype(np.float32)
    return Piece(points, grid(7, 8), np.full(len(points), 2.0, np.float32))
