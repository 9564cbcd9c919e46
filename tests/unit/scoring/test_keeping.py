"""What scoring leaves in a folder: some metrics join the others, and never take their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.scoring.measuring import measure_predictions, score_predictions
from omnibench.scoring.scores import read_samples

IDS = ("a", "b", "c", "d")
SOME = ["rouge_l", "fd", "distinct_2"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    root = write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "vector"))
    return open_dataset(str(root))


@pytest.fixture
def folder(data: DataSet, tmp_path: Path) -> Path:
    """The human's own answers, scored with three metrics under strict."""
    assert data.root is not None
    for part in ("text", "vector"):
        shutil.copytree(data.root / "test" / part / "listener", tmp_path / "run" / part)
    score_predictions(tmp_path / "run", data, "test", "strict", SOME)
    return tmp_path / "run"


def scores(folder: Path, name: str = "scores.json") -> dict[str, Any]:
    return json.loads((folder / name).read_text())


def everything(folder: Path) -> dict[str, bytes]:
    names = ("scores.json", "scores.strict.json", "samples.jsonl")
    with np.load(folder / "statistics.npz") as arrays:
        packed = {key: arrays[key].tobytes() for key in sorted(arrays.files)}
    return {name: (folder / name).read_bytes() for name in names} | packed


def test_one_metric_scored_again_leaves_the_others(folder: Path, data: DataSet) -> None:
    before = everything(folder)
    for name in SOME:
        score_predictions(folder, data, "test", "strict", [name])
        assert everything(folder) == before, name


def test_a_new_metric_joins_those_that_are_there(folder: Path, data: DataSet) -> None:
    before = scores(folder)["metrics"]
    score_predictions(folder, data, "test", "strict", ["meteor"])
    after = scores(folder)["metrics"]
    assert set(after) == {*SOME, "meteor"}
    assert {name: after[name] for name in SOME} == before
    assert scores(folder, "scores.strict.json") == scores(folder)
    for line in read_samples(folder):
        assert set(line.metrics) == {*SOME, "meteor"}
    with np.load(folder / "statistics.npz") as arrays:
        assert {key.split("/")[0] for key in arrays.files} >= {"fd", "distinct_2"}
    again = scores(folder)
    score_predictions(folder, data, "test", "strict", [*SOME, "meteor"])
    assert scores(folder) == {**again, "metrics": {name: again["metrics"][name] for name in again["metrics"]}}


def test_a_failure_in_a_new_metric_is_the_dialogue_s_too(folder: Path, data: DataSet) -> None:
    """A file that the metrics so far did not need."""
    (folder / "audio").mkdir()
    (folder / "audio" / "a.wav").write_bytes(b"no sound")
    score_predictions(folder, data, "test", "strict", SOME)
    assert read_samples(folder)[0].status == "ok"


def test_some_metrics_of_changed_answers_join_nothing(
    folder: Path, data: DataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(folder)
    (folder / "text" / "a.json").write_text('{"text": "something else", "words": []}')
    found = score_predictions(folder, data, "test", "strict", ["rouge_l"])
    assert found.metrics["rouge_l"].value < 1.0
    assert "keeps its scores, which are of other answers" in capsys.readouterr().err
    assert everything(folder) == before
    score_predictions(folder, data, "test", "strict", SOME)
    assert scores(folder)["metrics"]["rouge_l"] == found.metrics["rouge_l"].document()


def test_scores_that_hold_no_other_metric_are_replaced(folder: Path, data: DataSet) -> None:
    (folder / "text" / "a.json").write_text('{"text": "something else", "words": []}')
    score_predictions(folder, data, "test", "strict", [*SOME, "meteor"])
    assert scores(folder)["metrics"]["rouge_l"]["value"] < 1.0


def test_some_metrics_of_another_protocol_go_beside(
    folder: Path, data: DataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(folder)
    score_predictions(folder, data, "test", "paper", ["rouge_l"])
    assert "scores.paper.json has these" in capsys.readouterr().err
    assert everything(folder) == before
    assert set(scores(folder, "scores.paper.json")["metrics"]) == {"rouge_l"}
    score_predictions(folder, data, "test", "paper", ["fd"])
    assert set(scores(folder, "scores.paper.json")["metrics"]) == {"rouge_l", "fd"}
    assert everything(folder) == before


def test_damaged_scores_are_nothing_to_keep(folder: Path, data: DataSet) -> None:
    for name in ("scores.json", "scores.strict.json"):
        (folder / name).write_text("{")
    score_predictions(folder, data, "test", "strict", ["meteor"])
    assert set(scores(folder)["metrics"]) == {"meteor"}


def test_measuring_writes_nothing(folder: Path, data: DataSet) -> None:
    before = everything(folder)
    measured = measure_predictions(Predictions(folder), data, "test", "strict", ["meteor"])
    assert measured.answered == 4
    assert everything(folder) == before


def test_the_digest_is_that_of_the_answers(folder: Path, data: DataSet) -> None:
    first = measure_predictions(Predictions(folder), data, "test", "strict", ["meteor"]).scores.answers
    assert (
        first
        == measure_predictions(Predictions(folder), data, "test", "paper", ["fd"]).scores.answers
        == scores(folder)["answers"]
    )
    (folder / "vector" / "d.npy").unlink()
    assert measure_predictions(Predictions(folder), data, "test", "strict", ["meteor"]).scores.answers != first
