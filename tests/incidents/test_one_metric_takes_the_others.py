"""One metric's trouble took all the others with it.

A suite ran its metrics in one loop: a video that would not decode, or a network that was not there, ended the loop, and
the text scores that had nothing to do with it were never written. Worse, another suite caught everything and went on
without a word. Here each trouble costs its own cells, which say what happened, and nothing else.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.store import Arrays, FeatureStore
from omnibench.files.score_records import NoNumber
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.scores import read_samples
from omnibench.types import Image


@pytest.fixture
def answers(synthetic: Path, tmp_path: Path) -> Path:
    for part in ("text", "audio", "vector"):
        shutil.copytree(synthetic / "test" / part / "listener", tmp_path / part)
    return tmp_path


def test_a_damaged_sound_costs_one_dialogue_of_the_metrics_that_hear(synthetic: Path, answers: Path) -> None:
    sound = answers / "audio" / "b.wav"
    sound.write_bytes(sound.read_bytes()[:1000])
    names = ["rouge_l", "lip_lag", "talk_ratio"]
    scores = score_predictions(answers, open_dataset(str(synthetic)), "test", "strict", names)
    assert scores.metrics["rouge_l"].value == pytest.approx(1.0)
    assert scores.metrics["talk_ratio"].value == pytest.approx(1.0)
    assert scores.metrics["lip_lag"].n_scored == 2
    failed = {line.id: line.metrics["lip_lag"] for line in read_samples(answers)}["b"]
    assert failed.status == "metric_failed"
    assert "b.wav: truncated" in failed.reason


def test_a_network_that_is_not_there_costs_its_own_cells(
    synthetic: Path, answers: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path_factory.mktemp("no_assets")))
    scores = score_predictions(answers, open_dataset(str(synthetic)), "test", "strict")
    assert scores.metrics["rouge_l"].value == pytest.approx(1.0)
    unavailable = [e.reason for e in scores.metrics.values() if isinstance(e, NoNumber) and e.status == "unavailable"]
    assert all("omnibench assets fetch" in reason or "pip install" in reason for reason in unavailable)


class Mean:
    """Mean brightness of each picture."""

    key = "mean"

    def __init__(self) -> None:
        self.values: list[float] = []

    def open(self, media: Media) -> Mean:
        return Mean()

    def push(self, image: Image) -> None:
        self.values.append(float(image.mean()))

    def finish(self) -> Arrays:
        return {"mean": np.array(self.values)}


class Blind(Mean):
    """Finds nothing in any clip."""

    key = "blind"

    def open(self, media: Media) -> Blind:
        return Blind()

    def finish(self) -> Arrays:
        raise MetricError("no face found")


def test_a_network_that_finds_nothing_leaves_the_shared_decode_to_the_others(tmp_path: Path) -> None:
    media = Media("k", images=lambda: iter([np.full((2, 2, 3), value, np.uint8) for value in (10, 30)]))
    store = FeatureStore(tmp_path)
    store.want(media, Blind())
    store.want(media, Mean())
    np.testing.assert_array_equal(store.frames(media, Mean())["mean"], [10, 30])
    with pytest.raises(MetricError, match="no face found"):
        store.frames(media, Blind())
