"""A crash near the end lost a day: scores were written once, at the very end, over the old ones.

Answers are on disk when their dialogue ends (`tests/cli/test_resume.py` kills a run at every file operation); here the
score stage: a crash while it writes leaves the old scores whole, and never a torn file.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.files.atomic import atomic_path
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.scores import read_samples, read_scores


def write_half(path: Path) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text("ha")
        raise RuntimeError("power cut")


def test_a_crash_in_the_middle_of_a_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="power cut"):
        write_half(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["scores.json"]


def test_a_full_disk_leaves_the_old_scores_whole(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    dataset = open_dataset(str(synthetic))
    before = score_predictions(tmp_path, dataset, "test", "strict", ["rouge_l"])
    # A folder where the temporary file would go is what a file system that refuses looks like.
    (tmp_path / ".scores.json.tmp").mkdir()
    with pytest.raises(OSError, match="directory"):
        score_predictions(tmp_path, dataset, "test", "strict", ["rouge_l", "talk_ratio"])
    assert read_scores(tmp_path / "scores.json") == before
    assert len(read_samples(tmp_path)) == 3
