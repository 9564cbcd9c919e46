"""The behaviour metrics in the score stage: through the registry, the protocol and a folder of predictions."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError
from omnibench.files.journal import Journal
from omnibench.files.records import JournalLine, Lateness
from omnibench.files.score_records import Number
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.statistics import bootstrap_statistic
from omnibench.scoring.measuring import require_coverage, score_predictions

TURNS = ["unanswered", "floor_transfer_offset", "fto_wasserstein", "response_delay", "gap_rate", "overlap_rate"]
BACKCHANNELS = ["backchannel_rate", "backchannel_f1", "backchannel_precision", "backchannel_recall"]
BEHAVIOUR = ["talk_ratio", "answered_2s", *TURNS, *BACKCHANNELS, "false_speech", "lip_lag", "nod_rate"]
SPEED = ["step_p50", "step_p99", "rtf", "late_frames"]


@pytest.fixture
def answers(synthetic: Path, tmp_path: Path) -> Path:
    """The human listeners' own files."""
    for part in ("text", "audio", "vector"):
        shutil.copytree(synthetic / "test" / part / "listener", tmp_path / part)
    return tmp_path


def test_the_paper_protocol_holds_only_the_paper() -> None:
    assert not set(BEHAVIOUR + SPEED) & set(load_protocol("paper").metrics)
    assert set(BEHAVIOUR + SPEED) <= set(load_protocol("offline").metrics)


def test_the_human_listener_scores_as_the_human_listener(synthetic: Path, answers: Path) -> None:
    scores = score_predictions(answers, open_dataset(str(synthetic)), "test", "strict", BEHAVIOUR)
    values = {name: entry.value for name, entry in scores.metrics.items() if isinstance(entry, Number)}
    assert (values["talk_ratio"], values["unanswered"], values["false_speech"]) == (1.0, 0.0, 0.0)
    assert values["answered_2s"] == 1.0
    assert 0 < values["floor_transfer_offset"] < 0.5
    assert values["response_delay"] == values["floor_transfer_offset"]
    assert values["fto_wasserstein"] == 0.0
    # Each dialogue lasts 2 s and holds one answer after a gap.
    assert (values["gap_rate"], values["overlap_rate"], values["backchannel_rate"]) == (30.0, 0.0, 0.0)
    assert {scores.metrics[name].status for name in BACKCHANNELS[1:]} == {"not_applicable"}
    assert values["lip_lag"] < 100
    assert "jackknife over 3 dialogues" in scores.metrics["answered_2s"].interval.method
    assert (
        "pause=0.5" in scores.metrics["answered_2s"].signature or "pause:0.5" in scores.metrics["answered_2s"].signature
    )


def test_a_silent_model_gets_a_dash_where_there_is_nothing_to_measure(synthetic: Path, answers: Path) -> None:
    for path in (answers / "text").glob("*.json"):
        path.write_text(json.dumps({"text": "", "words": []}), encoding="utf-8")
    scores = score_predictions(answers, open_dataset(str(synthetic)), "test", "strict", BEHAVIOUR)
    assert scores.metrics["floor_transfer_offset"].status == "not_applicable"
    assert "never take the floor" in scores.metrics["floor_transfer_offset"].reason
    assert scores.metrics["talk_ratio"].value == 0.0
    require_coverage(scores, allow_partial=False)


def test_untimed_predictions_have_no_step_time_and_timed_ones_do(synthetic: Path, answers: Path) -> None:
    dataset = open_dataset(str(synthetic))
    assert {e.status for e in score_predictions(answers, dataset, "test", "strict", SPEED).metrics.values()} == {
        "not_applicable"
    }
    (answers / "timing").mkdir()
    for name in dataset.ids("test"):
        np.savez(answers / "timing" / f"{name}.npz", step_seconds=np.full(50, 0.004))
    scores = score_predictions(answers, dataset, "test", "strict", SPEED)
    assert scores.metrics["step_p99"].value == pytest.approx(4.0, rel=0.012)
    assert scores.metrics["rtf"].value == pytest.approx(0.1)
    assert scores.metrics["late_frames"].status == "not_applicable"
    require_coverage(scores, allow_partial=False)
    journal = Journal(answers / "journal.jsonl")
    for name, late in zip(dataset.ids("test"), (7, 42, 0), strict=True):
        journal.append(JournalLine(id=name, status="ok", frames=50, late=Lateness(face=late)))
    scores = score_predictions(answers, dataset, "test", "strict", SPEED)
    assert scores.metrics["late_frames"].value == pytest.approx(49 / 147)


def test_a_statistic_that_mostly_does_not_exist_has_no_interval() -> None:
    def only_with_everything(picks: list[int]) -> float:
        if len(set(picks)) < 5:
            raise MetricError("somebody is missing")
        return 1.0

    assert bootstrap_statistic(only_with_everything, 5) is None
    assert bootstrap_statistic(lambda picks: float(np.mean(picks)), 2) is None
    interval = bootstrap_statistic(lambda picks: float(np.median(picks)), 21)
    assert interval is not None
    assert interval.low < 10 < interval.high
