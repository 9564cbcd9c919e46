"""What coefficients do to the face: every blendshape shows on its side; lids close; gaze and head turn right."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.media.face import BLENDSHAPES, index_of
from omnibench.media.mesh.assets import LEFT_EYE, RIGHT_EYE, SKIN
from omnibench.media.mesh.camera import FOV_DEGREES, NEAR, NEUTRAL_T, focal_length
from omnibench.media.mesh.eyes import gaze_directions
from omnibench.media.mesh.noise import strand_noise
from omnibench.media.mesh.person import person
from omnibench.media.mesh.pose import blend_weights, neutral_row, place
from omnibench.media.mesh.raster import project, rasterise
from omnibench.media.renderer import get_renderer

Floats = NDArray[np.float32]


def row(**values: float) -> Floats:
    """A resting face with blendshapes set; a name without side sets both."""
    face = neutral_row()
    for name, value in values.items():
        for full in BLENDSHAPES:
            if full in (name, f"{name}Left", f"{name}Right"):
                face[index_of(full)] = value
    return face


def turned(axis: str, degrees: float) -> Floats:
    """A resting face turned about x, y or z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrices = {
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    face = neutral_row()
    face[[52, 53, 54, 56, 57, 58, 60, 61, 62]] = np.ravel(matrices[axis])
    return face


def seen_parts(identity: str, face: Floats, size: int = 128) -> NDArray[np.int64]:
    """The part number behind each sample (2 * size, 2 * size), -1 for the backdrop."""
    who = person(identity)
    points = place(who, face, blend_weights(face))
    screen = np.empty_like(points)
    project(points, focal_length(2 * size), float(size), NEAR, screen)
    nearest, seen = np.empty((2 * size, 2 * size), np.float32), np.empty((2 * size, 2 * size), np.int32)
    rasterise(screen, who.triangles, who.parts, who.attributes, strand_noise(), nearest, seen)
    return np.where(seen >= 0, who.parts[seen].astype(int), -1)


def skin_centre(face: Floats, identity: str = "p24") -> Floats:
    """Image position (x right, y down) of the tip of the nose: the nearest vertex of the resting face."""
    who = person(identity)
    tip = int(np.argmax(who.neutral[:, 2] - 100 * (np.abs(who.neutral[:, 0]) > 0.3)))
    points = place(who, face, blend_weights(face))
    screen = np.empty_like(points)
    project(points, focal_length(256), 128.0, NEAR, screen)
    return screen[tip]


@pytest.mark.parametrize("name", BLENDSHAPES[1:])
def test_every_blendshape_shows(name: str) -> None:
    rest, moved = row(), row()
    moved[index_of(name)] = 1.0
    if name == "mouthClose":  # lips meeting under an open jaw
        rest[index_of("jawOpen")] = moved[index_of("jawOpen")] = 1.0
    before, after = get_renderer().render(np.stack([rest, moved]), "p02", 128)
    change = np.abs(after.astype(int) - before).sum(2)
    assert (change > 30).sum() >= 12
    if name.endswith(("Left", "Right")) and not name.startswith(("jaw", "mouthLeft", "mouthRight")):
        own_left, own_right = (
            change[:, 64:].sum(),
            change[:, :64].sum(),
        )  # the person's left is on the right of the image
        assert (own_left > 1.4 * own_right) if name.endswith("Left") else (own_right > 1.4 * own_left)


def test_the_neutral_coefficient_does_nothing() -> None:
    before, after = get_renderer().render(np.stack([row(), row(_neutral=1.0)]), "p02", 64)
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("identity", ["p01", "p04", "p06", "p23"])
def test_a_blink_covers_the_eyeball(identity: str) -> None:
    def eyes(face: Floats) -> int:
        return int(np.isin(seen_parts(identity, face), (LEFT_EYE, RIGHT_EYE)).sum())

    assert eyes(row()) > 120
    assert eyes(row(eyeBlink=1.0)) <= 0.02 * eyes(row())


def test_gaze_follows_the_person_s_own_left() -> None:
    def gaze(**values: float) -> Floats:
        return gaze_directions(row(**values)[:52])

    assert np.allclose(gaze(), [[0, 0, 1], [0, 0, 1]], atol=1e-6)
    to_own_left = gaze(eyeLookOutLeft=1.0, eyeLookInRight=1.0)
    assert (to_own_left[:, 0] > 0.4).all()
    assert (gaze(eyeLookUp=1.0)[:, 1] > 0.3).all()
    assert (gaze(eyeLookDown=1.0)[:, 1] < -0.3).all()


def test_the_head_turns_as_mediapipe_s_matrix_says() -> None:
    x, y, _ = skin_centre(row())
    assert skin_centre(turned("y", 20))[0] > x + 5  # +yaw: nose to the right of the image
    assert skin_centre(turned("x", 20))[1] > y + 5  # +pitch: nose down
    assert skin_centre(turned("z", 20))[0] > x  # +roll: anticlockwise in the image, a nose below the centre goes right


def test_translation_is_in_centimetres_of_mediapipe_s_camera() -> None:
    moved = row()
    moved[55] += 2.0
    moved[59] += 1.0
    rest, there = skin_centre(row()), skin_centre(moved)
    pixels = 128 / np.tan(np.radians(FOV_DEGREES / 2)) * rest[2]
    assert there[0] - rest[0] == pytest.approx(2.0 * pixels, rel=1e-3)
    assert there[1] - rest[1] == pytest.approx(-1.0 * pixels, rel=1e-3)


def test_a_uniform_scale_in_r_enlarges_the_head() -> None:
    scaled = row()
    scaled[[52, 57, 62]] = 1.3
    skin = (seen_parts("p24", row()) == SKIN).sum()
    assert (seen_parts("p24", scaled) == SKIN).sum() > 1.25 * skin


def test_a_resting_face_fills_the_frame_like_a_talking_head() -> None:
    who = person("p24")
    points = place(who, row(), blend_weights(row()))
    screen = np.empty_like(points)
    project(points, focal_length(256), 128.0, NEAR, screen)
    head = screen[(who.follow > 0.99) & (who.neutral[:, 2] > 0)]
    chin, hairline = (
        head[:, 1].max(),
        head[who.neutral[(who.follow > 0.99) & (who.neutral[:, 2] > 0)][:, 1] < 9.0, 1].min(),
    )
    assert 0.50 <= (chin - hairline) / 256 <= 0.62
    assert NEUTRAL_T[:2] == (0.0, 0.0)


@pytest.mark.parametrize("identity", ["p22", "p24"])
@pytest.mark.parametrize("face", [row(), row(jawOpen=1.0), row(mouthFunnel=1.0), turned("y", 30), turned("x", -20)])
def test_no_hole_shows_the_backdrop_through_the_head(identity: str, face: Floats) -> None:
    from scipy.ndimage import binary_fill_holes

    solid = seen_parts(identity, face) >= 0
    assert (binary_fill_holes(solid) & ~solid).sum() <= 2


def test_bodies_reach_the_lower_edge() -> None:
    for identity in ("p01", "p08", "p14", "p17"):
        assert (seen_parts(identity, row())[-1, 90:166] >= 0).all()
