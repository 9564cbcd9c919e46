"""UTMOSv2: our inputs, network and loop against the package's own ``predict``, with the same weights and seeds."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from omnibench.media.audio import audio_info, read_audio, write_wav
from omnibench.metrics.sound.utmosv2_extractor import at_16_khz, ratings
from omnibench.metrics.sound.utmosv2_inputs import Settings, draw, drop_quiet, standardised
from omnibench.metrics.sound.utmosv2_network import Shape, UTMOSv2

pytestmark = pytest.mark.parity

TOLERANCE = 1e-6
SMALL = Settings(windows=(4096, 2048), size=64)
MINI = Path(str(files("omnibench.datasets.mini"))) / "data"
SPOKEN = [
    (name, role, removed)
    for name, role in (("mini-2002", "listener"), ("mini-2011", "speaker"), ("mini-2018", "listener"))
    for removed in (False, True)
]


def speechlike(seed: int, samples: int) -> NDArray[np.float32]:
    """A tone that stops and starts, in noise: long stretches lie below +0.1, others do not."""
    time = np.arange(samples) / 16_000
    tone = np.sin(2 * np.pi * (200 + 50 * seed) * time) * (np.sin(2 * np.pi * 1.3 * time) > 0)
    noise = np.random.default_rng(seed).normal(0, 0.01, samples)
    return (0.4 * tone + noise).astype(np.float32)


def speech(name: str, role: str = "listener", split: str = "test") -> NDArray[np.float32]:
    """What is said in one of mini's dialogues, at 16 kHz."""
    path = MINI / split / "audio" / role / f"{name}.flac"
    return at_16_khz(read_audio(path), audio_info(path).sample_rate)


def mel_pictures(settings: Settings) -> NDArray[np.float32]:
    """Mel spectra of four people, to settle random networks on."""
    names = ("mini-2003", "mini-2007", "mini-2012", "mini-2021")
    return np.stack([draw(speech(name, "speaker"), np.random.RandomState(0), settings)[1] for name in names])


@pytest.fixture(scope="module")
def pair() -> tuple[Any, UTMOSv2]:
    """The package's model and ours with its weights."""
    from reference_utmosv2 import random_reference

    reference = random_reference(layers=2, seed=0, pictures=mel_pictures(SMALL))
    ours = UTMOSv2(Shape(spectra=2, wave_layers=2))
    ours.load_state_dict(reference.state_dict())
    return reference, ours.eval()


def official_inputs(path: Path, removed: bool, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The wave ``(48000,)`` and the spectra ``(8, 512, 512)`` that the package's data set makes of a file."""
    from reference_utmosv2 import published_configuration

    configuration = published_configuration()
    configuration.dataset.remove_silent_section = removed
    from utmosv2.dataset import SSLLMultiSpecExtDataset
    from utmosv2.dataset._schema import DatasetItem

    item = DatasetItem(file_path=path, dataset_name="sarulab")
    data = SSLLMultiSpecExtDataset(configuration, [item], "prediction", configuration.transform)
    np.random.seed(seed)
    wave, spectra, *_ = data[0]
    # The three colours are one picture.
    assert bool((spectra == spectra[:, :1]).all())
    return wave.numpy(), spectra[:, 0].numpy()


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


@pytest.mark.parametrize(("name", "role", "removed"), SPOKEN)
def test_crops_and_mel_pictures_of_speech_are_the_packages_to_the_bit(name: str, role: str, removed: bool) -> None:
    theirs = official_inputs(MINI / "test" / "audio" / role / f"{name}.flac", removed, seed=5)
    audio = speech(name, role)
    wave, spectra = draw(drop_quiet(audio) if removed else audio, np.random.RandomState(5))
    np.testing.assert_array_equal(wave, theirs[0])
    np.testing.assert_array_equal(spectra, theirs[1])


@pytest.mark.parametrize(("seconds", "rate"), [(0.9, 16_000), (2, 16_000), (4, 24_000), (4, 44_100), (4, 8_000)])
def test_so_are_those_of_short_files_and_other_rates(seconds: float, rate: int, tmp_path: Path) -> None:
    import soxr

    said = soxr.resample(speech("mini-2002")[16_000 * 2 :], 16_000, rate)[: round(seconds * rate)]
    path = tmp_path / "said.wav"
    write_wav(path, said, rate)
    theirs = official_inputs(path, False, seed=6)
    wave, spectra = draw(at_16_khz(read_audio(path), rate), np.random.RandomState(6))
    np.testing.assert_array_equal(wave, theirs[0])
    np.testing.assert_array_equal(spectra, theirs[1])


def test_waves_are_standardised_as_by_the_feature_extractor() -> None:
    from transformers import Wav2Vec2FeatureExtractor

    extractor = Wav2Vec2FeatureExtractor(do_normalize=True)
    waves = [speech(name)[16_000:64_000] for name in ("mini-2002", "mini-2011", "mini-2018")]
    theirs = extractor(waves, sampling_rate=16_000, return_tensors="np")["input_values"]
    np.testing.assert_array_equal(np.stack([standardised(wave) for wave in waves]), theirs)


def test_the_networks_are_one_function_in_64_bits() -> None:
    """Bits of 32 hide in random weights, and random weights hide in bits of 32: both networks in 64, with weights under
    which a change of the input moves the output by about as much.
    """
    import torch
    from reference_utmosv2 import random_reference

    torch.set_num_threads(1)
    settings = Settings(windows=(4096, 2048, 1024, 512), size=128)
    reference = random_reference(layers=4, seed=1, pictures=mel_pictures(settings))._model
    ours = UTMOSv2(Shape(spectra=4, wave_layers=4))
    ours.load_state_dict(reference.state_dict())
    ours.eval()
    looks = [draw(speech(name), np.random.RandomState(1), settings) for name in ("mini-2002", "mini-2018")]
    waves, spectra = (np.stack(part) for part in zip(*looks, strict=True))
    domain = torch.nn.functional.one_hot(torch.tensor([1, 1]), 10)
    extract = reference.ssl.encoder.processor

    def both(spectra: NDArray[Any], kind: torch.dtype) -> NDArray[np.float64]:
        reference.to(kind)
        reference.ssl.encoder.processor = lambda raw, **options: extract(raw, **options).to(kind)
        shown = torch.from_numpy(spectra).to(kind)
        heard = torch.from_numpy(np.stack([standardised(wave) for wave in waves])).to(kind)
        with torch.inference_mode():
            theirs = reference(torch.from_numpy(waves), shown[:, :, None].expand(-1, -1, 3, -1, -1), domain.to(kind))
            return np.stack([theirs[:, 0].double().numpy(), ours.to(kind)(heard, shown).double().numpy()])

    theirs, found = both(spectra, torch.float64)
    np.testing.assert_allclose(found, theirs, rtol=1e-9)
    scaled = both(spectra.astype(np.float64) * (1 + 1e-6), torch.float64)
    assert np.abs(scaled / [theirs, found] - 1).max() < 1e-4
    assert abs(theirs[0] - theirs[1]) > 1e-3
    np.testing.assert_allclose(both(spectra, torch.float32), [theirs, found], atol=1e-4)


@pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
def test_a_file_is_read_and_resampled_as_by_predict(
    pair: tuple[Any, UTMOSv2], rate: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
