"""The renderer ``mesh-1``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError
from omnibench.media.face import FACE_DIM, index_of
from omnibench.media.mesh.appearance import generator
from omnibench.media.mesh.backdrop import display
from omnibench.media.mesh.camera import NEAR, focal_length
from omnibench.media.mesh.eyes import gaze_directions
from omnibench.media.mesh.film import Film
from omnibench.media.mesh.noise import strand_noise
from omnibench.media.mesh.person import person
from omnibench.media.mesh.pose import blend_weights, good_rows, place
from omnibench.media.mesh.raster import project, rasterise, vertex_normals
from omnibench.media.mesh.scene import Figure, Paint, Samples, Wall
from omnibench.media.mesh.scenes import behind
from omnibench.media.mesh.shade import shade

SMALLEST: Final = 16
LARGEST: Final = 2048

_BLINK = [index_of("eyeBlinkLeft"), index_of("eyeBlinkRight")]
_WIDE = [index_of("eyeWideLeft"), index_of("eyeWideRight")]


class MeshRenderer:
    """Draws people made from one mesh with 52 blendshapes, on one core. Bit-identical on one machine."""

    name: Final = "mesh-1"

    def render(self, face: NDArray[np.float32], identity: str, size: int = 256) -> Iterator[NDArray[np.uint8]]:
        """See ``omnibench.media.renderer.Renderer``. A row with NaN or infinity repeats the last good one."""
        face = np.asarray(face, np.float32)
        if face.ndim != 2 or face.shape[1] != FACE_DIM:
            raise InputError(f"Face coefficients of shape {face.shape} cannot be drawn: expected (T, {FACE_DIM}).")
        if not SMALLEST <= size <= LARGEST:
            raise InputError(f"A frame of {size} pixels cannot be drawn: expected {SMALLEST} to {LARGEST}.")
        return self._frames(face, identity, size)

    def _frames(self, face: NDArray[np.float32], identity: str, size: int) -> Iterator[NDArray[np.uint8]]:
        who = person(identity)
        screen, normals = np.empty_like(who.neutral), np.empty_like(who.neutral)
        figure = Figure(screen, normals, who.triangles, who.parts, who.attributes)
        paint = Paint(who.texture, strand_noise(), who.palette)
        samples = Samples(np.empty((2 * size, 2 * size), np.float32), np.empty((2 * size, 2 * size), np.int32))
        lens = np.array([focal_length(2 * size), size], np.float32)
        setting = who.look.setting
        lamps = setting.lamps()
        film = Film(setting, size, generator(identity, "film"))
        scene = behind(who.look, size)
        wall = Wall(scene, display(scene))
        for row in good_rows(face):
            weights = blend_weights(row)
            points = setting.seen(place(who, row, weights))
            project(points, lens[0], lens[1], NEAR, screen)
            vertex_normals(points, who.triangles, normals)
            rasterise(screen, who.triangles, who.parts, who.attributes, paint.noise, *samples)
            lids = (0.36 - 0.7 * weights[_BLINK] + 0.2 * weights[_WIDE]).astype(np.float32)
            eyes = np.column_stack([gaze_directions(weights), lids])
            frame = np.empty((size, size, 3), np.uint8)
            shade(figure, paint, eyes, wall, lens, lamps, samples, frame)
            yield film(frame)
