"""A person's neutral head: identity targets mixed, then set into MediaPipe's canonical head frame in centimetres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import index_of
from omnibench.media.mesh.assets import LEFT_EYE, RIGHT_EYE, TEETH, HeadMesh

Floats = NDArray[np.float32]

EYE_MIDDLE: Final = np.array([0.0, 2.6, 2.4])
"""Between the centres of the eyeballs in MediaPipe's canonical face model, in centimetres."""

EYE_DISTANCE: Final = 6.6
EYE_TO_MOUTH: Final = 6.9
"""Canonical distances in centimetres that a person's head is scaled to, on average of the two."""

LIP_OVERLAP: Final = 0.006
"""How far closed lips press together, in source decimetres."""

REST_PITCH: Final = np.radians(-3.0)
"""The source looks 6 degrees down by MediaPipe's reckoning; half of it is taken out; more would lift the chin."""

UPPER_TEETH_DROP: Final = 0.055
LOWER_TEETH_DROP: Final = 0.03
"""How far the teeth sit below where the source has them, in source decimetres."""

EYE_RADIUS_SHARE: Final = 0.97
"""Our eyeball is a little smaller than the source's, so that lids never sink into it."""


@dataclass(frozen=True)
class Head:
    """A neutral head in the canonical frame.

    Attributes:
        points: (V, 3) cm.  scale: centimetres per source decimetre.  eyes: (2, 3) eyeball centres, left then right, cm.
        eye_radius: cm.  mouth: width of the lips against the source's.
    """

    points: Floats
    scale: float
    eyes: Floats
    eye_radius: float
    mouth: float


def mix(mesh: HeadMesh, weights: Mapping[str, float]) -> Floats:
    """The base plus weighted identity targets, (V, 3) dm. Raises KeyError for a target that is not in the file."""
    points = mesh.base.astype(np.float64)
    for name, weight in weights.items():
        points += weight / 1000.0 * mesh.identity[mesh.identity_names[name]]
    return points.astype(np.float32)


def seal_lips(mesh: HeadMesh, points: Floats) -> Floats:
    """Close the gap that identity targets leave between the lips, by lifting the lower lip along its own blendshape."""
    lower = mesh.face[index_of("mouthLowerDownLeft")] + mesh.face[index_of("mouthLowerDownRight")]
    upper = mesh.face[index_of("mouthUpperUpLeft")] + mesh.face[index_of("mouthUpperUpRight")]
    middle = (np.abs(mesh.base[:, 0]) < 0.02) & (mesh.lips > 0.9) & (mesh.base[:, 2] > 1.525)
    top, bottom = middle & (upper[:, 1] > 0.03), middle & (lower[:, 1] < -0.03)
    gap = float(points[top, 1].min() - points[bottom, 1].max()) + LIP_OVERLAP
    drop = float(-lower[bottom, 1].min())
    return points - np.float32(max(0.0, gap / drop)) * lower


def lower_teeth(mesh: HeadMesh, points: Floats) -> Floats:
    """Let the upper teeth show below the lip as a relaxed mouth's do, and the lower ones show less."""
    teeth = np.unique(mesh.of_part(TEETH))
    fixed = np.abs(mesh.face[index_of("jawOpen")][teeth]).max(1) < 1e-3
    moved = points.copy()
    moved[teeth, 1] -= np.where(fixed, UPPER_TEETH_DROP, LOWER_TEETH_DROP).astype(np.float32)
    return moved


def neutral_head(mesh: HeadMesh, weights: Mapping[str, float]) -> Head:
    """Mix a person's head and set it so that eyes and mouth lie where MediaPipe's canonical face has them."""
    points = lower_teeth(mesh, seal_lips(mesh, mix(mesh, weights))).astype(np.float64)
    eye_points = [points[np.unique(mesh.of_part(part))] for part in (LEFT_EYE, RIGHT_EYE)]
    centres = np.stack([eye.mean(0) for eye in eye_points])
    lips = mesh.lips > 0.5
    mouth = points[lips].mean(0)
    middle = centres.mean(0)
    distance = float(np.linalg.norm(centres[0] - centres[1]))
    drop = float(middle[1] - mouth[1])
    scale = 0.5 * (EYE_DISTANCE / distance + EYE_TO_MOUTH / drop)
    radius = 0.25 * float(np.ptp(eye_points[0][:, :2], axis=0).sum())
    placed, eyes = (points - middle) * scale, (centres - middle) * scale
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(REST_PITCH), -np.sin(REST_PITCH)], [0, np.sin(REST_PITCH), np.cos(REST_PITCH)]]
    )
    placed += mesh.follow[:, None] * (placed @ tilt.T - placed)
    return Head(
        points=(placed + EYE_MIDDLE).astype(np.float32),
        scale=scale,
        eyes=(eyes @ tilt.T + EYE_MIDDLE).astype(np.float32),
        eye_radius=radius * scale * EYE_RADIUS_SHARE,
        mouth=float(np.ptp(points[lips, 0]) / np.ptp(mesh.base[lips, 0])),
    )
