"""What speech-quality metrics hear, and what they make of silence, noise and damage on the embedded data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from omnibench.datasets.opening import open_dataset
from omnibench.features.media import Media
from omnibench.features.sound import whole
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.sound.dnsmos import dnsmos
from omnibench.metrics.sound.dnsmos_extractor import speech_quality
from omnibench.metrics.sound.voice_active import RATE, VoiceActive, at_16_khz


def tone(seconds: float, rate: int = RATE) -> NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def heard_of(samples: NDArray[Any], rate: int) -> NDArray[np.float32]:
    return VoiceActive(whole(samples, rate))[:]


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    """A listener of the embedded data."""
    track = open_dataset("mini").dialogue("test", "mini-2002").listener
    return heard_of(track.audio(), open_dataset("mini").dialogue("test", "mini-2002").sample_rate)


def test_silence_between_and_around_speech_is_left_out() -> None:
    gap = np.zeros(2 * RATE, np.float32)
    heard = heard_of(np.concatenate([gap, tone(1.0), gap, tone(0.5), gap]), RATE)
    assert len(heard) / RATE == pytest.approx(1.5 + 4 * 0.1, abs=0.1)
    assert heard_of(gap, RATE).size == 0
    assert heard_of(np.zeros(0, np.float32), RATE).size == 0


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 48_000])
def test_a_tone_keeps_its_pitch_and_loudness_at_16_khz(rate: int) -> None:
    heard, _ = at_16_khz(whole(tone(1.0, rate), rate))(0, None)
    assert len(heard) == RATE
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(RATE)))
    assert int(spectrum.argmax()) == 440
    assert float(np.sqrt(np.mean(heard[1000:-1000] ** 2))) == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


@given(st.integers(0, 60), st.integers(0, 60))
def test_padding_with_silence_changes_nothing_that_is_heard(before: int, after: int) -> None:
    burst = np.concatenate([np.zeros(RATE // 2), tone(0.4), np.zeros(RATE // 2)]).astype(np.float32)
    padded = np.concatenate([np.zeros(before * 160), burst, np.zeros(after * 160)]).astype(np.float32)
    np.testing.assert_array_equal(heard_of(padded, RATE), heard_of(burst, RATE))


def test_dnsmos_falls_with_noise_and_hears_damage(speech: NDArray[np.float32]) -> None:
    generator = np.random.default_rng(0)
    power = float(np.sqrt(np.mean(speech**2)))
    hiss = generator.normal(0, power, speech.size)
    graded = [speech, *(np.clip(speech + hiss * 10 ** (-snr / 20), -1, 1) for snr in (20, 10, 0))]
    scores = [speech_quality(samples, 6.0).overall for samples in graded]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[-1] > 1.0
    garbled = np.concatenate([speech[at : at + 1600][::-1] for at in range(0, speech.size, 1600)])
    assert speech_quality(garbled, 6.0).overall < scores[0] - 0.3
    assert scores[0] > speech_quality(hiss.clip(-1, 1), 6.0).overall + 1.0


def answer(samples: NDArray[Any], rate: int = RATE) -> Any:
    """A prediction that has nothing but sound."""

    class Answer:
        media = Media(
            key=str(hash(samples.tobytes())), sample_rate=lambda: rate, audio=lambda start, stop: samples[start:stop]
        )

    return Answer()


def test_a_silent_answer_scores_the_worst_value_and_padding_changes_nothing(speech: NDArray[np.float32]) -> None:
    reference = open_dataset("mini").dialogue("test", "mini-2002")
    parameters = load_protocol("offline").metrics["dnsmos"]
    silent = dnsmos.sample(answer(np.zeros(RATE, np.float32)), reference, parameters)
    assert silent == {"value": 1.0, "signal": 1.0, "background": 1.0, "seconds": 0.0}
    assert dnsmos.spec.worst == 1.0
    quick = replace(parameters, values={**parameters.values, "hop_seconds": 6.0})
    track = np.concatenate([np.zeros(RATE // 2, np.float32), speech, np.zeros(RATE // 2, np.float32)])
    padded = np.concatenate([track, np.zeros(3 * RATE, np.float32)])
    assert dnsmos.sample(answer(padded), reference, quick) == dnsmos.sample(answer(track), reference, quick)


def test_no_value_lies_below_that_of_silence() -> None:
    reference = open_dataset("mini").dialogue("test", "mini-2002")
    parameters = load_protocol("offline").metrics["dnsmos"]
    hiss = np.random.default_rng(1).uniform(-1, 1, 3 * RATE).astype(np.float32)
    value = dnsmos.sample_value(dnsmos.sample(answer(hiss), reference, parameters))
    assert value is not None
    assert value >= 1.0
