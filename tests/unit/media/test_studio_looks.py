"""The looks of the studio's people: everybody is drawn, is somebody else, and wears what the table says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.media.face import index_of
from omnibench.media.mesh.assets import COVERING, FRAME, HAIR, JEWEL, LEFT_EYE, RIGHT_EYE
from omnibench.media.mesh.glasses import FRAMES
from omnibench.media.mesh.hairstyles import COVERINGS, STYLES
from omnibench.media.mesh.people import PEOPLE, appearance
from omnibench.media.mesh.people_studio import STUDIO
from omnibench.media.mesh.person import build_person, person
from omnibench.media.mesh.pose import neutral_row, place
from omnibench.media.mesh.scenes import SCENES
from omnibench.media.mesh.setting import LIGHTS, USUAL, Setting
from omnibench.media.renderer import get_renderer
from omnibench.studio.lineup import SHOWN, faces, lineup

SIZE = 48
APART = 10.0
"""Least mean difference of two people's pictures in display steps; the nearest two of studio's are 19 apart."""


@cache
def picture(identity: str) -> NDArray[np.float64]:
    """A resting face, small."""
    return next(get_renderer().render(neutral_row()[None], identity, SIZE)).astype(np.float64)


def test_there_are_48_people_odd_ones_women_and_every_look_exists() -> None:
    assert list(STUDIO) == [f"q{number:02d}" for number in range(1, 49)]
    for number, look in enumerate(STUDIO.values(), 1):
        assert appearance(look.name) is look
        assert look.gender == ("female" if number % 2 else "male")
        assert look.hair_style in STYLES
        assert look.glasses in ("", *FRAMES)
        assert look.covering in ("", *COVERINGS)
        assert look.setting.light in LIGHTS
        assert look.setting.scene in SCENES
        assert sum(look.race) == pytest.approx(1.0)


def test_people_are_drawn_and_nobody_looks_like_another() -> None:
    names = ["q08", "q17", "q18", "q43", "p08"]
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            assert np.abs(picture(name) - picture(other)).mean() > APART, (name, other)


def test_nobody_is_another_in_other_clothes() -> None:
    faces_and_hair = {(look.race, look.skin, look.hair_style, look.hair, look.iris) for look in STUDIO.values()}
    assert len(faces_and_hair) >= 46
    assert len({(look.top, look.backdrop, look.setting) for look in STUDIO.values()}) == len(STUDIO)


def test_people_vary_in_what_they_wear_and_where_they_sit() -> None:
    looks = STUDIO.values()
    assert 12 <= sum(bool(look.glasses) for look in looks) <= 20
    assert {look.glasses for look in looks} - {""} == set(FRAMES)
    assert {look.covering for look in looks} - {""} == set(COVERINGS)
    assert {look.setting.light for look in looks} == set(LIGHTS)
    assert {look.setting.scene for look in looks} == set(SCENES)
    assert sum(look.age >= 0.6 for look in looks) >= 10


def test_the_people_of_mini_sit_in_the_usual_place() -> None:
    for look in [*PEOPLE.values(), appearance("anna")]:
        assert look.setting == USUAL
        assert [look.glasses, look.covering, look.earrings] == [""] * 3
        assert [look.whiskers, look.wrinkles, look.freckles] == [0.0] * 3


def test_glasses_are_seen_and_stand_before_the_eyes() -> None:
    worn = person("q18")
    rims = np.unique(worn.triangles[worn.parts == FRAME])
    eyes = np.unique(worn.triangles[np.isin(worn.parts, (LEFT_EYE, RIGHT_EYE))])
    front = worn.neutral[rims][worn.neutral[rims, 2] > 3.0]
    assert front[:, 2].min() > worn.neutral[eyes, 2].max() - 0.6
    assert FRAME not in person("q08").parts


def test_a_beard_moves_with_the_jaw_and_what_is_worn_moves_with_the_head() -> None:
    who = build_person(replace(STUDIO["q16"], earrings="hoop"))
    strands = np.unique(who.triangles[who.parts == HAIR])
    assert {COVERING, JEWEL} <= set(np.unique(who.parts).tolist())
    weights = np.zeros(52, np.float32)
    rest = place(who, neutral_row(), weights)
    weights[index_of("jawOpen")] = 1.0
    moved = np.abs(place(who, neutral_row(), weights) - rest).max(1)
    assert moved[strands].max() > 1.0
    worn = np.unique(who.triangles[np.isin(who.parts, (COVERING, JEWEL))])
    assert not moved[worn].any()


def test_a_camera_that_stands_elsewhere_shifts_the_face_by_so_much() -> None:
    points = np.array([[0.0, 0.0, -30.0], [3.0, 4.0, -25.0]], np.float32)
    seen = Setting((1.0, -0.5, -2.0), 5.0).seen(points)
    np.testing.assert_allclose(seen[0], [1.0, -0.5, -32.0], atol=1e-5)
    assert np.linalg.norm(seen[1] - seen[0]) == pytest.approx(np.linalg.norm(points[1] - points[0]), rel=1e-5)
    assert USUAL.seen(points) is points


def test_the_lineup_is_people_across_and_moods_down() -> None:
    drawn = lineup(("q08", "q17", "q18"), SHOWN, 32, 2)
    assert drawn.shape == (2 * 4 * 32, 2 * 32, 3)
    assert (drawn[4 * 32 :, 32:] == 255).all()
    shown = faces("q08", SHOWN)
    assert len({row[:52].tobytes() for row in shown}) == len(SHOWN)
