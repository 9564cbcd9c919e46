"""A beard let grow: the skin under it once more, lifted, cut out as hair, and moving with the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibench.media.mesh.appearance import Appearance
from omnibench.media.mesh.assets import SKIN, HeadMesh
from omnibench.media.mesh.hair import Hair
from omnibench.media.mesh.shape import Head
from omnibench.media.mesh.skin import beard_mask, cut_mask
from omnibench.media.mesh.surface import texels

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Beard:
    """``hair`` to be drawn, and the vertex (N,) of the mesh that each of its points moves with."""

    hair: Hair
    source: NDArray[np.int64]


def grow_beard(mesh: HeadMesh, head: Head, normals: Floats, look: Appearance) -> Beard | None:
    """The beard of a person whose ``whiskers`` stand off the skin (``normals`` (V, 3)), or None."""
    if look.whiskers <= 0:
        return None
    mask = beard_mask(mesh.base) * cut_mask(mesh.base, look.cut) * (1 - np.clip(2 * mesh.lips, 0, 1))
    skin = mesh.of_part(SKIN)
    bushy = skin[(mask[skin] > 0.05).any(1)]
    source, corners = np.unique(bushy, return_inverse=True)
    thick = mask[source]
    # Hair on the chin hangs; near the lips it is kept short.
    chin = np.clip((6.62 - mesh.base[source, 1]) / 0.3, 0, 1)
    lift = look.whiskers * thick * (0.45 + 0.55 * chin)
    points = head.points[source] + lift[:, None] * normals[source]
    points[:, 1] -= 0.5 * lift * chin
    attributes = np.zeros((len(source), 6), np.float32)
    attributes[:, :2] = texels(mesh.base[source]) * (0.9, 0.5)
    attributes[:, 2] = 0.75 + 0.25 * thick
    attributes[:, 3] = np.clip(0.35 + 0.65 * mesh.occlusion[source], 0, 1)
    attributes[:, 4] = 1.9 * thick - 0.55
    hair = Hair(points.astype(np.float32), attributes, mesh.follow[source], corners.reshape(-1, 3).astype(np.int32))
    return Beard(hair, source.astype(np.int64))
