"""Predictions were paired with references by their place in two directory listings.

``10.json`` sorts before ``9.json``, a stray file shifts everything behind it by one, and another file system lists in
another order: the scores were those of a shuffled system, or changed with the machine. Pairs go by id here, and the
manifest says which ids there are and in which order.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import CoverageError
from omnibench.scoring.measuring import require_coverage, score_predictions
from omnibench.scoring.scores import read_samples

IDS = ("10", "9", "2")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    root = write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text",), seconds=6)
    listed = {"name": "ordered", "splits": {"test": [{"id": name, "fps": "25"} for name in IDS]}}
    (root / "manifest.json").write_text(json.dumps(listed))
    return open_dataset(str(root))


def copied(data: DataSet, folder: Path, names: dict[str, str]) -> Path:
    """The listeners' texts, the one of ``key`` under the name ``value``."""
    assert data.root is not None
    (folder / "text").mkdir(parents=True)
    for source, target in names.items():
        shutil.copy(data.root / "test" / "text" / "listener" / f"{source}.json", folder / "text" / f"{target}.json")
    return folder


def rouge(data: DataSet, folder: Path) -> float:
    return score_predictions(folder, data, "test", "strict", ["rouge_l"]).metrics["rouge_l"].value


def test_pairs_go_by_id_whatever_the_listing(data: DataSet, tmp_path: Path) -> None:
    forward = copied(data, tmp_path / "forward", {name: name for name in IDS})
    backward = copied(data, tmp_path / "backward", {name: name for name in reversed(IDS)})
    assert rouge(data, forward) == rouge(data, backward) == pytest.approx(1.0)
    assert [line.id for line in read_samples(forward)] == list(IDS)


def test_a_stray_file_shifts_nobody(data: DataSet, tmp_path: Path) -> None:
    folder = copied(data, tmp_path / "stray", {name: name for name in IDS})
    (folder / "text" / "1.json").write_text('{"text": "I am nobody\'s answer", "words": []}')
    (folder / "text" / "._10.json").write_bytes(b"\0")
    assert rouge(data, folder) == pytest.approx(1.0)


def test_answers_under_each_others_ids_are_wrong_answers(data: DataSet, tmp_path: Path) -> None:
    folder = copied(data, tmp_path / "swapped", {"10": "9", "9": "2", "2": "10"})
    assert rouge(data, folder) < 0.9


def test_ids_that_nobody_asked_for_are_no_answers(data: DataSet, tmp_path: Path) -> None:
    """``listener_9.json`` for ``9.json``: nothing matches, and nothing may be scored as if it did."""
    folder = copied(data, tmp_path / "renamed", {name: f"listener_{name}" for name in IDS})
    scores = score_predictions(folder, data, "test", "strict", ["rouge_l"])
    assert scores.metrics["rouge_l"].n_scored == 0
    with pytest.raises(CoverageError, match="rouge_l"):
        require_coverage(scores, allow_partial=False)
