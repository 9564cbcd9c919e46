"""UTMOSv2 gives another number on every call.

The package draws its excerpts and mixing weights from numpy's unseeded global generator, and the official script calls
it once per file: two runs over the same files differ, and adding a file in front moves every rating behind it.
"""

from __future__ import annotations

import numpy as np

from omnibench.metrics.sound.utmosv2_inputs import Settings, draw

SMALL = Settings(windows=(512,), frames=1, size=16)
RECORDING = np.random.default_rng(0).normal(0, 0.2, 80_000).astype(np.float32)


def test_the_same_seed_hears_the_same_whatever_was_heard_before() -> None:
    first = draw(RECORDING, np.random.RandomState(42), SMALL)
    np.random.seed(1)
    np.random.random(100)
    again = draw(RECORDING, np.random.RandomState(42), SMALL)
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before, after)


def test_another_seed_hears_other_excerpts_and_the_global_generator_is_left_alone() -> None:
    np.random.seed(7)
    expected = np.random.RandomState(7).random()
    wave, spectra = draw(RECORDING, np.random.RandomState(42), SMALL)
    other_wave, other_spectra = draw(RECORDING, np.random.RandomState(43), SMALL)
    assert not np.array_equal(wave, other_wave)
    assert not np.array_equal(spectra, other_spectra)
    assert np.random.random() == expected
