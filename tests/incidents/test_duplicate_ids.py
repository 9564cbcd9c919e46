"""One dialogue was there twice, and counted twice.

A list with a repeated id weighed that dialogue double; a log with two lines for one dialogue, the failed attempt and
the good one, counted both. An id names one dialogue here: a repeated one in a manifest is an error that names it, and
of several journal lines the last one holds.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError
from omnibench.scoring.measuring import score_predictions


def test_a_repeated_id_in_a_manifest_is_named(tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a", "b"), modalities=("text",))
    (root / "manifest.json").write_text(json.dumps({"splits": {"test": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}}))
    with pytest.raises(InputError, match='the id "a" is there twice'):
        open_dataset(str(root))


def test_of_two_journal_lines_the_last_one_holds(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    lines = [
        {"id": "a", "status": "model_failed", "reason": "first attempt"},
        {"id": "b", "status": "ok"},
        {"id": "a", "status": "ok"},
        {"id": "c", "status": "ok"},
    ]
    (tmp_path / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    entry = score_predictions(tmp_path, open_dataset(str(synthetic)), "test", "strict", ["rouge_l"]).metrics["rouge_l"]
    assert (entry.n_scored, entry.n_expected) == (3, 3)
    assert entry.value == pytest.approx(1.0)


def test_two_files_of_one_dialogue_are_one_dialogue(tmp_path: Path) -> None:
    """The same recording as WAV and as FLAC is one dialogue with one sound."""
    root = write_dataset(tmp_path / "data", ids=("a", "b"), modalities=("text", "audio"))
    write_dataset(tmp_path / "data", ids=("a",), modalities=("audio",), audio_suffix=".flac")
    assert open_dataset(str(root)).ids("test") == ("a", "b")
