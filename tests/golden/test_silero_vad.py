"""The voice-activity detector against the package that publishes it.

Source: ``silero_vad.sequence_vad.SileroVADSequence.audio_forward`` of silero-vad 6.2.3 (onnxruntime 1.32.0) on the
signals below, which need no file; the second is longer than one block of the package and of ours.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.features.sound import RATE, whole
from omnibench.features.voice import speech_probabilities


def vowel(seconds: float, pitch: float) -> NDArray[np.float32]:
    """Harmonics under one formant, on and off 2.5 times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * pitch * k * time) * np.exp(-(((pitch * k - 700) / 400) ** 2)) for k in range(1, 30))
    gate = np.sin(2 * np.pi * 2.5 * time) > -0.3
    return (0.3 * tone * gate / np.abs(tone).max()).astype(np.float32)


GOLDEN = [
    (vowel(1.0, 120), 32, [0.13301295, 0.42614472, 0.11626488, 0.03467837], [0.00330579, 0.02185312], 1.16994066),
    (vowel(20.0, 200), 625, [0.2545279, 0.51022542, 0.20092028, 0.04218081], [0.00001256, 0.00060123], 4.26931462),
]


@pytest.mark.parametrize(("samples", "count", "first", "last", "total"), GOLDEN)
def test_probabilities_are_the_packages(
    samples: NDArray[np.float32], count: int, first: list[float], last: list[float], total: float
) -> None:
    found = speech_probabilities(whole(samples, RATE))
    assert found.shape == (count,)
    assert found[:4].tolist() == pytest.approx(first, abs=1e-5)
    assert found[-2:].tolist() == pytest.approx(last, abs=1e-5)
    assert float(found.astype(np.float64).sum()) == pytest.approx(total, abs=1e-3)
