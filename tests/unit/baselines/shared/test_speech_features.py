"""Speech features per frame: a stream equals the whole, cepstra are Kaldi's, and nothing but the past is heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from baselines.shared.speech_features import WIDTH, SpeechFeatures, mfcc, stream_features
from omnibench.types import samples_before


def frames(fps: int = 30, count: int = 12, rate: int = 16_000) -> list[np.ndarray]:
    samples = np.random.default_rng(0).normal(0, 0.1, samples_before(count, fps, rate)).astype(np.float32)  # type: ignore[arg-type]
    edges = [samples_before(i, fps, rate) for i in range(count + 1)]  # type: ignore[arg-type]
    return [samples[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_a_stream_equals_the_whole(fps: int) -> None:
    given = frames(fps)
    stream = SpeechFeatures(16_000)
    found = np.stack([stream.push(samples) for samples in given])
    assert found.shape == (12, WIDTH)
    np.testing.assert_allclose(found, stream_features(given, 16_000), atol=1e-5)


def test_a_loud_low_tone_by_hand() -> None:
    """Amplitude 0.5 at 200 Hz: the energy of 400 samples is 400 * 0.125 = 50; loudness 0.3536; 2 * 200 / 16,000 sign
    changes a sample.
    """
    tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000 + 0.1)).astype(np.float32)
    found = SpeechFeatures(16_000).push(tone)
    assert found[0] == pytest.approx(np.log(50), abs=1e-3)
    assert found[13:39] == pytest.approx(np.zeros(26)), "nothing has changed yet"
    assert found[39:42] == pytest.approx([0.5 / np.sqrt(2)] * 3, abs=2e-3)
    assert found[42:] == pytest.approx([0.025] * 3, abs=5e-4)


def test_a_steady_rise_has_a_constant_slope() -> None:
    """Each frame with ten times the energy of the one before: its logarithm rises by ln 10 a frame."""
    stream = SpeechFeatures(16_000)
    tone = np.sin(2 * np.pi * 500 * np.arange(640) / 16_000).astype(np.float32)
    found = [stream.push((1e-4 * 10 ** (i / 2) * tone).astype(np.float32)) for i in range(8)]
    assert found[-1][13] == pytest.approx(np.log(10), rel=1e-3)


def test_cepstra_of_silence_are_finite() -> None:
    found = mfcc(np.zeros((2, 400)), 16_000)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(np.log(np.finfo(np.float32).eps))
