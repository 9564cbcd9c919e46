"""Answers held markup, and the page that showed them ran it; elsewhere it was stripped without a word.

A transcript is plain text: ``<b>yes</b>`` is what the model said, and is scored as it stands; whoever shows it, or a
model's name, on a page escapes it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from omnibench.datasets.opening import open_dataset
from omnibench.files.records import Card
from omnibench.metrics.text.distinct import distinct_2_of
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.scores import read_scores
from omnibench.tables.formats import html
from omnibench.tables.paper_tables import Run, text_table

SCRIPT = '<script>alert("x")</script>'


def test_markup_is_words_like_others() -> None:
    assert distinct_2_of(["<b>yes</b> I do", "yes I do"]) == 3 / 4
    assert distinct_2_of(["&amp; so on", "& so on"]) == 3 / 4


def test_an_answer_of_markup_is_scored_and_changes_no_other(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    (tmp_path / "text" / "b.json").write_text(json.dumps({"text": SCRIPT, "words": []}))
    entry = score_predictions(tmp_path, open_dataset(str(synthetic)), "test", "strict", ["rouge_l"]).metrics["rouge_l"]
    assert (entry.n_scored, entry.n_expected) == (3, 3)
    assert abs(entry.value - 2 / 3) < 1e-9


def test_a_models_name_is_escaped_on_a_page(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    score_predictions(tmp_path, open_dataset(str(synthetic)), "test", "strict", ["rouge_l"])
    run = Run(tmp_path, read_scores(tmp_path / "scores.json"), Card(name=SCRIPT))
    page = html(text_table(2, [run]))
    assert "alert(" in page
    assert "<script" not in page
