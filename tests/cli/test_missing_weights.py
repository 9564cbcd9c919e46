"""Missing weights never crash a run: that cell says what to fetch, and the rest is scored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A data set of texts, answers to it, and an empty assets folder."""
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    data = write_dataset(tmp_path / "data", ids=("a", "b", "c"), modalities=("text",))
    shutil.copytree(data / "test" / "text" / "listener", tmp_path / "run" / "text")
    return data, tmp_path / "run"


def test_the_cell_says_what_to_fetch_and_the_rest_is_scored(
    texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = texts
    assert main(["score", str(run), "--data", str(data), "--protocol", "strict"]) == 0
    printed = capsys.readouterr().out
    metrics = json.loads((run / "scores.json").read_text())["metrics"]
    assert metrics["bertscore_f1"]["status"] == "unavailable"
    assert "omnibench assets fetch roberta-large" in metrics["bertscore_f1"]["reason"]
    assert "omnibench assets fetch roberta-large" in printed
    assert metrics["rouge_l"]["value"] == pytest.approx(1.0)


def test_asked_for_by_name_it_is_exit_3_with_the_command(
    texts: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = texts
    arguments = ["score", str(run), "--data", str(data), "--protocol", "strict", "--metrics", "rouge_l,bertscore_f1"]
    assert main(arguments) == 3
    assert "omnibench assets fetch roberta-large" in capsys.readouterr().err
