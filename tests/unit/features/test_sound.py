"""What is read piece by piece has the very numbers of the whole: levels, resampling, speech, lip-sync distances."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly

from omnibench.features.activity import HOP, WINDOW, block_levels, levels, sound_levels, speech_spans
from omnibench.features.face_blocks import face_blocks
from omnibench.features.sound import BLOCK, blocks, whole
from omnibench.metrics.lips.sync_distance import RunningDistances, shift_distances
from omnibench.metrics.sound.voice_active import MARGIN, RATE, VoiceActive, at_16_khz

RATES = st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])


def talk(seconds: float, rate: int, seed: int = 0) -> NDArray[np.float32]:
    """Noise that comes and goes, with digital silence between."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 0.2, round(seconds * rate)).astype(np.float32)
    samples[np.sin(np.arange(samples.size) / rate * 2.1) < 0.2] = 0
    return samples


def levels_at_once(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """The level curve by one sum over the whole track."""
    signal = np.asarray(samples, dtype=np.float64)
    energy = np.concatenate([[0.0], np.cumsum(signal**2)])
    centres = np.arange(int(signal.size / rate / HOP) + 1) * HOP * rate
    start = np.clip(np.rint(centres - WINDOW * rate / 2), 0, signal.size).astype(np.int64)
    stop = np.clip(np.rint(centres + WINDOW * rate / 2), 0, signal.size).astype(np.int64)
    return np.sqrt(np.clip((energy[stop] - energy[start]) / np.maximum(stop - start, 1), 0.0, None))


@given(RATES, st.floats(0.0005, 2.0), st.lists(st.integers(1, 90_000), max_size=5))
def test_a_level_curve_does_not_depend_on_how_the_track_is_cut(rate: int, seconds: float, cuts: list[int]) -> None:
    samples = talk(seconds, rate)
    expected = levels_at_once(samples, rate) if samples.size else np.zeros(0)
    np.testing.assert_array_equal(block_levels(np.split(samples, sorted(cuts)), rate), expected)
    np.testing.assert_array_equal(levels(samples, rate), expected)


def test_a_long_track_is_read_in_blocks_of_ten_seconds() -> None:
    samples = talk(2.5 * BLOCK, 16_000)
    assert [len(block) for block in blocks(whole(samples, 16_000))] == [160_000, 160_000, 80_000]
    np.testing.assert_array_equal(sound_levels(whole(samples, 16_000)), levels_at_once(samples, 16_000))
    assert list(blocks(whole(samples[:0], 16_000))) == []


@given(RATES, st.integers(0, 60_000), st.integers(0, 60_000))
def test_a_piece_at_16_khz_is_that_of_the_whole_track(rate: int, start: int, length: int) -> None:
    samples = 3 * talk(2.7, rate)
    common = np.gcd(rate, RATE)
    expected = np.clip(resample_poly(samples, RATE // common, rate // common), -1, 1)
    piece, found = at_16_khz(whole(samples, rate))(start, start + length)
    assert found == RATE
    np.testing.assert_array_equal(piece, expected[start : start + length])
    np.testing.assert_array_equal(at_16_khz(whole(samples, rate))(start, None)[0], expected[start:])


@given(RATES, st.integers(0, 70_000), st.integers(0, 70_000))
def test_slices_of_speech_are_those_of_all_speech(rate: int, start: int, length: int) -> None:
    samples = talk(5.0, rate)
    common = np.gcd(rate, RATE)
    at_rate = np.clip(resample_poly(samples, RATE // common, rate // common), -1, 1)
    times = np.arange(at_rate.size)
    kept = np.zeros(at_rate.size, dtype=bool)
    for span in speech_spans(at_rate, RATE):
        kept |= (times >= round((span.start - MARGIN) * RATE)) & (times < round((span.end + MARGIN) * RATE))
    heard = VoiceActive(whole(samples, rate))
    assert len(heard) == kept.sum() > 0
    np.testing.assert_array_equal(heard[start : start + length], at_rate[kept][start : start + length])


def test_a_long_track_is_never_held_whole() -> None:
    def peak(seconds: int) -> int:
        def sound(start: int, stop: int | None) -> tuple[NDArray[np.float32], int]:
            size = min(seconds * 24_000, seconds * 24_000 if stop is None else stop) - start
            return np.full(max(0, size), 0.1, np.float32), 24_000

        tracemalloc.start()
        speech = VoiceActive(sound)
        heard = sum(len(speech[at : at + 9 * RATE]) for at in range(0, len(speech), 9 * RATE))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert heard == seconds * RATE
        return most

    peak(1)
    assert peak(90) - peak(30) < 1_000_000


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(0, 100))
def test_distances_do_not_depend_on_how_the_windows_come(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    lips, sound = (rng.normal(size=(sum(sizes), 8)).astype(np.float32) for _ in range(2))
    running = RunningDistances()
    cuts = np.cumsum(sizes)[:-1]
    for part in zip(np.split(lips, cuts), np.split(sound, cuts), strict=True):
        running.push(*part)
    np.testing.assert_array_equal(running.finish(), shift_distances(lips, sound))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_blocks_of_frames_hold_every_frame_once(count: int, before: int) -> None:
    frames = np.arange(count, dtype=np.float32)[:, None].repeat(64, axis=1)
    found = list(face_blocks(lambda start, stop: frames[start:stop], before, frames=10))
    joined = np.concatenate([found[0], *(block[before:] for block in found[1:])])
    np.testing.assert_array_equal(joined, frames)
