"""Reading predictions of any origin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from omnibench.errors import InputError
from omnibench.files.journal import Journal
from omnibench.files.records import JournalLine
from omnibench.media.audio import write_wav
from omnibench.predictions.folder import Predictions
from omnibench.types import Word


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("text", "audio", "vector"):
        (tmp_path / part).mkdir()
    content = {"text": "Oh no.", "words": [{"text": "Oh", "start": 0.1, "end": 0.2}], "confidence": 1}
    (tmp_path / "text" / "a.json").write_text(json.dumps(content))
    np.save(tmp_path / "vector" / "a.npy", np.zeros((5, 64)))
    write_wav(tmp_path / "audio" / "b.wav", np.zeros(10), 8000)
    return tmp_path


def test_any_subset_without_run_json_or_journal(folder: Path) -> None:
    answers = Predictions(folder)
    assert answers.ids == ("a", "b")
    assert answers.parts == ("text", "audio", "vector")
    assert answers.text("a") == "Oh no."
    assert answers.words("a") == (Word("Oh", 0.1, 0.2),)
    assert answers.vector("a").dtype == np.float32
    assert answers.audio("b")[1] == 8000
    assert answers.status("a") == ("ok", "")
    assert answers.status("c") == ("infra_failed", "no answer in the folder")
    assert answers.model() == ""
    assert answers.conditions() == {}
    sample = answers.sample("b")
    assert (sample.text, sample.words, sample.face, sample.step_seconds) == (None, None, None, None)


def test_the_journal_tells_failures(folder: Path) -> None:
    Journal(folder / "journal.jsonl").append(JournalLine(id="a", status="model_failed", reason="step 1 raised"))
    assert Predictions(folder).status("a") == ("model_failed", "step 1 raised")


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((5, 63)), r"shape \(5, 63\), expected \(T, 64\)"),
        (np.zeros(64), "expected"),
        (np.zeros((5, 64), int), "floats"),
        (np.array([[np.nan] * 64]), "frame 0"),
        (np.array([None]), "not readable"),
    ],
)
def test_a_bad_vector_names_file_and_expectation(folder: Path, array: np.ndarray, problem: str) -> None:
    np.save(folder / "vector" / "a.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=problem) as caught:
        Predictions(folder).vector("a")
    assert "vector/a.npy" in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", '{"text": 3}', '{"words": []}', "{"])
def test_a_bad_text_names_the_file(folder: Path, content: str) -> None:
    (folder / "text" / "a.json").write_text(content)
    with pytest.raises(InputError, match=r"text/a\.json"):
        Predictions(folder).text("a")


def test_a_folder_without_predictions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected predictions"):
        Predictions(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        Predictions(tmp_path / "none")
