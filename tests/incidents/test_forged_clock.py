"""A model replaced ``time.perf_counter`` in the harness's modules and took 5e-20 s for a step that needed 50 ms.

The harness and the model shared a process. Now a model has one of its own, and what an answer took is measured at the
other end of the socket: by the wall clock and by the system's count of the process's processor time.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.predictions.folder import Predictions

CHEATERS = Path(__file__).parents[1] / "support" / "cheaters.py"
STEP = 0.05


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(
        tmp_path_factory.mktemp("data"), ids=("a", "b"), seconds=0.6, modalities=("audio", "vector", "text")
    )


def run(data: Path, out: Path, model: str, *more: str) -> int:
    arguments = ["run", "--model", model, "--data", str(data), "--out", str(out), "--protocol", "strict", "--no-video"]
    return main([*arguments, *more])


def test_the_model_cannot_reach_the_clock(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHEATERS.parent))
    monkeypatch.syspath_prepend(str(CHEATERS.parent))
    assert run(data, tmp_path, f"{CHEATERS}:Clock") == 0
    for name in ("a", "b"):
        times = Predictions(tmp_path).times(name)
        assert (times["step_seconds"] >= STEP).all()
        # It works through its 50 ms, so the system counts them, as far as others leave it a processor.
        assert times["processor_seconds"].sum() > 0
        assert (times["processor_seconds"] <= times["step_seconds"] + 0.02).all()
        assert times["load"].shape == (2,)
    timings = json.loads((tmp_path / "run.json").read_text())["timings"]
    assert timings["step_p50_ms"] >= 1000 * STEP
    assert {"processor_p50_ms", "processor_p99_ms", "load"} <= timings.keys()
    assert "processor" in capsys.readouterr().out
    entry = json.loads((tmp_path / "scores.json").read_text())["metrics"]["step_p50"]
    assert entry["value"] >= 1000 * STEP * 0.98  # the middle of a bin
    assert "clock:" not in entry["signature"]


def test_in_lock_step_everybody_waits_for_the_whole_call(data: Path, tmp_path: Path) -> None:
    """A dialogue was charged its share of the call, half of what its listener waits."""
    assert run(data, tmp_path, f"{CHEATERS.with_name('listeners.py')}:Slow", "--batch", "2", "--no-score") == 0
    for name in ("a", "b"):
        assert (Predictions(tmp_path).timing(name) >= STEP).all()


def test_times_of_the_models_own_process_are_marked(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path, "parrot", "--workers", "0") == 0
    entry = json.loads((tmp_path / "scores.json").read_text())["metrics"]["rtf"]
    assert "|clock:model" in entry["signature"]


@pytest.mark.parametrize("seconds", [5e-20, 0.0, -1.0, np.nan])
def test_impossible_times_are_no_number(data: Path, tmp_path: Path, seconds: float) -> None:
    assert run(data, tmp_path, "parrot", "--no-score") == 0
    for name in ("run.json", "journal.jsonl"):
        (tmp_path / name).unlink()
    for name in ("a", "b"):
        np.savez(tmp_path / "timing" / f"{name}.npz", step_seconds=np.full(15, seconds))
    arguments = ["score", str(tmp_path), "--data", str(data), "--protocol", "strict", "--metrics", "step_p50"]
    assert main(arguments) == 5
    entry = json.loads((tmp_path / "scores.json").read_text())["metrics"]["step_p50"]
    assert "value" not in entry
