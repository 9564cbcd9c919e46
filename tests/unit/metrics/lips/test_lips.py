"""Lip aperture, and the lag between lips and voice, on lips whose lag is known by construction."""

from fractions import Fraction

import numpy as np
import pytest

from omnibench.features.activity import levels, loud_spans
from omnibench.media.face import index_of
from omnibench.metrics.lips.lag import LARGEST, lip_lag
from omnibench.metrics.lips.opening import aperture

RATE = 16_000


def face(**shapes: float) -> np.ndarray:
    row = np.zeros((1, 64), np.float32)
    for name, value in shapes.items():
        row[0, index_of(name)] = value
    return row


def test_an_open_jaw_opens_the_lips_and_mouth_close_shuts_them_again() -> None:
    assert aperture(face(jawOpen=0.6))[0] == pytest.approx(0.6)
    assert aperture(face(jawOpen=0.6, mouthClose=0.6))[0] == pytest.approx(0.0, abs=1e-6)
    assert aperture(face(mouthClose=0.3))[0] == 0.0


def test_eyes_brows_and_head_do_not_move_the_lips() -> None:
    still = face(jawOpen=0.2)
    moved = face(jawOpen=0.2, eyeBlinkLeft=1.0, browInnerUp=1.0)
    moved[0, 52:] = 5.0
    assert aperture(moved) == pytest.approx(aperture(still))


def babble(seconds: float, seed: int) -> np.ndarray:
    """A tone of a speech-like envelope: random syllables of 0.15-0.3 s, silent at both ends."""
    rng = np.random.default_rng(seed)
    envelope = np.zeros(round(seconds * RATE))
    at = 0.6
    while at < seconds - 0.9:
        length = rng.uniform(0.15, 0.3)
        window = np.hanning(round(length * RATE)) * rng.uniform(0.1, 0.5)
        start = round(at * RATE)
        envelope[start : start + window.size] += window
        at += length * rng.uniform(0.8, 1.5)
    return envelope * np.sin(2 * np.pi * 180 * np.arange(envelope.size) / RATE)


def lips_of(track: np.ndarray, fps: Fraction, late: float) -> np.ndarray:
    """Lips that follow the level of a track, ``late`` seconds behind it."""
    curve = levels(track, RATE) ** 0.6
    frames = int(track.size / RATE * fps)
    return np.interp(np.arange(frames) / float(fps) - late, np.arange(curve.size) * 0.01, curve)


def lag_between(lips: np.ndarray, fps: Fraction, track: np.ndarray) -> float:
    level = levels(track, RATE)
    return lip_lag(lips, fps, level, loud_spans(level))


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30), Fraction(30000, 1001)])
@pytest.mark.parametrize("late", [-0.2, -0.04, 0.0, 0.013, 0.08, 0.3])
def test_a_known_lag_comes_back_within_a_quarter_of_a_frame(fps: Fraction, late: float) -> None:
    track = babble(6.0, seed=3)
    found = lag_between(lips_of(track, fps, late), fps, track)
    assert found == pytest.approx(late, abs=0.25 / float(fps))


def test_the_lag_does_not_depend_on_loudness_or_on_how_far_the_mouth_opens() -> None:
    track = babble(6.0, seed=5)
    lips = lips_of(track, Fraction(25), 0.1)
    quiet = lag_between(0.1 * lips + 0.05, Fraction(25), 0.2 * track)
    assert quiet == pytest.approx(lag_between(lips, Fraction(25), track), abs=0.005)


@pytest.mark.parametrize("value", [0.0, 0.37])
def test_lips_that_stand_still_get_the_largest_lag_and_not_the_best(value: float) -> None:
    track = babble(4.0, seed=1)
    still = np.full(100, value)
    assert lag_between(still, Fraction(25), track) == LARGEST


def test_lips_of_somebody_else_are_no_better_than_chance() -> None:
    lags = []
    for seed in range(12):
        track = babble(6.0, seed)
        strangers = lips_of(babble(6.0, seed + 100), Fraction(25), 0.0)
        lags.append(abs(lag_between(strangers, Fraction(25), track)))
    assert np.median(lags) > 0.04
