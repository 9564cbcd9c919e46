"""Where a person sits: how the camera stands, where the light comes from, what is behind, how good the camera is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.camera import NEUTRAL_T
from omnibench.media.mesh.scene import Lamps

Floats = NDArray[np.float32]
Direction = tuple[float, float, float]


@dataclass(frozen=True)
class Lighting:
    """Directions towards the three lights (camera space, any length), strengths against a studio's, and the tint."""

    key: Direction = (-0.55, 0.55, 0.75)
    fill: Direction = (0.75, 0.15, 0.6)
    rim: Direction = (0.55, 0.45, -0.75)
    strengths: tuple[float, float, float] = (1.0, 1.0, 1.0)
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


LIGHTS: Final[dict[str, Lighting]] = {
    "studio": Lighting(),
    "window left": Lighting((-0.95, 0.30, 0.45), strengths=(0.75, 0.6, 0.95), tint=(0.97, 1.02, 1.10)),
    "window right": Lighting((0.95, 0.30, 0.45), (-0.75, 0.15, 0.6), (-0.55, 0.45, -0.75), (0.75, 0.6, 0.95)),
    "sun": Lighting((0.60, 0.60, 0.65), (-0.75, 0.1, 0.6), strengths=(0.9, 1.5, 1.0), tint=(1.14, 1.04, 0.90)),
    "lamp": Lighting((-0.75, 0.25, 0.65), strengths=(0.6, 0.5, 0.75), tint=(1.12, 0.94, 0.74)),
    "ceiling": Lighting((0.10, 0.95, 0.55), strengths=(1.0, 0.5, 1.15), tint=(0.98, 1.01, 0.98)),
    "screen": Lighting((0.05, -0.05, 1.0), strengths=(0.7, 0.4, 1.0), tint=(0.88, 0.97, 1.10)),
    "dusk": Lighting((0.70, 0.35, 0.65), (-0.8, 0.1, 0.5), (-0.6, 0.3, -0.7), (0.9, 1.6, 0.8), (0.86, 0.86, 0.98)),
    "overcast": Lighting((-0.15, 0.70, 0.75), strengths=(1.4, 0.3, 1.35), tint=(0.90, 0.93, 0.96)),
}
"""Kinds of light; the first lights everybody who has no other."""


def _unit(x: float, y: float, z: float) -> Direction:
    length = (x * x + y * y + z * z) ** 0.5
    return x / length, y / length, z / length


@dataclass(frozen=True)
class Setting:
    """A place.

    Attributes:
        move: how far the person sits from the usual place, cm (the camera stands as far the other way); the read face
            is shifted by it.  tilt: degrees that the camera stands lower and looks up.
        light: a key of ``LIGHTS``.  bright: factor on all of it.
        scene: a key of ``scenes.SCENES``.  accent: the scene's second colour.  sharp: 0 out of focus, 1 sharp.
        vignette: how much darker the corners are, 0..1.  grain: deviation of a fixed pattern, in display steps.
    """

    move: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tilt: float = 0.0
    light: str = "studio"
    bright: float = 1.0
    scene: str = "plain"
    accent: tuple[float, float, float] = (0.5, 0.4, 0.3)
    sharp: float = 0.4
    vignette: float = 0.0
    grain: float = 0.0

    def lamps(self) -> Lamps:
        """The lights as ``shade`` takes them."""
        light = LIGHTS[self.light]
        key = _unit(*light.key)
        half = _unit(key[0], key[1], key[2] + 1.0)
        tint = (share * self.bright for share in light.tint)
        return Lamps(*key, *_unit(*light.fill), *_unit(*light.rim), *half, *light.strengths, *tint)

    def seen(self, points: Floats) -> Floats:
        """Camera-space points (V, 3) cm of the usual camera, as this place's camera has them."""
        if not any(self.move) and not self.tilt:
            return points
        angle = math.radians(self.tilt)
        cos, sin = math.cos(angle), math.sin(angle)
        pivot = np.array(NEUTRAL_T, np.float32)
        turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]], np.float32)
        return ((points - pivot) @ turn.T + (pivot + np.array(self.move, np.float32))).astype(np.float32)


USUAL: Final = Setting()
"""Where everybody sits who has no place of their own."""
