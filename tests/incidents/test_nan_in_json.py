"""``NaN`` was written into a JSON file, which is no JSON: one reader refused the file, another read null, a third 0.

A number that is not there is a status and a reason; a NaN on its way into a file is an error of ours and stops there.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from score_entries import entry_of, scores_of

from omnibench.datasets.opening import open_dataset
from omnibench.files.score_records import NoNumber
from omnibench.scoring.measuring import score_predictions


def no_constants(name: str) -> None:
    raise AssertionError(f"{name} in a JSON file")


def test_faces_of_nan_leave_a_reason_and_no_nan(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "vector" / "listener", tmp_path / "vector")
    for path in (tmp_path / "vector").glob("*.npy"):
        np.save(path, np.full((50, 64), np.nan, np.float32))
    scores = score_predictions(tmp_path, open_dataset(str(synthetic)), "test", "strict", ["fd", "nod_rate"])
    for entry in scores.metrics.values():
        assert isinstance(entry, NoNumber)
        assert "NaN or infinity in frame 0" in entry.reason
    document = json.loads((tmp_path / "scores.json").read_text(), parse_constant=no_constants)
    assert set(document["metrics"]) == {"fd", "nod_rate"}
    for line in (tmp_path / "samples.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=no_constants)


def test_a_nan_that_slipped_in_is_not_written() -> None:
    with pytest.raises(ValidationError, match="finite"):
        scores_of({"fd": {"value": float("nan")}})
    number = entry_of(value=1.0).model_copy(update={"value": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        scores_of({}).model_copy(update={"metrics": {"fd": number}}).to_json()
