"""A system that said nothing on hard clips led the table.

The official scripts skip a pair when either text is empty, so silence costs nothing and the mean is over the easy rest.
``paper`` reproduces that and says how many were counted; ``strict`` keeps every dialogue in the mean.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.datasets.opening import open_dataset
from omnibench.scoring.measuring import score_predictions

METRICS = ["meteor", "rouge_l"]


@pytest.mark.parametrize(("protocol", "share"), [("paper", 1.0), ("strict", 0.5), ("offline", 0.5)])
def test_silence_on_half_of_the_dialogues(protocol: str, share: float, tmp_path: Path) -> None:
    root = write_dataset(tmp_path / "data", ids=("a", "b", "c", "d"))
    shutil.copytree(root / "test" / "text" / "listener", tmp_path / "answers" / "text")
    dataset = open_dataset(str(root))
    whole = score_predictions(tmp_path / "answers", dataset, "test", protocol, METRICS)
    for dialogue, text in (("b", ""), ("d", "   ")):
        (tmp_path / "answers" / "text" / f"{dialogue}.json").write_text(json.dumps({"text": text, "words": []}))
    half = score_predictions(tmp_path / "answers", dataset, "test", protocol, METRICS)
    for name in METRICS:
        before, after = whole.metrics[name], half.metrics[name]
        assert after.value == pytest.approx(share * before.value, rel=0.05)
        assert after.n_expected == 4
