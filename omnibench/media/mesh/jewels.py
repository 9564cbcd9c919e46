"""Earrings, hung on a person's own lobes."""

from __future__ import annotations

from typing import Final

import numpy as np

from omnibench.media.mesh.assets import HeadMesh
from omnibench.media.mesh.piece import Piece, ball, tube
from omnibench.media.mesh.shape import Head

LOBE: Final = (0.772, 6.955, 0.47)
"""The lower edge of the left ear in the source, decimetres."""

_STUD: Final = 0.26
_HOOP: Final = 1.25


def wear_earrings(mesh: HeadMesh, head: Head, kind: str) -> list[Piece]:
    """A "stud" or a "hoop" (radii in cm: ``_STUD``, ``_HOOP``) on both ears."""
    lobe = head.points[int(np.argmin(np.linalg.norm(mesh.base - np.array(LOBE, np.float32), axis=1)))]
    pieces = []
    for side in (1.0, -1.0):
        place = lobe * np.array([side, 1, 1], np.float32) + np.array([0.15 * side, 0, 0.1], np.float32)
        if kind == "stud":
            pieces.append(ball(place, _STUD))
            continue
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.stack([0.35 * side * np.cos(turn), np.sin(turn) - 1.0, np.cos(turn)], 1) * _HOOP
        pieces.append(tube((place + ring).astype(np.float32), np.full(20, 0.11), closed=True))
    return pieces
