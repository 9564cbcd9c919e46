"""What must not move a number: the order of dialogues, where folders lie, a second scoring from kept features."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.files.score_records import Number, Scores
from omnibench.metrics.protocol import load_protocol
from omnibench.scoring.measuring import score_predictions

IDS = ("a", "b", "c", "d")
PARTS = ("text", "vector", "audio")
CHEAP = ("answered_2s", "distinct_2", "false_speech", "fd", "lip_lag", "meteor", "rouge_l", "talk_ratio")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=PARTS)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    other = write_dataset(folder / "data", ids=IDS, seed=6, modalities=PARTS)
    for part in PARTS:
        shutil.copytree(other / "test" / part / "listener", folder / "run" / part)
    return folder / "run"


def ordered(data: Path, folder: Path, ids: tuple[str, ...]) -> DataSet:
    root = Path(shutil.copytree(data, folder))
    listed = [{"id": name, "fps": "25"} for name in ids]
    (root / "manifest.json").write_text(json.dumps({"name": "ordered", "splits": {"test": listed}}))
    return open_dataset(str(root))


def scored(answers: Path, dataset: DataSet) -> Scores:
    held = load_protocol("strict").metrics
    return score_predictions(answers, dataset, "test", "strict", [name for name in CHEAP if name in held])


def test_the_order_of_dialogues_moves_no_value(data: Path, answers: Path, tmp_path: Path) -> None:
    forward = scored(answers, ordered(data, tmp_path / "forward", IDS)).metrics
    backward = scored(answers, ordered(data, tmp_path / "backward", IDS[::-1])).metrics
    assert any(isinstance(entry, Number) for entry in forward.values())
    for name, entry in forward.items():
        assert isinstance(backward[name], Number) == isinstance(entry, Number), name
        if isinstance(entry, Number):
            assert backward[name].value == pytest.approx(entry.value, rel=1e-9), name
        assert backward[name].n_scored == entry.n_scored


def test_scoring_again_elsewhere_gives_the_same_bytes(data: Path, answers: Path, tmp_path: Path) -> None:
    first = scored(answers, ordered(data, tmp_path / "one" / "set", IDS))
    left = {name: (answers / name).read_bytes() for name in ("scores.json", "samples.jsonl", "statistics.npz")}
    moved = Path(shutil.copytree(answers, tmp_path / "moved"))
    assert scored(moved, ordered(data, tmp_path / "two" / "set", IDS)) == first
    for name in ("scores.json", "samples.jsonl"):
        assert (moved / name).read_bytes() == left[name]


def test_a_metric_scores_the_same_alone_and_among_others(data: Path, answers: Path, tmp_path: Path) -> None:
    dataset = ordered(data, tmp_path / "set", IDS)
    together = scored(answers, dataset).metrics
    for name in ("rouge_l", "fd", "lip_lag"):
        alone = score_predictions(answers, dataset, "test", "strict", [name], write=False).metrics
        assert alone[name] == together[name]
