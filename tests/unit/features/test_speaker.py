"""The voice encoder: bands by hand, and the package's own vectors where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from omnibench.features.mel import mel_power
from omnibench.features.speaker import voice_vector

RATE = 16_000


def test_a_tone_is_in_the_band_around_it() -> None:
    """At 1 kHz, Slaney's 15 mel of 45.2 in all, is the 14th of 40 bands."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    bands = mel_power(tone, RATE, 400, 160, 400, 40).T
    assert bands.shape == (101, 40)
    assert set(bands[5:-5].argmax(axis=1)) == {13}
    np.testing.assert_allclose(mel_power(2 * tone, RATE, 400, 160, 400, 40).T, 4 * bands, rtol=1e-4)


@pytest.mark.needs("readback")
@pytest.mark.parametrize("seconds", [0.5, 1.6, 2.9, 6.0])
def test_vectors_are_the_packages(seconds: float) -> None:
    """resemblyzer 0.1.4 on librosa, to rounding, where nothing is loud enough to be cut."""
    from resemblyzer import VoiceEncoder

    draw = np.random.default_rng(0)
    sound = draw.normal(0, 0.1, round(seconds * RATE)).astype(np.float32)
    mine = voice_vector(sound, RATE)
    np.testing.assert_allclose(mine, VoiceEncoder("cpu", verbose=False).embed_utterance(sound), atol=1e-5)
    assert np.linalg.norm(mine) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(voice_vector(0.01 * sound, RATE), voice_vector(0.02 * sound, RATE), atol=1e-4)
