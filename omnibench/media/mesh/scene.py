"""What the drawing of one frame reads: the figure before the camera, what it is painted with, a spot on it and
the light there.

Tuples of arrays, because compiled code takes them apart for nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Figure(NamedTuple):
    """A person as the camera sees them.

    Attributes:
        screen, normals: (V, 3) of ``project`` and ``vertex_normals``.
        triangles, parts: (T, 3), (T,) part numbers of ``assets``.
        attributes: (V, 6): u, v, third, open sky, cover, fade into the backdrop. For eyes the first three are the
            direction from the eyeball's centre, for cavity, teeth and tongue v is brightness, for hair the third is
            brightness.
    """

    screen: Floats
    normals: Floats
    triangles: NDArray[np.int32]
    parts: NDArray[np.uint8]
    attributes: Floats


class Paint(NamedTuple):
    """Colours of a person.

    Attributes:
        texture: (h, w, 4) uint8 skin: square roots of linear RGB, then gloss.
        noise, palette: (N, N) strand noise, N a power of two; (13, 3) linear colours, rows as ``shade`` names them.
    """

    texture: NDArray[np.uint8]
    noise: Floats
    palette: Floats


class Wall(NamedTuple):
    """What stands behind, (H, H, 3): ``linear`` float32 light, and the same as bytes to be ``shown``."""

    linear: Floats
    shown: NDArray[np.uint8]


class Lamps(NamedTuple):
    """The lights of a place: unit directions in camera space towards the key, fill and rim light and half-way between
    key and camera, how strong fill, rim and ambient light are, and the tint of it all; 1 is as in a studio.
    """

    kx: float
    ky: float
    kz: float
    fx: float
    fy: float
    fz: float
    rx: float
    ry: float
    rz: float
    hx: float
    hy: float
    hz: float
    fill: float
    rim: float
    ambient: float
    red: float
    green: float
    blue: float


class Samples(NamedTuple):
    """What ``rasterise`` found at each sample, (2H, 2H): 1 / depth, and the triangle in front (-1: none)."""

    nearest: Floats
    seen: NDArray[np.int32]


class Spot(NamedTuple):
    """A place within a triangle: its corners' vertices, and their weights, right for perspective."""

    i: int
    j: int
    k: int
    c0: float
    c1: float
    c2: float


class Light(NamedTuple):
    """What falls on a spot: ``key`` is a cosine, -1..1; the others are 0..1.

    ``half`` is how near the surface mirrors the key light to the camera, ``edge`` how much it is seen from the side.
    """

    key: float
    fill: float
    rim: float
    half: float
    edge: float
    ambient: float
