"""From one row of coefficients to points in front of the camera."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of, rotation, translation
from omnibench.media.mesh.camera import NEUTRAL_T
from omnibench.media.mesh.person import Person

Floats = NDArray[np.float32]

MOST = 1.2
"""Blendshapes are clipped to 0..MOST: a little above 1 happens in captured data and still looks human."""

_CLOSE, _OPEN = index_of("mouthClose"), index_of("jawOpen")


def neutral_row() -> Floats:
    """Coefficients (64,) of a resting face at NEUTRAL_T."""
    row = np.zeros(64, np.float32)
    row[[52, 57, 62]] = 1.0
    row[[55, 59, 63]] = NEUTRAL_T
    return row


def good_rows(face: Floats) -> Iterator[Floats]:
    """Each row of (T, 64), or the last one before it without a NaN or infinity (at first: the resting face)."""
    last = neutral_row()
    for row in face:
        if np.isfinite(row).all():
            last = row
        yield last


def blend_weights(row: Floats) -> Floats:
    """The 52 blendshape weights of a row, (52,) in 0..MOST.

    mouthClose is defined as the lips meeting under an open jaw, so it acts only as far as the jaw is open.
    """
    weights = np.clip(row[:52], 0.0, MOST)
    weights[0] = 0.0
    weights[_CLOSE] = min(weights[_CLOSE], weights[_OPEN] + 0.08)
    return weights


def place(person: Person, row: Floats, weights: Floats) -> Floats:
    """Every vertex (N, 3) cm in camera space: blendshapes, then the head's transform; the body follows its position."""
    points = person.neutral.copy()
    active = np.flatnonzero(weights)
    if len(active):
        points[person.moving] += np.tensordot(weights[active], person.motion[active], 1)
    turn, shift = rotation(row).astype(np.float32), translation(row)
    size = np.float32(np.clip(np.cbrt(abs(np.linalg.det(turn.astype(np.float64)))), 0.0, 1e3))
    head = points @ turn.T
    return (size * points + person.follow[:, None] * (head - size * points) + shift).astype(np.float32)
