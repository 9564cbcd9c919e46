"""Level curve and speech stretches of a clean track, on tones of known level and place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.features.activity import HOP, levels, speech_spans

RATE = 16_000


def tone(seconds: float, amplitude: float = 0.3) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * 200 * np.arange(round(seconds * RATE)) / RATE)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def test_the_level_of_a_sine_is_its_amplitude_over_root_two() -> None:
    curve = levels(tone(1.0, 0.5), RATE)
    assert curve.size == round(1 / HOP) + 1
    assert curve[10:-10] == pytest.approx(0.5 / np.sqrt(2), rel=1e-3)


def test_silence_and_an_empty_track_hold_no_speech() -> None:
    assert speech_spans(silence(1.0), RATE) == ()
    assert speech_spans(np.zeros(0), RATE) == ()
    assert levels(np.zeros(0), RATE).size == 0


def test_noise_under_minus_50_dbfs_is_silence() -> None:
    noise = np.random.default_rng(0).normal(0, 10 ** (-60 / 20), RATE)
    assert speech_spans(noise, RATE) == ()


def test_short_gaps_are_closed_and_long_ones_kept() -> None:
    track = np.concatenate([silence(0.5), tone(0.5), silence(0.2), tone(0.5), silence(0.6), tone(0.5), silence(0.5)])
    starts_and_ends = [edge for span in speech_spans(track, RATE) for edge in span]
    assert starts_and_ends == pytest.approx([0.5, 1.7, 2.3, 2.8], abs=0.03)


def test_a_click_is_no_speech() -> None:
    assert speech_spans(np.concatenate([silence(0.5), tone(0.02), silence(0.5)]), RATE) == ()


@given(st.floats(0.02, 1.0), st.sampled_from([8_000, 16_000, 24_000, 44_100]))
def test_places_do_not_depend_on_loudness_or_rate(amplitude: float, rate: int) -> None:
    track = np.zeros(2 * rate)
    track[rate // 2 : rate] = amplitude * np.sin(2 * np.pi * 200 * np.arange(rate - rate // 2) / rate)
    ((start, end),) = speech_spans(track, rate)
    assert (start, end) == pytest.approx((0.5, 1.0), abs=0.03)
