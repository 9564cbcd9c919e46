"""Latencies were reported without saying from when to when, or on what.

"Our model answers in 300 ms": after the speaker's last word, after its recogniser's final result, or per step on some
GPU? Numbers of the three kinds stood in one column. Here each says its two ends and its unit; what a dialogue's clock
measures does not depend on the machine, and what a machine's clock measures is said not to be comparable, is a dash for
answers that came without it, and is never guessed.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.files.score_records import NoNumber
from omnibench.metrics.base import METRICS
from omnibench.scoring.measuring import score_predictions

WALL_TIME = ("step_p50", "step_p99", "rtf")
DIALOGUE_TIME = ("response_delay", "floor_transfer_offset")


@pytest.fixture
def answers(synthetic: Path, tmp_path: Path) -> Path:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "text")
    return tmp_path


def write_timing(answers: Path, seconds: float) -> None:
    (answers / "timing").mkdir(exist_ok=True)
    for path in (answers / "text").glob("*.json"):
        np.savez(answers / "timing" / f"{path.stem}.npz", step_seconds=np.full(50, seconds))


def test_wall_time_says_that_it_is_a_machines_and_dialogue_time_says_from_when_to_when() -> None:
    for name in WALL_TIME:
        assert "not comparable between machines" in METRICS.get(name).spec.summary
    for name in DIALOGUE_TIME:
        spec = METRICS.get(name).spec
        assert spec.unit == "s"
        assert "time from" in spec.summary
        assert "to the start of the answer" in spec.summary or "to the model's answer" in spec.summary


def test_answers_without_timing_have_a_dash_and_no_guess(synthetic: Path, answers: Path) -> None:
    scores = score_predictions(answers, open_dataset(str(synthetic)), "test", "strict", list(WALL_TIME))
    for name in WALL_TIME:
        assert scores.metrics[name] == NoNumber(status="not_applicable", reason="no timing/ in the predictions")


def test_a_slower_machine_moves_wall_time_and_no_delay_in_the_dialogue(synthetic: Path, answers: Path) -> None:
    found = []
    for seconds in (0.004, 0.4):
        write_timing(answers, seconds)
        names = [*WALL_TIME, *DIALOGUE_TIME]
        found.append(score_predictions(answers, open_dataset(str(synthetic)), "test", "strict", names).metrics)
    fast, slow = found
    assert fast["step_p50"].value == pytest.approx(4.0, rel=0.02)
    assert slow["step_p50"].value == pytest.approx(400.0, rel=0.02)
    assert all(fast[name] == slow[name] for name in DIALOGUE_TIME)


def test_a_delay_counts_from_the_end_of_the_speakers_turn(synthetic: Path, answers: Path) -> None:
    dataset = open_dataset(str(synthetic))
    for path in (answers / "text").glob("*.json"):
        last = dataset.dialogue("test", path.stem).speaker.words[-1].end
        word = {"text": "well", "start": last + 0.3, "end": last + 0.6}
        path.write_text(json.dumps({"text": "well", "words": [word]}))
    scores = score_predictions(answers, dataset, "test", "strict", ["floor_transfer_offset"])
    assert scores.metrics["floor_transfer_offset"].value == pytest.approx(0.3, abs=1e-6)
