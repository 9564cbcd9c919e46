"""Drift of a face from where it began."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from baselines.omniresponse.quality.exposure import drift, drifts, exposure
from omnibench.datasets.opening import open_dataset
from omnibench.system.command_line import run_command


def test_drift_is_in_deviations_by_time() -> None:
    faces = np.zeros((20, 64))
    faces[10:] = 3.0
    faces[15] = np.nan
    found = drift(faces, np.full(64, 1.5), fps=2.0, bins=3)
    assert found[:2] == pytest.approx([0.0, 2.0])
    assert np.isnan(found[2])


def test_a_run_of_the_humans_own_faces_drifts_as_they_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_dataset(
        tmp_path / "data", "val", ("a", "b"), seconds=2.0, seed=1, modalities=("audio", "text", "vector")
    )
    for part in ("text", "vector"):
        shutil.copytree(root / "val" / part / "listener", tmp_path / "run" / part)
    human, own = drifts([tmp_path / "run"], open_dataset(str(root)), "val").values()
    assert human == pytest.approx(own, rel=1e-4)
    assert human[0] > 0
    assert run_command(exposure, "exposure", [str(tmp_path / "run"), "--data", str(root)]) == 0
    assert "| human listeners |" in capsys.readouterr().out


def test_runs_without_faces_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_dataset(tmp_path / "data", "val", ("a",), seconds=1.0, seed=1, modalities=("audio", "text", "vector"))
    shutil.copytree(root / "val" / "text" / "listener", tmp_path / "run" / "text")
    assert run_command(exposure, "exposure", [str(tmp_path / "run"), "--data", str(root)]) == 4
    assert "has a face in all of" in capsys.readouterr().err
