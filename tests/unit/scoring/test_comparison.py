"""Paired comparison: p values of other tools and of a textbook, refusals, runs with different coverage."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from paired_answers import IDS, answers
from scipy.stats import permutation_test

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import InputError, UsageError
from omnibench.metrics.text.distinct import distinct_2_of
from omnibench.scoring.comparison import Comparison, compare_runs
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.paired_test import PairedTest, paired_test
from omnibench.scoring.scores import read_samples

METRICS = ["rouge_l", "distinct_2", "fd"]


def of_means(values: np.ndarray, most: int, seed: int = 0) -> PairedTest:
    return paired_test(
        lambda swaps: np.where(swaps, -values, values).mean(axis=1), np.ones(len(values)).tolist(), most, seed
    )


def sign_flips(values: np.ndarray, most: int, seed: int = 0) -> float:
    return of_means(values, most, seed).p_value


def test_darwins_maize_has_fishers_p() -> None:
    # Fisher 1935, The Design of Experiments, section 21: 1726 of the 32768 arrangements, 5.267 %.
    maize = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=np.float64)
    assert sign_flips(maize, 40_000) == 1726 / 32768
    assert sign_flips(maize, 10_000) == pytest.approx(1726 / 32768, abs=0.008)


@pytest.mark.parametrize("seed", range(6))
def test_exact_p_values_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.beta(2, 5, size=(2, 11)) + np.array([[0.04 * seed], [0.0]])
    theirs = permutation_test(
        (first, second), lambda a, b, axis: np.mean(a - b, axis=axis), permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flips(first - second, 10_000) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_drawn_p_values_are_never_0_and_repeat_with_the_seed() -> None:
    values = np.random.default_rng(0).normal(3.0, 0.1, size=40)
    assert sign_flips(values, 999) == pytest.approx(1 / 1000)
    spread = np.random.default_rng(1).normal(0.2, 1.0, size=40)
    assert sign_flips(spread, 999, seed=3) == sign_flips(spread, 999, seed=3)


def test_no_difference_has_a_p_of_1() -> None:
    assert sign_flips(np.zeros(8), 1000) == 1.0
    assert sign_flips(np.zeros(30), 1000) == 1.0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return open_dataset(str(write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "vector"))))


@pytest.fixture
def runs(data: DataSet, tmp_path: Path) -> tuple[Path, Path]:
    return answers(tmp_path / "a", 0), answers(tmp_path / "b", 5)


def compared(data: DataSet, runs: tuple[Path, Path], *, fresh: bool = True) -> dict[str, Comparison]:
    if fresh:
        for run in runs:
            score_predictions(run, data, "test", "strict", METRICS)
    return {row.metric: row for row in compare_runs(*runs)}


def texts(run: Path) -> list[str]:
    return [json.loads((run / "text" / f"{name}.json").read_text())["text"] for name in IDS]


def test_a_mean_metric_has_scipys_exact_p_and_the_plain_difference(data: DataSet, runs: tuple[Path, Path]) -> None:
    row = compared(data, runs)["rouge_l"]
    first, second = ([line.metrics["rouge_l"].value for line in read_samples(run)] for run in runs)
    theirs = permutation_test(
        (np.array(first), np.array(second)),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    assert row.p_value == pytest.approx(theirs.pvalue)
    assert (row.a, row.b, row.dialogues, row.note) == (1.0, pytest.approx(np.mean(second)), 7, "")
    assert row.interval is not None
    assert row.interval.low <= 1.0 - np.mean(second) <= row.interval.high


def test_a_corpus_metric_has_the_p_of_all_swaps_of_its_texts(data: DataSet, runs: tuple[Path, Path]) -> None:
    row = compared(data, runs)["distinct_2"]
    first, second = texts(runs[0]), texts(runs[1])
    observed = abs(distinct_2_of(first) - distinct_2_of(second))
    reached = 0
    for swaps in product((False, True), repeat=len(IDS)):
        sides = [(b, a) if swap else (a, b) for a, b, swap in zip(first, second, swaps, strict=True)]
        found = abs(distinct_2_of([s[0] for s in sides]) - distinct_2_of([s[1] for s in sides]))
        reached += found >= observed * (1 - 1e-9)
    assert row.p_value == pytest.approx(reached / 2 ** len(IDS))


def test_only_shared_dialogues_are_compared_and_the_row_says_so(data: DataSet, runs: tuple[Path, Path]) -> None:
    (runs[1] / "text" / "d3.json").unlink()
    (runs[1] / "vector" / "d3.npy").unlink()
    rows = compared(data, runs)
    for name in METRICS:
        assert (rows[name].dialogues, rows[name].note) == (6, "6 of 7 dialogues are scored in both"), name
    assert rows["rouge_l"].a == 1.0


def test_a_dialogue_that_the_model_failed_on_counts_as_its_worst(data: DataSet, runs: tuple[Path, Path]) -> None:
    line = {"id": "d3", "stage": "generate", "status": "model_failed", "reason": "NaN"}
    (runs[0] / "journal.jsonl").write_text(json.dumps(line) + "\n")
    row = compared(data, runs)["rouge_l"]
    assert (row.a, row.dialogues) == (pytest.approx(6 / 7), 7)


def test_runs_that_were_measured_differently_are_refused_with_the_part_that_differs(
    data: DataSet, runs: tuple[Path, Path], tmp_path: Path
) -> None:
    score_predictions(runs[0], data, "test", "strict", METRICS)
    other = open_dataset(str(write_dataset(tmp_path / "other", ids=IDS, seed=9, modalities=("text", "vector"))))
    score_predictions(runs[1], other, "test", "strict", METRICS)
    with pytest.raises(InputError, match=r"rouge_l has data:data0?.*-test@.* and data:other-test@"):
        compare_runs(*runs)
    score_predictions(runs[1], data, "test", "paper", METRICS)
    with pytest.raises(InputError, match=r"under strict, .* under paper"):
        compare_runs(*runs)
    (runs[1] / "run.json").write_text(json.dumps({"model": {"name": "late"}, "transcript": "delayed:300"}))
    score_predictions(runs[1], data, "test", "strict", METRICS)
    with pytest.raises(InputError, match="nothing and transcript:delayed:300"):
        compare_runs(*runs)


def test_a_metric_of_neither_run_is_a_usage_error(data: DataSet, runs: tuple[Path, Path]) -> None:
    compared(data, runs)
    with pytest.raises(UsageError, match="rouge_l, distinct_2, fd"):
        compare_runs(*runs, metrics=["meteor"])
    assert [row.metric for row in compare_runs(*runs, metrics=["fd"])] == ["fd"]


def test_a_metric_that_is_not_installed_here_leaves_the_others(data: DataSet, runs: tuple[Path, Path]) -> None:
    compared(data, runs)
    for run in runs:
        scores = json.loads((run / "scores.json").read_text())
        scores["metrics"]["theirs"] = {**scores["metrics"]["rouge_l"], "signature": "Theirs|proto:strict || v:1"}
        (run / "scores.json").write_text(json.dumps(scores))
    rows = compared(data, runs, fresh=False)
    assert "not a metric of strict" in rows["theirs"].reason
    assert rows["rouge_l"].p_value is not None


def test_an_official_number_that_weighs_its_dialogues_is_compared_as_it_is(
    data: DataSet, runs: tuple[Path, Path]
) -> None:
    """The paper's METEOR leaves pairs with an empty side out of its mean: A and B are the numbers of scores.json."""
    (runs[1] / "text" / "d3.json").write_text(json.dumps({"text": "", "words": []}))
    for run in runs:
        score_predictions(run, data, "test", "paper", ["rouge_l", "meteor"])
    for row in compare_runs(*runs):
        own = [json.loads((run / "scores.json").read_text())["metrics"][row.metric] for run in runs]
        assert row.b == pytest.approx(own[1]["value"]), row.metric
