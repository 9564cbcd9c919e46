"""Glasses: rims, a bridge, temples back to the ears and a gleam on the lenses, set before a person's own face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from omnibench.media.mesh.assets import FRAME, LENS, SKIN, HeadMesh
from omnibench.media.mesh.piece import Floats, Piece, grid, tube
from omnibench.media.mesh.shape import Head

Bend = Callable[[Floats], Floats]
"""From points (N, 2) of a flat front to points (N, 3) of the bent one."""

CLEAR: Final = 0.30
"""How far a rim stays from the skin at rest, cm: cheeks and brows move."""

WRAP: Final = 0.028
"""How the front bends round the face: cm backwards at 1 cm aside, growing with the square."""

EAR: Final = (0.80, 7.33, 0.50)
"""Where a temple rests on the left ear, in the source (dm)."""


@dataclass(frozen=True)
class Frame:
    """A model of glasses, in cm.

    Attributes:
        wide, high: half the width and height of a lens.  square: exponent of its outline, 2 is an ellipse.
        thick: radius of the rim; lower: that of its lower half against it.
        drop: how far lenses sit below the pupils.  flare: how far the outer corner is drawn up.  taper: how much
            narrower the lower half is.
    """

    wide: float
    high: float
    square: float
    thick: float
    lower: float = 1.0
    drop: float = 0.25
    flare: float = 0.0
    taper: float = 0.0


FRAMES: Final[dict[str, Frame]] = {
    "round": Frame(2.15, 2.10, 2.0, 0.10),
    "panto": Frame(2.45, 2.15, 2.4, 0.19, taper=0.14),
    "square": Frame(2.65, 1.85, 4.5, 0.22),
    "slim": Frame(2.60, 1.40, 3.6, 0.12),
    "cat": Frame(2.60, 1.75, 2.8, 0.19, flare=0.55, taper=0.10),
    "aviator": Frame(2.70, 2.20, 2.6, 0.09, drop=0.5, taper=0.20),
    "halfrim": Frame(2.60, 1.65, 3.6, 0.18, lower=0.3),
    "oval": Frame(2.35, 1.60, 2.0, 0.13),
    "large": Frame(2.85, 2.40, 3.0, 0.17, drop=0.4, taper=0.08),
}
_SPOKES: Final = 36
_RINGS: Final = 5


def _outline(frame: Frame, side: float) -> Floats:
    """One lens's edge (_SPOKES, 2) about its centre, cm; ``side`` 1 is the person's left."""
    turn = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    radius = (np.abs(cos) ** frame.square + np.abs(sin) ** frame.square) ** (-1 / frame.square)
    x, y = frame.wide * radius * cos, frame.high * radius * sin
    x = x * (1 - frame.taper * np.clip(-y / frame.high, 0, 1))
    y = y + frame.flare * np.clip(x / frame.wide, 0, 1) ** 2 * np.clip(y / frame.high + 0.3, 0, 1)
    return np.stack([side * x, y], 1).astype(np.float32)


def _front(points: Floats, edges: Floats) -> float:
    """Depth z of the front at x = 0 at which it clears the skin (V, 3) round all of the lenses' edges (N, 2)."""
    ahead = points[points[:, 2] > 0]
    near = np.hypot(ahead[:, None, 0] - edges[None, :, 0], ahead[:, None, 1] - edges[None, :, 1]) < 0.45
    skin = np.where(near, ahead[:, 2:], -np.inf).max(0)
    # The pads stand on the nose: there the rim may touch it.
    pads = (np.abs(edges[:, 0]) < 1.5) & (edges[:, 1] < 2.6)
    needed = skin + CLEAR + WRAP * edges[:, 0] ** 2
    return float(np.max(np.where(pads, -np.inf, needed)))


def wear_glasses(mesh: HeadMesh, head: Head, model: str) -> list[tuple[Piece, int]]:
    """The pieces of a model of ``FRAMES`` with their part numbers, in the head frame."""
    frame = FRAMES[model]
    skin = head.points[np.unique(mesh.of_part(SKIN))]
    pieces: list[tuple[Piece, int]] = []
    lenses = []
    # Lenses stand a little closer to each other than the eyes, but never so close that they meet.
    apart = max(float(np.abs(head.eyes[:, 0]).mean()), frame.wide + 0.65)
    for side in (1.0, -1.0):
        centre = np.array([side * apart, head.eyes[0, 1] - frame.drop], np.float32)
        lenses.append((side, centre, _outline(frame, side)))
    front = _front(skin, np.concatenate([centre + edge for _, centre, edge in lenses]))

    def bent(flat: Floats) -> Floats:
        depth = front - WRAP * flat[..., 0] ** 2 + 0.10 * (flat[..., 1] - head.eyes[0, 1])
        return np.concatenate([flat, depth[..., None]], -1).astype(np.float32)

    ear = int(np.argmin(np.linalg.norm(mesh.base - np.array(EAR, np.float32), axis=1)))
    rests = head.points[ear]
    for side, centre, edge in lenses:
        rim = bent(centre + edge)
        thickness = frame.thick * np.where(edge[:, 1] < -0.15 * frame.high, frame.lower, 1.0)
        pieces.append((tube(rim, thickness, closed=True), FRAME))
        pieces.append((_gleam(bent, centre, edge), LENS))
        hinge = rim[int(np.argmax(side * edge[:, 0] + 1.2 * edge[:, 1]))]
        far = rests * np.array([side, 1, 1], np.float32) + np.array([0.25 * side, 0.1, 0], np.float32)
        corner = hinge + np.array([0.30 * side, 0.05, -0.35], np.float32)
        bow = np.stack([hinge, corner, 0.5 * (corner + far) + np.array([0.15 * side, 0.1, 0]), far])
        pieces.append((tube(bow.astype(np.float32), np.full(4, max(0.11, 0.75 * frame.thick)), closed=False), FRAME))
    pieces.append((_bridge(bent, lenses[0][1] + lenses[0][2], frame), FRAME))
    return pieces


def _bridge(bent: Bend, edge: Floats, frame: Frame) -> Piece:
    inner = edge[edge[:, 1] > edge[:, 1].mean() + 0.15 * frame.high]
    start = inner[int(np.argmin(inner[:, 0]))]
    x = np.linspace(-start[0], start[0], 7)
    y = start[1] + 0.28 * (1 - (x / start[0]) ** 2)
    line = bent(np.stack([x, y], 1).astype(np.float32))
    line[:, 2] += 0.12 * (1 - (x / start[0]) ** 2)
    return tube(line, np.full(7, max(0.10, 0.85 * frame.thick)), closed=False)


def _gleam(bent: Bend, centre: Floats, edge: Floats) -> Piece:
    """What the lens mirrors: slanting bands, seen by a quarter of the samples; the middle is clear, for the eye."""
    share = np.linspace(0.0, 0.94, _RINGS)[:, None, None]
    flat = np.concatenate([share * edge, share * edge[:1]], 1)
    across = 0.75 * flat[..., 0] / np.abs(edge[:, 0]).max() - 0.55 * flat[..., 1] / np.abs(edge[:, 1]).max()
    band = np.exp(-(((across + 0.52) / 0.16) ** 2)) + 0.8 * np.exp(-(((across + 0.12) / 0.06) ** 2))
    cover = (0.33 * np.clip(1.6 * band, 0, 1) * np.clip(2.6 * share[..., 0] - 1.0, 0, 1)).astype(np.float32)
    return Piece(bent((centre + flat).astype(np.float32)).reshape(-1, 3), grid(_RINGS, _SPOKES), cover.ravel())
