"""Table 3 in words, from scored folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from data_factory import write_dataset
from paired_answers import IDS, answers

from omnibench.commands.table import table
from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.scoring.measuring import score_predictions
from omnibench.tables.ablations import ablation_notes
from omnibench.tables.paper_tables import find_runs


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return open_dataset(str(write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "vector"))))


def scored(folder: Path, data: DataSet, model: str, seed: int, metrics: list[str]) -> Path:
    run = answers(folder / model, seed)
    score_predictions(run, data, "test", "strict", metrics)
    (run / "run.json").write_text(json.dumps({"model": {"name": model, "kind": "online"}}))
    return run


def test_a_worse_metric_is_the_papers_direction_and_a_better_one_is_not(data: DataSet, tmp_path: Path) -> None:
    """Seed 0 made the data: those answers are the listener's own, their FD is 0."""
    scored(tmp_path / "as", data, "omniresponse", 0, ["fd"])
    scored(tmp_path / "as", data, "omniresponse-no-chrono", 5, ["fd"])
    (note,) = ablation_notes(find_runs(tmp_path / "as"))
    assert note.startswith("omniresponse-no-chrono against omniresponse on ")
    assert "test, strict: fd worse, as in the paper (p 0.016)." in note  # 2 of the 128 swaps of 7 dialogues

    scored(tmp_path / "un", data, "omniresponse", 5, ["fd"])
    scored(tmp_path / "un", data, "omniresponse-neither", 0, ["fd"])
    (note,) = ablation_notes(find_runs(tmp_path / "un"))
    assert "fd better, unlike the paper (p 0.016)" in note


def test_equal_runs_are_called_equal(data: DataSet, tmp_path: Path) -> None:
    for model in ("omniresponse", "omniresponse-no-tempovoice"):
        scored(tmp_path, data, model, 5, ["fd"])
    shown = CliRunner().invoke(table, ["3", "--runs", str(tmp_path)])
    assert shown.exit_code == 0
    assert "omniresponse-no-tempovoice" in shown.output
    assert "fd equal (p 1)." in shown.output


def test_without_the_whole_model_there_is_nothing_to_say(data: DataSet, tmp_path: Path) -> None:
    scored(tmp_path, data, "omniresponse-no-chrono", 5, ["fd"])
    assert ablation_notes(find_runs(tmp_path)) == []


def test_the_smallest_difference_that_five_people_allow_is_none(tmp_path: Path) -> None:
    ids = IDS[:5]
    people = {name: {"speaker": "s", "listener": f"p{number}"} for number, name in enumerate(ids)}
    root = write_dataset(tmp_path / "five", ids=ids, modalities=("text", "vector"), persons=people)
    for model, seed in (("omniresponse", 0), ("omniresponse-no-chrono", 5)):
        scored(tmp_path / "runs", open_dataset(str(root)), model, seed, ["fd"])
    (note,) = ablation_notes(find_runs(tmp_path / "runs"))
    assert "fd too few people to tell (p 0.062)" in note
