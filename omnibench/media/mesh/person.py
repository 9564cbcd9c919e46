"""A person ready to be drawn: one vertex table with skin, eyes, clothes and hair, and what moves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.media.face import BLENDSHAPES, index_of
from omnibench.media.mesh.appearance import Appearance, generator
from omnibench.media.mesh.assets import (
    CAVITY,
    CLOTH,
    COVERING,
    HAIR,
    JEWEL,
    LASHES,
    LEFT_EYE,
    RIGHT_EYE,
    SKIN,
    TEETH,
    TONGUE,
    HeadMesh,
    head_mesh,
)
from omnibench.media.mesh.beard import grow_beard
from omnibench.media.mesh.clothes import dress
from omnibench.media.mesh.eyes import eyeball
from omnibench.media.mesh.glasses import wear_glasses
from omnibench.media.mesh.hair import grow
from omnibench.media.mesh.hairstyles import COVERINGS, STYLES, folds
from omnibench.media.mesh.jewels import wear_earrings
from omnibench.media.mesh.noise import smoothstep, strand_noise
from omnibench.media.mesh.people import appearance
from omnibench.media.mesh.shape import Head, neutral_head
from omnibench.media.mesh.skin import paint_skin
from omnibench.media.mesh.surface import texels

Floats = NDArray[np.float32]

GAIN: Final[dict[str, float]] = {
    "browDown": 1.7, "browInnerUp": 1.5, "browOuterUp": 1.5, "cheekPuff": 1.6, "cheekSquint": 1.2, "eyeLookUp": 1.6,
    "eyeSquint": 1.5, "eyeWide": 1.8, "jawForward": 1.5, "jawLeft": 1.3, "jawRight": 1.3, "mouthDimple": 1.3,
    "mouthFrown": 1.8, "mouthLeft": 1.3, "mouthLowerDown": 1.8, "mouthPucker": 1.9, "mouthRight": 1.3,
    "mouthShrugLower": 1.2, "mouthStretch": 1.4, "mouthUpperUp": 1.6, "noseSneer": 2.2,
}  # fmt: skip
"""Blendshapes (or left-right pairs) that the source draws too faintly for a face 140 pixels high, and how much each is
exaggerated; chosen by eye and by what MediaPipe reads back (``omnibench.studio.readback``)."""

SOURCE_EYE: Final = (0.308, 7.284, 1.245)
"""Centre of the left eyeball in the source, decimetres."""

USUAL_MOUTH: Final = 0.9
"""Width of the lips, against the source's, for which the gain of mouthPucker is meant."""

CLOTH_LIFT: Final = 0.45
"""How far clothes stand off the skin, in centimetres."""


@dataclass(frozen=True)
class Person:
    """Everything about one person that does not change from frame to frame.

    Attributes:
        look: the appearance.  neutral: (N, 3) cm, head frame.  follow: (N,).
        moving: (M,) vertices that blendshapes move.  motion: (52, M, 3) cm.
        triangles (T, 3), parts (T,), attributes (N, 6), texture (h, w, 4), palette (13, 3): see ``shade``.
    """

    look: Appearance
    neutral: Floats
    follow: Floats
    moving: NDArray[np.int64]
    motion: Floats
    triangles: NDArray[np.int32]
    parts: NDArray[np.uint8]
    attributes: Floats
    texture: NDArray[np.uint8]
    palette: Floats


@cache
def _calm() -> tuple[float, float]:
    """Strand coordinates without noise: the edge of what is worn is cut sharp."""
    noise = strand_noise()
    row, column = np.unravel_index(np.argmin(np.abs(noise)), noise.shape)
    return float(column) + 0.5, float(row) + 0.5


def fade(height: Floats) -> Floats:
    """How far the torso has faded into the backdrop, 0..1, at heights in cm (head frame); hides where it is cut off."""
    return smoothstep(-33.0, -43.0, height)


def _mouth_brightness(mesh: HeadMesh) -> Floats:
    """Teeth and tongue darken towards the throat, (V,) 0..1, from the source's depth z (dm)."""
    z = mesh.base[:, 2]
    light = np.zeros(len(mesh.base), np.float32)
    light[np.unique(mesh.of_part(TEETH))] = 1
    teeth = light > 0
    light[teeth] = 0.10 + 0.66 * smoothstep(1.12, 1.46, z[teeth])
    gum = np.abs(mesh.base[:, 1] - 6.60) / 0.2
    light[teeth] *= 1.1 - 0.55 * np.clip(gum[teeth], 0, 1)
    tongue = np.unique(mesh.of_part(TONGUE))
    light[tongue] = 0.10 + 0.75 * smoothstep(0.85, 1.38, z[tongue])
    cavity = np.setdiff1d(np.unique(mesh.of_part(CAVITY)), np.unique(mesh.of_part(SKIN)))
    light[cavity] = 0.10 + 0.7 * smoothstep(1.15, 1.5, z[cavity])
    return light


def _palette(look: Appearance) -> Floats:
    hair = np.array(look.hair, np.float32)
    rows = np.array(
        [
            np.minimum(hair * 0.35, 0.12),
            (0.42, 0.14, 0.14),
            (0.93, 0.91, 0.86),
            (0.72, 0.36, 0.36),
            (0.90, 0.89, 0.88),
            look.iris,
            look.top,
            look.hair,
            0.35 * hair + 0.45,
            look.fabric,
            look.frame,
            (0.80, 0.86, 0.92),
            look.metal,
        ],
        np.float32,
    )
    return rows**2


def _skin_attributes(mesh: HeadMesh, head: Head) -> Floats:
    """The attribute rows (V, 6) of everything that is in the mesh file."""
    attributes = np.zeros((len(mesh.base), 6), np.float32)
    attributes[:, :2] = texels(mesh.base)
    attributes[:, 3] = mesh.occlusion
    attributes[:, 4] = 2.0
    attributes[:, 5] = fade(head.points[:, 1])
    within = _mouth_brightness(mesh)
    attributes[within > 0, 1] = within[within > 0]
    lashes = np.unique(mesh.of_part(LASHES))
    # Lashes have positive heights and depths, so the absolute value only mirrors the right eye onto the left.
    aside, up, ahead = (np.abs(mesh.base[lashes]) - SOURCE_EYE).T
    attributes[lashes, 0] = np.arctan2(up, aside) * 60
    attributes[lashes, 1] = 0
    reach = np.sqrt(aside**2 + up**2 + ahead**2)
    attributes[lashes, 4] = 1.15 - smoothstep(0.165, 0.215, reach) - 0.55 * (up < -0.007)
    return attributes


def _motion(mesh: HeadMesh, scale: float, mouth: float) -> Floats:
    """Displacement (52, V, 3) in cm of every vertex per blendshape; ``mouth`` is its width against the source's."""
    motion = mesh.face * np.float32(scale)
    # Near the middle of the face sideways motion keeps its size, or brows drawn together would pass each other.
    sideways = np.ones_like(mesh.base)
    sideways[:, 0] = smoothstep(0.08, 0.25, np.abs(mesh.base[:, 0]))
    for stem, gain in GAIN.items():
        same = [row for row, name in enumerate(BLENDSHAPES) if name in (stem, stem + "Left", stem + "Right")]
        motion[same] *= 1 + (gain - 1) * sideways
    # A wide mouth has further to go before it looks pursed.
    motion[index_of("mouthPucker")] *= np.float32(max(1.0, mouth / USUAL_MOUTH) ** 4)
    return motion


class _Assembly:
    """Collects the pieces of a person into one vertex table."""

    def __init__(self) -> None:
        self.points: list[Floats] = []
        self.attributes: list[Floats] = []
        self.follow: list[Floats] = []
        self.triangles: list[NDArray[np.int32]] = []
        self.parts: list[NDArray[np.uint8]] = []

    def vertices(self, points: Floats, attributes: Floats, follow: Floats) -> int:
        """Add vertices; returns the number of the first."""
        start = sum(len(table) for table in self.points)
        self.points.append(points)
        self.attributes.append(attributes)
        self.follow.append(follow)
        return start

    def faces(self, triangles: NDArray[np.int32], part: int, start: int) -> None:
        """Add triangles of one part, numbered from ``start``."""
        self.triangles.append((triangles + start).astype(np.int32))
        self.parts.append(np.full(len(triangles), part, np.uint8))


def build_person(look: Appearance) -> Person:
    """Mix, paint, dress and comb one person (about half a second)."""
    mesh = head_mesh()
    head = neutral_head(mesh, look.targets())
    skin = mesh.of_part(SKIN)
    on_skin = _skin_attributes(mesh, head)
    normals = _normals(head.points, skin)
    carried = [head.points, normals, mesh.follow[:, None], mesh.occlusion[:, None]]
    cloth = dress(mesh.base, np.concatenate(carried, 1), skin, look.neckline)

    whole = _Assembly()
    start = whole.vertices(head.points, on_skin, mesh.follow)
    whole.faces(skin[~cloth.hidden], SKIN, start)
    for part in (CAVITY, TEETH, TONGUE, LASHES):
        whole.faces(mesh.of_part(part), part, start)
    used = np.unique(np.concatenate(whole.triangles))
    for centre, part in zip(head.eyes, (LEFT_EYE, RIGHT_EYE), strict=True):
        ball, direction, rows = eyeball(centre, head.eye_radius)
        about = np.zeros((len(ball), 6), np.float32)
        about[:, :3] = direction
        about[:, 3] = 1
        whole.faces(rows, part, whole.vertices(ball, about, np.ones(len(ball), np.float32)))
    under, out, follows, open_sky = np.split(cloth.values, [3, 6, 7], axis=1)
    about = np.zeros((len(under), 6), np.float32)
    about[:, :2] = under[:, :2] * 9
    about[:, 3] = np.clip(open_sky[:, 0] * 1.1, 0, 1)
    about[:, 4] = cloth.cover
    about[:, 5] = fade(under[:, 1])
    # The edge lies close, or one would see between neck and collar.
    lift = CLOTH_LIFT * (0.3 + 0.7 * smoothstep(0.0, 2.0, cloth.cover))[:, None]
    whole.faces(cloth.triangles, CLOTH, whole.vertices(under + lift * out, about, follows[:, 0]))
    hair = grow(mesh, head, STYLES[look.hair_style], generator(look.name, "hair"))
    if hair is not None:
        whole.faces(hair.triangles, HAIR, whole.vertices(hair.points, hair.attributes, hair.follow))
    _wear(whole, mesh, head, look)

    motion = _motion(mesh, head.scale, head.mouth)
    moves = np.abs(motion).max((0, 2)) > 1e-4
    moving = source = np.intersect1d(np.flatnonzero(moves), used)
    beard = grow_beard(mesh, head, normals, look)
    if beard is not None:
        first = whole.vertices(beard.hair.points, beard.hair.attributes, beard.hair.follow)
        whole.faces(beard.hair.triangles, HAIR, first)
        lively = np.flatnonzero(moves[beard.source])
        moving, source = np.concatenate([moving, first + lively]), np.concatenate([source, beard.source[lively]])
    return Person(
        look=look,
        neutral=np.concatenate(whole.points).astype(np.float32),
        follow=np.concatenate(whole.follow).astype(np.float32),
        moving=moving,
        motion=np.ascontiguousarray(motion[:, source]),
        triangles=np.concatenate(whole.triangles),
        parts=np.concatenate(whole.parts),
        attributes=np.concatenate(whole.attributes),
        texture=paint_skin(look),
        palette=_palette(look),
    )


def _wear(whole: _Assembly, mesh: HeadMesh, head: Head, look: Appearance) -> None:
    """Put on what covers the head, glasses and earrings."""
    if look.covering:
        cloth = grow(mesh, head, COVERINGS[look.covering], generator(look.name, "covering"))
        if cloth is not None:
            cloth.attributes[:, :2] = _calm()
            cloth.attributes[:, 3] *= folds(cloth.points, look.covering)
            whole.faces(cloth.triangles, COVERING, whole.vertices(cloth.points, cloth.attributes, cloth.follow))
    worn = wear_glasses(mesh, head, look.glasses) if look.glasses else []
    worn += [(piece, JEWEL) for piece in wear_earrings(mesh, head, look.earrings)] if look.earrings else []
    for piece, part in worn:
        about = np.zeros((len(piece.points), 6), np.float32)
        about[:, :2] = _calm()
        about[:, 3], about[:, 4] = 1, piece.cover
        whole.faces(piece.triangles, part, whole.vertices(piece.points, about, np.ones(len(about), np.float32)))


def _normals(points: Floats, triangles: NDArray[np.int32]) -> Floats:
    flat = np.cross(
        points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
    )
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], flat)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


@lru_cache(maxsize=32)
def person(identity: str) -> Person:
    """The person of an identity string; the last few stay in memory (8 MB each)."""
    return build_person(appearance(identity))
