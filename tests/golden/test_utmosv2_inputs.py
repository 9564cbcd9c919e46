"""What UTMOSv2 hears of a recording, against the package.

Source: the data set class of hyperion-utmosv2 1.3.1 (the code of sarulab-speech/UTMOSv2 @cc2700d) after
``np.random.seed``, with librosa 0.11.0, torchvision 0.28.0, torch 2.13.0 and numpy 2.4.6, on the recordings below:
three samples of the wave, the means of the first, fourth and last spectrum, a pixel of the first and of the sixth. On
one machine they are equal to the bit (``tox -e parity-utmosv2``); between machines a BLAS adds in another order.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.media.audio import read_audio
from omnibench.metrics.sound.utmosv2_inputs import draw, drop_quiet

GOLDEN = [
    (0, 80_000, False, [0.014023, 0.008179, -0.002817], [0.28684, 0.355368, 0.35207], [0.24256, 0.201853]),
    (1, 30_000, False, [0.009669, 0.013259, -0.012925], [0.306972, 0.352661, 0.351783], [0.377151, 0.380519]),
    (2, 48_000, True, [0.276083, 0.128601, 0.142423], [0.295858, 0.369774, 0.368944], [0.456416, 0.278844]),
    (3, 100_000, True, [-0.373586, -0.405346, -0.387473], [0.306716, 0.369723, 0.370771], [0.333488, 0.223437]),
    (4, 9_000, False, [-0.369871, -0.383367, -0.006938], [0.30801, 0.361895, 0.361867], [0.399227, 0.267468]),
    (5, 64_001, True, [-0.047497, -0.373056, 0.312275], [0.305184, 0.366987, 0.368122], [0.305614, 0.29748]),
]

SPOKEN = [
    ("listener/mini-2002", 50, [0.0, -0.004913, 0.0], [0.703172, 0.09525, 0.068664], [0.893586, 0.321422]),
    ("speaker/mini-2011", 51, [0.010864, 0.0, 0.0], [0.371334, 0.093961, 0.169504], [0.726976, 0.107069]),
]  # fmt: skip


def recording(seed: int, samples: int) -> NDArray[np.float32]:
    """A tone that stops and starts, in noise."""
    time = np.arange(samples) / 16_000
    tone = np.sin(2 * np.pi * (200 + 50 * seed) * time) * (np.sin(2 * np.pi * 1.3 * time) > 0)
    return (0.4 * tone + np.random.default_rng(seed).normal(0, 0.01, samples)).astype(np.float32)


@pytest.mark.parametrize(("seed", "samples", "removed", "wave", "means", "pixels"), GOLDEN)
def test_excerpts_and_spectra_are_the_packages(
    seed: int, samples: int, removed: bool, wave: list[float], means: list[float], pixels: list[float]
) -> None:
    audio = recording(seed, samples)
    found, spectra = draw(drop_quiet(audio) if removed else audio, np.random.RandomState(40 + seed))
    assert found.shape == (48_000,)
    assert spectra.shape == (8, 512, 512)
    assert found[[0, 24_000, 47_999]].tolist() == pytest.approx(wave, abs=1e-6)
    assert [float(spectra[k].mean()) for k in (0, 3, 7)] == pytest.approx(means, abs=2e-6)
    assert [float(spectra[0, 100, 100]), float(spectra[5, 300, 200])] == pytest.approx(pixels, abs=2e-6)


@pytest.mark.parametrize(("name", "seed", "wave", "means", "pixels"), SPOKEN)
def test_those_of_speech_too(name: str, seed: int, wave: list[float], means: list[float], pixels: list[float]) -> None:
    path = Path(str(files("omnibench.datasets.mini"))) / "data" / "test" / "audio" / f"{name}.flac"
    found, spectra = draw(read_audio(path), np.random.RandomState(seed))
    assert found[[0, 24_000, 47_999]].tolist() == pytest.approx(wave, abs=1e-6)
    assert [float(spectra[k].mean()) for k in (0, 3, 7)] == pytest.approx(means, abs=2e-6)
    assert [float(spectra[0, 100, 100]), float(spectra[5, 300, 200])] == pytest.approx(pixels, abs=2e-6)
