"""DNSMOS against the package that publishes the model.

Source: ``speechmos.dnsmos.run`` of speechmos 0.0.1.1 itself (librosa 0.11.0, onnxruntime 1.32.0, numpy 2.4.6), on the
signals below, which need no file.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.sound.dnsmos_extractor import RATE, WINDOW, network_name, speech_quality, windows

Signal = NDArray[np.float32]


def noise(seed: int, samples: int, scale: float) -> Signal:
    return np.clip(np.random.default_rng(seed).normal(0, scale, samples), -1, 1).astype(np.float32)


def vowel(seconds: float, pitch: float) -> Signal:
    """Harmonics under one formant, on and off 2.5 times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch * k * time) * np.exp(-(((pitch * k - 700) / 400) ** 2)) for k in range(1, 30))
    gate = np.sin(2 * np.pi * 2.5 * time) > -0.3
    return (0.3 * tone * gate / np.abs(tone).max()).astype(np.float32)


GOLDEN = [
    (noise(0, WINDOW, 0.1), [1.114215454, 1.176978194, 1.09435962]),
    (noise(1, 192_000, 0.05), [1.102165477, 1.161181247, 1.098812212]),
    (vowel(3.0, 120), [1.750193835, 2.310761689, 2.447681525]),
    (np.clip(vowel(10.0, 140) + noise(2, 160_000, 0.02), -1, 1), [2.000793714, 3.202175244, 2.219785568]),
    (vowel(5.0, 200) * np.float32(0.05), [1.595758835, 1.741638827, 1.985680451]),
    (vowel(0.1, 150), [1.330653522, 1.458275084, 1.551025067]),
    (vowel(10.5, 110), [1.759939236, 2.579942809, 2.327547772]),
]


@pytest.mark.parametrize(("samples", "expected"), GOLDEN)
def test_scores_are_the_packages(samples: Signal, expected: list[float]) -> None:
    assert list(speech_quality(samples)) == pytest.approx(expected, abs=1e-5)


def test_the_windows_that_the_package_loses_to_rounding_are_kept() -> None:
    """``int((7 + 9.01) * 16000)`` is one sample short, and the package then skips the window: from 7 to 23 s."""
    samples = vowel(20.0, 180)
    of_the_package = [1.847626906, 2.221125655, 2.762021269]
    first_seven = samples[: 6 * RATE + WINDOW + RATE - 1]
    assert len(list(windows(samples))) == 11
    assert len(list(windows(first_seven))) == 7
    assert list(speech_quality(first_seven)) == pytest.approx(of_the_package, abs=1e-5)


def test_the_protocol_names_the_network_that_runs() -> None:
    assert load_protocol("offline").metrics["dnsmos"]["network"] == network_name()
