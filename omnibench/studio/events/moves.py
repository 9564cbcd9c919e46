"""What a face does in a situation beyond what the animator gives it: a smile, a nod, a look away, a cough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import EXPRESSION, ROTATION_COLUMNS, TRANSLATION_COLUMNS, index_of
from omnibench.studio.curves import Curve, bump, plateau, swing
from omnibench.studio.events.plan import MoveName
from omnibench.studio.eyes import PARTNER, look_coefficients
from omnibench.studio.moods import EXPRESSIONS, sides
from omnibench.studio.motion import NECK, PITCH, YAW, rotation_matrices

Faces = NDArray[np.float64]

NOD_HZ: Final = 2.2
NOD_DEGREES: Final = 9.0
AWAY_DEGREES: Final = (24.0, -6.0)
"""Of the eyes, to a side and up; the head turns by two fifths of it."""
_HEAD_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Timed:
    """A move from ``start`` to ``end`` seconds; ``side`` is 1 or -1: where a look away goes."""

    name: MoveName
    start: float
    end: float
    side: int


def moved(face: NDArray[np.float32], fps: float, moves: Sequence[Timed]) -> NDArray[np.float32]:
    """The faces ``(T, 64)`` with the moves on top: expressions at least as strong, the head turned further."""
    if not moves:
        return face
    t: Curve = np.asarray((np.arange(len(face)) + 0.5) / fps, np.float64)
    shown, angles = face.astype(np.float64), np.zeros((len(face), 3))
    for move in moves:
        if move.name == "smile":
            _smile(shown, plateau(t, move.start + 0.3, move.end - 0.3, 0.3, 0.5))
        elif move.name == "nod":
            cycles = max(1.0, round((move.end - move.start) * NOD_HZ * 2) / 2)
            angles[:, PITCH] += NOD_DEGREES * swing(t, move.start, cycles, NOD_HZ)
        elif move.name == "away":
            _away(shown, angles, plateau(t, move.start + 0.12, move.end - 0.12, 0.12, 0.12), move.side)
        else:
            _cough(shown, angles, t, move)
    turned = rotation_matrices(angles)
    head = shown[:, list(ROTATION_COLUMNS)].reshape(-1, 3, 3)
    neck = np.array(NECK)
    shown[:, list(TRANSLATION_COLUMNS)] += (head - head @ turned) @ neck
    shown[:, list(ROTATION_COLUMNS)] = (head @ turned).reshape(-1, 9)
    shown[:, EXPRESSION] = np.clip(shown[:, EXPRESSION], 0.0, 1.0)
    return shown.astype(np.float32)


def _smile(shown: Faces, size: Curve) -> None:
    for name, value in EXPRESSIONS["happy"].items():
        columns = sides(name)
        shown[:, columns] = np.maximum(shown[:, columns], value * size[:, None])
    for name in ("mouthFrown", "mouthPress"):
        shown[:, sides(name)] *= 1.0 - size[:, None]


def _away(shown: Faces, angles: Faces, size: Curve, side: int) -> None:
    """The eyes leave the partner, and a little later the head."""
    across, up = AWAY_DEGREES
    angles[:, YAW] += _HEAD_SHARE * across * side * size
    target = np.tile([PARTNER[0] + side * across, PARTNER[1] + up], (len(size), 1))
    looks = look_coefficients(target, np.outer(size, [0.0, _HEAD_SHARE * across * side, 0.0]))
    columns = [index_of(f"eyeLook{way}{eye}") for way in ("In", "Out", "Up", "Down") for eye in ("Left", "Right")]
    shown[:, columns] += size[:, None] * (looks[:, columns] - shown[:, columns])


def _cough(shown: Faces, angles: Faces, t: Curve, move: Timed) -> None:
    """The mouth opens, the lids fall and the head dips with each of two bursts."""
    for start in (move.start + 0.02, move.start + 0.45 * (move.end - move.start) + 0.03):
        burst = bump(t, start + 0.06, 0.1, 0.3)
        angles[:, PITCH] += 7.0 * burst
        shown[:, index_of("jawOpen")] = np.maximum(shown[:, index_of("jawOpen")], 0.35 * burst)
        for name, value in (("eyeBlink", 0.8), ("browDown", 0.4), ("mouthFunnel", 0.25)):
            shown[:, sides(name)] = np.maximum(shown[:, sides(name)], value * burst[:, None])
