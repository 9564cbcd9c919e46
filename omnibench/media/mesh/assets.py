"""The head mesh that comes with the package (CC0; see ``data/SOURCES.md``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SKIN, CAVITY, TEETH, TONGUE, LASHES, LEFT_EYE, RIGHT_EYE, CLOTH, HAIR, COVERING, FRAME, LENS, JEWEL = range(13)
"""Part numbers of triangles. The first seven are in the file; what people wear, and hair, is made per person."""


@dataclass(frozen=True)
class HeadMesh:
    """The neutral head and everything that bends it. Lengths are decimetres, y up, z forward, the person's left is +x.

    Attributes:
        base: (V, 3) vertices of the androgynous neutral head.
        triangles: (T, 3) int32, anticlockwise from outside.
        parts: (T,) uint8 part numbers.
        lips: (V,) 0..1, the red of the lips.  follow: (V,) 0..1, 1 moves with the head, 0 stays with the body.
        occlusion: (V,) 0..1 open sky.
        face: (52, V, 3) displacement per blendshape, MediaPipe's order.
        identity: (K, V, 3) displacement per identity target.  identity_names: their names, K.
    """

    base: Floats
    triangles: NDArray[np.int32]
    parts: NDArray[np.uint8]
    lips: Floats
    follow: Floats
    occlusion: Floats
    face: Floats
    identity: NDArray[np.int16]
    identity_names: dict[str, int]

    def of_part(self, *parts: int) -> NDArray[np.int32]:
        """The triangles (N, 3) of the given parts."""
        return self.triangles[np.isin(self.parts, parts)]


@cache
def head_mesh() -> HeadMesh:
    """Load the mesh once per process."""
    path = files("omnibench.media.mesh.data") / "head.npz"
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return HeadMesh(
        base=arrays["base"].astype(np.float32) / 1000,
        triangles=arrays["triangles"].astype(np.int32),
        parts=arrays["parts"],
        lips=arrays["lips"].astype(np.float32) / 255,
        follow=arrays["follow"].astype(np.float32) / 255,
        occlusion=arrays["occlusion"].astype(np.float32) / 255,
        face=arrays["face"].astype(np.float32) / 1000,
        identity=arrays["identity"],
        identity_names={str(name): i for i, name in enumerate(arrays["identity_names"])},
    )
