"""The score stage on real folders: coverage, dashes, damage, signatures, files on disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import CoverageError, UsageError
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.metrics.signature import comparison_key
from omnibench.scoring.measuring import require_coverage, score_predictions
from omnibench.scoring.scores import read_samples, read_scores

IDS = ("a", "b", "c", "d")
TEXT_AND_FACE = ["rouge_l", "distinct_2", "fd"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return open_dataset(str(write_dataset(tmp_path_factory.mktemp("data"), ids=IDS)))


@pytest.fixture
def answers(data: DataSet, tmp_path: Path) -> Path:
    """The human listener's own text and vectors, as a foreign tool would leave them: no run.json, no journal."""
    assert data.root is not None
    for part, suffix in (("text", ".json"), ("vector", ".npy")):
        (tmp_path / part).mkdir()
        for dialogue in IDS:
            shutil.copy(data.root / "test" / part / "listener" / f"{dialogue}{suffix}", tmp_path / part)
    return tmp_path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_human_answers_score_perfectly(data: DataSet, answers: Path, protocol: str) -> None:
    scores = score_predictions(answers, data, "test", protocol, TEXT_AND_FACE)
    assert scores.metrics["rouge_l"].value == pytest.approx(1.0)
    assert scores.metrics["fd"].value == pytest.approx(0.0, abs=1e-4)
    assert scores.metrics["rouge_l"].n_scored == scores.metrics["rouge_l"].n_expected == len(IDS)
    assert not scores.incomplete


def test_what_is_on_disk_is_what_was_returned(data: DataSet, answers: Path) -> None:
    scores = score_predictions(answers, data, "test", "strict", TEXT_AND_FACE)
    assert read_scores(answers / "scores.json") == scores
    assert [line.id for line in read_samples(answers)] == list(IDS)
    assert "NaN" not in (answers / "scores.json").read_text()


def test_a_missing_answer_is_counted_named_and_refused(data: DataSet, answers: Path) -> None:
    (answers / "text" / "b.json").unlink()
    scores = score_predictions(answers, data, "test", "strict", ["rouge_l"])
    entry = scores.metrics["rouge_l"]
    assert (entry.n_scored, entry.n_expected) == (3, 4)
    assert "b" in entry.not_scored
    with pytest.raises(CoverageError, match="3/4"):
        require_coverage(scores, allow_partial=False)
    require_coverage(scores, allow_partial=True)


def test_a_dialogue_the_model_failed_on_scores_the_worst_value_or_withholds(data: DataSet, answers: Path) -> None:
    (answers / "text" / "b.json").unlink()
    (answers / "vector" / "b.npy").unlink()
    line = {"id": "b", "stage": "generate", "status": "model_failed", "reason": "NaN in step 3"}
    (answers / "journal.jsonl").write_text(json.dumps(line) + "\n")
    scores = score_predictions(answers, data, "test", "strict", TEXT_AND_FACE)
    assert scores.metrics["rouge_l"].value == pytest.approx(3 / 4)
    assert scores.metrics["fd"].status == "withheld"
    assert "NaN in step 3" in scores.metrics["fd"].reason


def test_a_damaged_file_costs_one_dialogue_and_is_named(data: DataSet, answers: Path) -> None:
    np.save(answers / "vector" / "c.npy", np.zeros((50, 63), np.float32))
    scores = score_predictions(answers, data, "test", "strict", ["fd"])
    assert scores.metrics["fd"].n_scored == 3
    assert "c.npy" in scores.metrics["fd"].not_scored["c"]


def test_a_part_that_nobody_answered_with_is_the_papers_dash(data: DataSet, answers: Path) -> None:
    shutil.rmtree(answers / "vector")
    scores = score_predictions(answers, data, "test", "strict", TEXT_AND_FACE)
    assert scores.metrics["fd"].status == "not_applicable"
    assert not scores.incomplete


def test_an_empty_answer_stays_in_the_strict_mean_and_leaves_the_papers(data: DataSet, answers: Path) -> None:
    (answers / "text" / "a.json").write_text('{"text": "", "words": []}')
    strict = score_predictions(answers, data, "test", "strict", ["rouge_l"]).metrics["rouge_l"]
    paper = score_predictions(answers, data, "test", "paper", ["rouge_l"]).metrics["rouge_l"]
    assert strict.value == pytest.approx(3 / 4)
    assert paper.value == pytest.approx(1.0)
    assert comparison_key(strict.signature) != comparison_key(paper.signature)


def test_other_data_means_another_comparison_key(
    data: DataSet, answers: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = open_dataset(str(write_dataset(tmp_path_factory.mktemp("other"), ids=IDS, seed=5)))
    first = score_predictions(answers, data, "test", "strict", ["rouge_l"]).metrics["rouge_l"].signature
    second = score_predictions(answers, other, "test", "strict", ["rouge_l"]).metrics["rouge_l"].signature
    assert comparison_key(first) != comparison_key(second)


def test_unknown_metrics_and_those_of_another_protocol_are_told_apart(data: DataSet, answers: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean"):
        score_predictions(answers, data, "test", "strict", ["rouge_1"])
    with pytest.raises(UsageError, match="--protocol strict"):
        score_predictions(answers, data, "test", "paper", ["talk_ratio"])
    with pytest.raises(UsageError, match="protocol"):
        load_protocol("stric")
