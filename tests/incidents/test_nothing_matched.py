"""Nothing was scored, and the score was 0, or perfect, or the process said "ok".

An empty glob passed every assertion in its loop; the official scripts print 0.0 for an empty set. Nothing is no number.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.files.score_records import NoNumber
from omnibench.scoring.measuring import score_predictions


def test_an_empty_folder_is_bad_input(synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(tmp_path), "--data", str(synthetic), "--protocol", "strict"]) == 4
    assert "expected predictions" in capsys.readouterr().err


def test_a_folder_of_empty_folders_is_bad_input_too(
    synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every metric was the paper's dash then, and the exit status 0."""
    (tmp_path / "text").mkdir()
    assert main(["score", str(tmp_path), "--data", str(synthetic), "--protocol", "strict"]) == 4
    assert "holds no answer yet; expected files like text/a.json" in capsys.readouterr().err
    assert not (tmp_path / "scores.json").exists()


@pytest.mark.parametrize("protocol", ["paper", "strict"])
def test_a_folder_that_answers_other_dialogues_has_no_score(
    synthetic: Path, tmp_path: Path, protocol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "unheard-of.json").write_text(json.dumps({"text": "hello there", "words": []}))
    scores = score_predictions(tmp_path, open_dataset(str(synthetic)), "test", protocol, ["rouge_l", "distinct_2"])
    for name, entry in scores.metrics.items():
        assert entry.n_scored == 0, name
        assert isinstance(entry, NoNumber) or entry.value == 0.0, name
        assert name in scores.incomplete
    arguments = ["score", str(tmp_path), "--data", str(synthetic), "--protocol", protocol, "--metrics", "rouge_l"]
    assert not (tmp_path / "scores.json").exists()
    assert main(arguments) == 4
    said = capsys.readouterr().err
    assert "none of the folder's 1 dialogues is among the 3 of" in said
    assert "The folder has unheard-of; the data set has a, b, c." in said


def test_a_split_that_is_not_there_is_a_usage_error(synthetic: Path, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.json").write_text(json.dumps({"text": "hello there", "words": []}))
    assert main(["score", str(tmp_path), "--data", str(synthetic), "--split", "tset", "--protocol", "strict"]) == 2
