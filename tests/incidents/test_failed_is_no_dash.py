"""A model that failed on every dialogue looked like one to which nothing applies.

It leaves no ``text/`` and no ``vector/``, so all of its numbers were the paper's dash, as those of a model that never
speaks by design. Its card promises those parts: they failed, and the tables say so.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.commands.table import table

BROKEN = """
from omnibench.responder import ModelCard

class Broken:
    card = ModelCard("broken", "1", "online", ("face", "words"), "Fails at once.")
    def open(self, context):
        return self
    def step(self, frame):
        raise ValueError("no")
    def close(self):
        pass
"""


def test_all_that_the_card_promises_is_failed_and_the_rest_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_dataset(tmp_path / "data", ids=("a", "b", "c"))
    (tmp_path / "broken.py").write_text(BROKEN)
    words = ["--data", str(data), "--protocol", "offline", "--workers", "0", "--out", str(tmp_path / "runs/broken")]
    assert main(["run", "--model", f"{tmp_path}/broken.py:Broken", *words]) == 5
    printed = capsys.readouterr().out
    metrics = json.loads((tmp_path / "runs/broken/scores.json").read_text())["metrics"]
    for name in ("meteor", "distinct_2", "fd", "fvd_mini", "talk_ratio"):
        assert metrics[name]["status"] == "not_scored", name
        assert all(reason.startswith("model_failed") for reason in metrics[name]["not_scored"].values())
    assert metrics["dnsmos"] == {"status": "not_applicable", "reason": "no audio/ in the predictions"}
    (line,) = (line for line in printed.splitlines() if line.split()[:1] == ["meteor"])
    assert line.split() == ["meteor", "failed"]
    shown = CliRunner().invoke(table, ["2", "--no-paper", "--runs", str(tmp_path / "runs")]).stdout
    row = next(line for line in shown.splitlines() if line.startswith("| broken"))
    assert row.count("failed") >= 4
    long = CliRunner().invoke(table, ["2", "--no-paper", "--runs", str(tmp_path / "runs"), "--format", "csv"]).stdout
    assert ",meteor,,,,0,3,failed,False" in long
