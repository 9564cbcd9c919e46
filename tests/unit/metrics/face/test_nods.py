"""Nods from pitch: drawn head movements with a known number of nods, and what must not count as one."""

from fractions import Fraction

import numpy as np
import pytest
from drawn_dialogues import Answer, dialogue
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import MetricError
from omnibench.media.face import pack
from omnibench.metrics.base import Parameters
from omnibench.metrics.face.nod_rate import nod_rate
from omnibench.metrics.face.nods import nods, pitch, turning_points
from omnibench.types import Face

FPS = Fraction(25)
TIME = np.arange(12 * 25) / 25
RULES = Parameters("strict", {"degrees": 2.0})


def head(pitch: np.ndarray, yaw: np.ndarray | float = 0.0, roll: np.ndarray | float = 0.0, scale: float = 1.0) -> Face:
    """Coefficients of a head that looks ``pitch`` degrees up, turned by ``yaw`` and tipped by ``roll``."""
    x, y, z = (np.radians(np.broadcast_to(angle, pitch.shape)) for angle in (-pitch, yaw, roll))
    zero, one = np.zeros_like(x), np.ones_like(x)
    about_x = [[one, zero, zero], [zero, np.cos(x), -np.sin(x)], [zero, np.sin(x), np.cos(x)]]
    about_y = [[np.cos(y), zero, np.sin(y)], [zero, one, zero], [-np.sin(y), zero, np.cos(y)]]
    about_z = [[np.cos(z), -np.sin(z), zero], [np.sin(z), np.cos(z), zero], [zero, zero, one]]
    matrices = [np.moveaxis(np.array(m), -1, 0) for m in (about_y, about_x, about_z)]
    rotation = scale * matrices[0] @ matrices[1] @ matrices[2]
    count = len(pitch)
    return pack(np.zeros((count, 52), np.float32), rotation.astype(np.float32), np.zeros((count, 3), np.float32))


def nod(start: float, degrees: float, hertz: float, cycles: float = 1.0) -> np.ndarray:
    """Down by ``degrees`` and up again, ``cycles`` times."""
    phase = np.clip((TIME - start) * hertz, 0, cycles)
    return -degrees * 0.5 * (1 - np.cos(2 * np.pi * phase))


def slow(degrees: float) -> np.ndarray:
    return degrees * np.sin(2 * np.pi * 0.1 * TIME)


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (nod(2, 5, 2), 1),
        (nod(2, 5, 2, cycles=3), 1),
        (nod(2, 5, 2) + nod(6, 4, 1.5), 2),
        (nod(2, 5, 4), 1),
        (nod(2, 5, 2) + slow(6), 1),
        (-nod(2, 5, 2), 1),
        (nod(1, 3, 2) + nod(4, 3, 2) + nod(7, 3, 2) + nod(10, 3, 2), 4),
    ],
    ids=["one", "three cycles are one", "two", "quick", "while drifting", "upwards", "four"],
)
def test_nods_are_counted(movement: np.ndarray, expected: int) -> None:
    assert len(nods(head(movement), FPS, 2.0)) == expected


@pytest.mark.parametrize(
    "movement",
    [
        np.zeros_like(TIME),
        slow(20),
        nod(2, 1.5, 2),
        nod(2, 8, 0.3),
        -6.0 * (TIME > 4),
        np.where((TIME > 3) & (TIME < 7), -10.0, 0.0),
        8.0 * (np.abs(TIME - 5.0) < 0.01),
        np.random.default_rng(0).normal(0, 0.3, TIME.size),
    ],
    ids=["still", "drift", "too small", "too slow", "a step", "a look down", "a slip of one frame", "jitter"],
)
def test_what_is_no_nod(movement: np.ndarray) -> None:
    assert nods(head(movement), FPS, 2.0) == []


def test_shaking_and_tipping_the_head_are_no_nods() -> None:
    swing = nod(2, 12, 2, cycles=3)
    assert nods(head(np.zeros_like(TIME), yaw=swing), FPS, 2.0) == []
    assert nods(head(np.zeros_like(TIME), roll=swing), FPS, 2.0) == []


def test_a_nod_is_timed_at_its_first_turning_point() -> None:
    assert nods(head(nod(2, 5, 2, cycles=2)), FPS, 2.0) == pytest.approx([2.24], abs=0.04)


@given(st.floats(-40, 40), st.floats(-30, 30), st.floats(0.5, 2.0), st.floats(-25, 25))
def test_pitch_does_not_see_turning_tipping_or_scale(yaw: float, roll: float, scale: float, degrees: float) -> None:
    seen = pitch(head(np.full(3, degrees), yaw=yaw, roll=roll, scale=scale))
    assert seen == pytest.approx(np.full(3, degrees), abs=1e-3)


@given(st.lists(st.integers(-20, 20), max_size=60), st.integers(1, 6))
def test_turning_points_alternate_and_are_far_apart(values: list[int], least: int) -> None:
    curve = np.array(values, float)
    steps = np.diff(curve[turning_points(curve, least)])
    assert (np.abs(steps) >= least).all()
    assert (steps[1:] * steps[:-1] < 0).all()


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=60))
def test_nodding_backwards_in_time_has_as_many_turning_points(values: list[float]) -> None:
    curve = np.array(values)
    assert len(turning_points(curve, 2.0)) == len(turning_points(curve[::-1], 2.0))


def test_the_rate_is_over_all_answers_minutes() -> None:
    two, none = (head(m) for m in (nod(2, 5, 2) + nod(6, 5, 2), np.zeros_like(TIME)))
    here = dialogue("#" * 48, "." * 48)
    statistics = [nod_rate.sample(Answer(face=face), here, RULES) for face in (two, none)]  # type: ignore[arg-type]
    assert [nod_rate.sample_value(s) for s in statistics] == [10.0, 0.0]
    assert nod_rate.aggregate(statistics, RULES) == 5.0


@pytest.mark.parametrize("face", [None, np.zeros((0, 64), np.float32), np.full((9, 64), np.nan, np.float32)])
def test_faces_that_are_missing_or_not_finite_are_refused(face: Face | None) -> None:
    with pytest.raises(MetricError):
        nod_rate.sample(Answer(face=face), dialogue("####", "...."), RULES)  # type: ignore[arg-type]
