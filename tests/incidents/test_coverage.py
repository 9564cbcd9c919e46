"""Scores that rose because answers were missing.

A system that stayed silent on hard clips was averaged over the rest; a leaderboard read 80 of 100 with 10 errors as
88.9 %; people handed in their best samples only. Under strict and offline no half of the answers that is left out may
improve a number, whether its files are deleted, its texts emptied, its sound silenced or its vectors cut to nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.datasets.base import DataSet
from omnibench.datasets.opening import open_dataset
from omnibench.errors import CoverageError, MetricError
from omnibench.files.score_records import MetricEntry, NoNumber, Status
from omnibench.media.audio import read_audio, write_wav
from omnibench.metrics.base import METRICS, Metric, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.predictions.folder import Predictions
from omnibench.scoring.aggregation import metric_entry
from omnibench.scoring.measuring import require_coverage, score_predictions
from omnibench.scoring.scores import Outcome

IDS = tuple(f"d{number}" for number in range(8))
PARTS = (("text", ".json"), ("vector", ".npy"), ("audio", ".wav"))
EASY = (
    "answered_2s",
    "backchannel_f1",
    "backchannel_precision",
    "backchannel_recall",
    "distinct_2",
    "ead_2",
    "false_speech",
    "fd",
    "fd_delta",
    "fd_expression",
    "fd_rotation",
    "fd_standardised",
    "fd_translation",
    "fto_wasserstein",
    "lip_lag",
    "meteor",
    "rouge_l",
)
"""Metrics that need neither a network nor a video; those in the protocol are tested on files."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    root = write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "vector", "audio"))
    return with_rate(root)


def with_rate(root: Path) -> DataSet:
    """The data set with a manifest that gives its frame rate, which no video tells."""
    entries = [{"id": name, "fps": "25"} for name in IDS]
    (root / "manifest.json").write_text(json.dumps({"name": "coverage", "splits": {"test": entries}}))
    return open_dataset(str(root))


@pytest.fixture(scope="module")
def whole(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers of mixed quality: the human's own in every third dialogue, somebody else's in the others."""
    other = write_dataset(tmp_path_factory.mktemp("other"), ids=IDS, seed=7, modalities=("text", "vector", "audio"))
    folder = tmp_path_factory.mktemp("answers")
    assert data.root is not None
    for part, suffix in PARTS:
        (folder / part).mkdir()
        for number, name in enumerate(IDS):
            source = data.root if number % 3 == 0 else other
            shutil.copy(source / "test" / part / "listener" / f"{name}{suffix}", folder / part)
    return folder


def names_of(protocol: str) -> list[str]:
    held = load_protocol(protocol).metrics
    return [name for name in EASY if name in held]


def improved(before: MetricEntry, after: MetricEntry) -> bool:
    if isinstance(before, NoNumber) or isinstance(after, NoNumber) or before.direction == "none":
        return False
    gain = after.value - before.value
    return (gain if before.direction == "higher" else -gain) > 1e-9


def outcomes_of(metric: Metric, parameters: Parameters, folder: Path, data: DataSet) -> list[Outcome]:
    answers, found = Predictions(folder), []
    for name in IDS:
        try:
            statistics = metric.sample(answers.sample(name), data.dialogue("test", name), parameters)
            found.append(Outcome(name, "ok", "", statistics))
        except MetricError as error:
            found.append(Outcome(name, "metric_failed", str(error)))
    return found


def entry_of(metric: Metric, parameters: Parameters, outcomes: Sequence[Outcome]) -> MetricEntry:
    return metric_entry(metric, parameters, outcomes, "worst", lambda coverage: coverage)


@pytest.mark.parametrize("protocol", ["strict", "offline"])
@settings(max_examples=12)
@given(
    half=st.sets(st.sampled_from(range(len(IDS))), min_size=4, max_size=4),
    failure=st.sampled_from(["infra_failed", "metric_failed", "model_failed"]),
)
def test_no_half_left_out_improves_any_number(
    protocol: str, half: set[int], failure: Status, data: DataSet, whole: Path
) -> None:
    for name in names_of(protocol):
        metric, parameters = METRICS.get(name), load_protocol(protocol).metrics[name]
        outcomes = cached_outcomes(name, metric, parameters, whole, data)
        left = [Outcome(o.id, failure, "gone") if i in half else o for i, o in enumerate(outcomes)]
        before, after = entry_of(metric, parameters, outcomes), entry_of(metric, parameters, left)
        assert not improved(before, after), (name, before, after)
        if failure != "model_failed":
            assert after.n_scored <= 4
            assert after.n_expected == 8


CACHE: dict[str, list[Outcome]] = {}


def cached_outcomes(name: str, metric: Metric, parameters: Parameters, folder: Path, data: DataSet) -> list[Outcome]:
    key = f"{parameters.protocol}/{name}"
    if key not in CACHE:
        CACHE[key] = outcomes_of(metric, parameters, folder, data)
    return CACHE[key]


def delete(folder: Path, name: str) -> None:
    for part, suffix in PARTS:
        (folder / part / f"{name}{suffix}").unlink()


def empty_text(folder: Path, name: str) -> None:
    (folder / "text" / f"{name}.json").write_text('{"text": " ", "words": []}')


def silent_audio(folder: Path, name: str) -> None:
    path = folder / "audio" / f"{name}.wav"
    write_wav(path, np.zeros_like(read_audio(path)), 16_000)


def no_frames(folder: Path, name: str) -> None:
    np.save(folder / "vector" / f"{name}.npy", np.zeros((0, 64), np.float32))


def not_finite(folder: Path, name: str) -> None:
    np.save(folder / "vector" / f"{name}.npy", np.full((50, 64), np.nan, np.float32))


@pytest.mark.parametrize("damage", [delete, empty_text, silent_audio, no_frames, not_finite])
def test_no_way_of_leaving_the_worst_half_out_helps(
    damage: Callable[[Path, str], None], data: DataSet, whole: Path, tmp_path: Path
) -> None:
    names = names_of("offline")
    before = score_predictions(whole, data, "test", "offline", names, write=False).metrics
    worst = [name for number, name in enumerate(IDS) if number % 3][:4]
    folder = Path(shutil.copytree(whole, tmp_path / "left"))
    for name in worst:
        damage(folder, name)
    after = score_predictions(folder, data, "test", "offline", names, write=False).metrics
    assert [name for name in names if improved(before[name], after[name])] == []
    assert any(before[name] != after[name] for name in names)


def test_the_official_rule_does_gain_by_leaving_the_worst_half_out(data: DataSet, whole: Path, tmp_path: Path) -> None:
    """What the strict rule is for: the paper's protocol keeps the defect, and marks it."""
    before = score_predictions(whole, data, "test", "paper", ["rouge_l"], write=False)
    folder = Path(shutil.copytree(whole, tmp_path / "left"))
    for number, name in enumerate(IDS):
        if number % 3:
            delete(folder, name)
    after = score_predictions(folder, data, "test", "paper", ["rouge_l"], write=False)
    assert after.metrics["rouge_l"].value == pytest.approx(1.0)
    assert before.metrics["rouge_l"].value < 0.9
    assert (after.metrics["rouge_l"].n_scored, after.metrics["rouge_l"].n_expected) == (3, 8)
    with pytest.raises(CoverageError, match="rouge_l 3/8"):
        require_coverage(after, allow_partial=False)


def test_fewer_texts_are_more_diverse_so_silence_is_nothing_new(data: DataSet, whole: Path, tmp_path: Path) -> None:
    """A constant reply repeated 8 times has few different bigrams; left in one dialogue only, all are different."""
    folder = Path(shutil.copytree(whole, tmp_path / "constant"))
    for name in IDS:
        (folder / "text" / f"{name}.json").write_text('{"text": "I see what you mean", "words": []}')
    full = score_predictions(folder, data, "test", "strict", ["distinct_2"], write=False).metrics["distinct_2"]
    assert full.value == pytest.approx(1 / 8)
    for name in IDS[1:]:
        empty_text(folder, name)
    one = score_predictions(folder, data, "test", "strict", ["distinct_2"], write=False)
    assert one.metrics["distinct_2"].value <= full.value
    require_coverage(one, allow_partial=False)
    empty_text(folder, IDS[0])
    none = score_predictions(folder, data, "test", "strict", ["distinct_2"], write=False).metrics["distinct_2"]
    assert none.value == 0.0


def test_an_absent_answer_is_no_number_of_its_own_and_keeps_its_mark(
    data: DataSet, whole: Path, tmp_path: Path
) -> None:
    from omnibench.scoring.scores import read_samples
    from omnibench.tables.run_table import format_scores

    folder = Path(shutil.copytree(whole, tmp_path / "left"))
    delete(folder, "d0")
    scores = score_predictions(folder, data, "test", "strict", ["rouge_l", "fd"])
    rouge, fd = scores.metrics["rouge_l"], scores.metrics["fd"]
    assert (rouge.n_scored, rouge.n_expected, rouge.n_at_worst) == (7, 8, 1)
    assert (fd.status, fd.n_scored, fd.n_expected) == ("withheld", 7, 8)
    first = read_samples(folder)[0]
    assert (first.id, first.metrics["rouge_l"].status) == ("d0", "infra_failed")
    assert first.metrics["rouge_l"].value is None
    assert format_scores(scores).count("(7/8 !)") == 2
