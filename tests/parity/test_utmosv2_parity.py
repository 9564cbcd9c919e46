"""UTMOSv2: our inputs, network and loop against the package's own ``predict``, with the same weights and seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.features.utmosv2 import at_16_khz, ratings
from omnibench.features.utmosv2_inputs import Settings, drop_quiet
from omnibench.networks.utmosv2 import Shape, UTMOSv2

pytestmark = pytest.mark.parity

TOLERANCE = 1e-5
SMALL = Settings(windows=(4096, 2048), size=64)


def speechlike(seed: int, samples: int) -> NDArray[np.float32]:
    """A tone that stops and starts, in noise: long stretches lie below +0.1, others do not."""
    time = np.arange(samples) / 16_000
    tone = np.sin(2 * np.pi * (200 + 50 * seed) * time) * (np.sin(2 * np.pi * 1.3 * time) > 0)
    noise = np.random.default_rng(seed).normal(0, 0.01, samples)
    return (0.4 * tone + noise).astype(np.float32)


@pytest.fixture(scope="module")
def pair() -> tuple[Any, UTMOSv2]:
    """The package's model and ours with its weights."""
    from reference_utmosv2 import random_reference

    reference = random_reference(spectra=2, layers=2, size=64, seed=0)
    ours = UTMOSv2(Shape(spectra=2, wave_layers=2))
    ours.load_state_dict(reference.state_dict())
    return reference, ours.eval()


@pytest.mark.parametrize("removed", [True, False])
@pytest.mark.parametrize(("seed", "samples", "repetitions"), [(0, 80_000, 1), (3, 100_000, 2), (4, 9_000, 2)])
def test_ratings_are_those_of_predict(
    pair: tuple[Any, UTMOSv2],
    monkeypatch: pytest.MonkeyPatch,
    removed: bool,
    seed: int,
    samples: int,
    repetitions: int,
) -> None:
    reference, ours = pair
    audio = speechlike(seed, samples)
    # `predict` sets this option and takes it back before its data set reads it: what counts is what was there before.
    monkeypatch.setattr(reference._cfg.dataset, "remove_silent_section", removed, raising=False)
    np.random.seed(seed)
    expected = reference.predict(
        data=audio,
        device="cpu",
        num_repetitions=repetitions,
        remove_silent_section=removed,
        verbose=False,
    )
    heard = drop_quiet(audio) if removed else audio
    found = next(ratings(ours, [heard], repetitions, seed, SMALL, looks=3))
    assert float(found.mean()) == pytest.approx(float(expected[0]), abs=TOLERANCE)


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
def test_a_file_is_read_and_resampled_as_by_predict(
    pair: tuple[Any, UTMOSv2], rate: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omnibench.media.audio import audio_info, read_audio, write_wav

    reference, ours = pair
    path = tmp_path / "answer.wav"
    write_wav(path, speechlike(1, 3 * rate), rate)
    monkeypatch.setattr(reference._cfg.dataset, "remove_silent_section", True, raising=False)
    np.random.seed(7)
    expected = reference.predict(input_path=path, device="cpu", verbose=False)
    heard = drop_quiet(at_16_khz(read_audio(path), audio_info(path).sample_rate))
    assert float(next(ratings(ours, [heard], 1, 7, SMALL))[0]) == pytest.approx(expected, abs=TOLERANCE)


def test_what_the_package_divides_by_zero_on_is_empty_for_us(
    pair: tuple[Any, UTMOSv2], monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, _ = pair
    monkeypatch.setattr(reference._cfg.dataset, "remove_silent_section", True, raising=False)
    quiet = np.float32(0.05) * np.sin(np.arange(32_000) * 0.3).astype(np.float32)
    assert drop_quiet(quiet).size == 0
    with pytest.raises(ZeroDivisionError):
        reference.predict(data=quiet, device="cpu", verbose=False)


def test_the_option_of_predict_does_nothing_by_itself(pair: tuple[Any, UTMOSv2]) -> None:
    """At @cc2700d ``predict(remove_silent_section=True)`` rates the whole file: it takes the option back too early."""
    reference, ours = pair
    audio = speechlike(3, 100_000)
    np.random.seed(3)
    rated = reference.predict(data=audio, device="cpu", remove_silent_section=True, verbose=False)
    whole = float(next(ratings(ours, [audio], 1, 3, SMALL))[0])
    filtered = float(next(ratings(ours, [drop_quiet(audio)], 1, 3, SMALL))[0])
    assert float(rated[0]) == pytest.approx(whole, abs=TOLERANCE)
    assert abs(filtered - whole) > 100 * TOLERANCE
