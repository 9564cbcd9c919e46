"""UTMOSv2 as a metric: independent of company and batch, seeded, honest about what it drops and what is missing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from omnibench.errors import InputError, MetricError, MissingError
from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.metrics.base import Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.sound import utmosv2 as module
from omnibench.metrics.sound import utmosv2_extractor as running
from omnibench.metrics.sound.utmosv2 import utmosv2, utmosv2_filtered
from omnibench.metrics.sound.utmosv2_extractor import at_16_khz, load, ratings
from omnibench.metrics.sound.utmosv2_inputs import Settings
from omnibench.metrics.sound.utmosv2_network import Shape, UTMOSv2

SMALL = Settings(windows=(512,), frames=1, size=32)
RATE = 16_000


def tone(seconds: float, loudness: float = 0.3, pitch: float = 300.0) -> NDArray[np.float32]:
    return (loudness * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> UTMOSv2:
    torch.manual_seed(0)
    return UTMOSv2(Shape(spectra=1, frames=1, wave_layers=1)).eval()


def test_a_recordings_ratings_do_not_depend_on_batch_or_company(network: UTMOSv2) -> None:
    recordings = [tone(4.0), tone(0.5, pitch=500), tone(5.0, 0.1)]
    together = np.stack(list(ratings(network, recordings, 2, 5, SMALL, looks=4)))
    alone = np.stack([next(ratings(network, [r], 2, 5, SMALL, looks=1)) for r in recordings])
    assert together.shape == (3, 2)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert float(np.ptp(together)) > 0


class Tiny(torch.nn.Module):
    """Rates loudness: what the metric does around a network needs no large one."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, waves: torch.Tensor, spectra: torch.Tensor) -> torch.Tensor:
        return 2 + self.scale * waves.abs().mean(1) + spectra.mean((1, 2, 3))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The metric on a tiny network instead of the published one; the looks that it was shown."""
    shown: list[int] = []

    def shrunken(net: UTMOSv2, recordings: Any, repetitions: int, seed: int) -> Any:
        for scores in ratings(net, recordings, repetitions, seed, SMALL):
            shown.append(len(scores))
            yield scores

    monkeypatch.setattr(running, "ratings", shrunken)
    monkeypatch.setattr(module, "_network", lambda fold: Tiny())
    monkeypatch.setattr("omnibench.assets.finding.find", lambda name: Path(name))
    return shown


def answer(samples: NDArray[Any], rate: int = RATE) -> Any:
    media = Media(
        key=str(hash(samples.tobytes())), sample_rate=lambda: rate, audio=lambda start, stop: samples[start:stop]
    )
    return SimpleNamespace(media=media)


def reference(text: str = "yes") -> Any:
    return SimpleNamespace(listener=SimpleNamespace(text=text))


def parameters(protocol: str, tmp_path: Path, name: str = "utmosv2") -> Parameters:
    return dataclasses.replace(load_protocol(protocol).metrics[name], features=FeatureStore(tmp_path))


def test_the_plan_rates_all_answers_once_and_samples_find_them(small: list[int], tmp_path: Path) -> None:
    strict = parameters("strict", tmp_path)
    pairs = [(answer(tone(1.0, pitch=200 + 50 * n)), reference()) for n in range(3)]
    pairs.append((answer(np.zeros(RATE, np.float32)), reference()))
    utmosv2.plan(pairs, strict)
    assert small == [5, 5, 5]
    values = [utmosv2.sample(p, r, strict) for p, r in pairs]
    assert small == [5, 5, 5]
    assert [v["counted"] for v in values] == [1.0] * 4
    assert values[3]["value"] == 1.0
    utmosv2.plan(pairs, strict)
    assert small == [5, 5, 5]


def test_strict_silence_is_the_worst_value_and_a_silent_human_is_outside(small: list[int], tmp_path: Path) -> None:
    strict = parameters("strict", tmp_path)
    silent = utmosv2.sample(answer(np.zeros(RATE, np.float32)), reference(), strict)
    outside = utmosv2.sample(answer(tone(1.0)), reference(" "), strict)
    spoken = utmosv2.sample(answer(tone(1.0)), reference(), strict)
    assert silent["value"] == utmosv2.spec.worst == 1.0
    assert spoken["value"] >= 1.0
    assert utmosv2.sample_value(outside) is None
    assert utmosv2.aggregate([silent, outside, spoken], strict) == pytest.approx((1.0 + spoken["value"]) / 2)
    with pytest.raises(MetricError, match="say nothing"):
        utmosv2.aggregate([outside], strict)


def test_the_paper_lists_what_its_script_drops(small: list[int], tmp_path: Path) -> None:
    quiet = answer(tone(2.0, loudness=0.05))
    filtered = parameters("paper", tmp_path, "utmosv2_filtered")
    utmosv2_filtered.plan([(quiet, reference())], filtered)
    with pytest.raises(MetricError, match="ZeroDivisionError"):
        utmosv2_filtered.sample(quiet, reference(), filtered)
    paper = parameters("paper", tmp_path)
    assert utmosv2.sample(quiet, reference(), paper)["counted"] == 1.0
    with pytest.raises(MetricError, match="ZeroDivisionError"):
        utmosv2.sample(answer(np.zeros(0, np.float32)), reference(), paper)


def test_missing_weights_name_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path))
    with pytest.raises(MissingError, match="omnibench assets fetch utmosv2-fold0"):
        utmosv2.plan([(answer(tone(1.0)), reference())], parameters("paper", tmp_path))


def test_weights_of_another_network_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save({"layer.weight": torch.ones(2)}, path)
    monkeypatch.setattr("omnibench.assets.finding.find", lambda name: path)
    with pytest.raises(InputError, match="not UTMOSv2's weights"):
        load(0)


def test_the_whole_network_has_the_published_size() -> None:
    """fold0_s42_best_model.pth is 818,531,314 bytes of 32-bit weights with their names."""
    with torch.device("meta"):
        network = UTMOSv2()
    weights = sum(t.numel() * t.element_size() for t in network.state_dict().values())
    assert 0 < 818_531_314 - weights < 2_000_000


def test_audio_at_16_khz_is_left_as_it_is() -> None:
    audio = tone(0.1)
    np.testing.assert_array_equal(at_16_khz(audio, RATE), audio)
