"""``omnibench metrics``: grouped by what they are about, of one protocol, as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import PROTOCOLS, load_protocol
from omnibench.report.metric_help import families


def listed(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]


def test_every_metric_stands_once_under_the_heading_of_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    shown = capsys.readouterr().out
    assert sorted(listed(shown)) == sorted(METRICS.names())
    headings = [heading for key, heading in families().items() if key != "other"]
    assert [line for line in shown.splitlines() if line in headings] == headings
    assert shown.index("What is said") < shown.index("meteor ") < shown.index("How the voice sounds")
    assert max(map(len, shown.splitlines())) <= 108


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_protocol_shows_its_own(protocol: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--protocol", protocol]) == 0
    assert sorted(listed(capsys.readouterr().out)) == sorted(load_protocol(protocol).metrics)


def test_an_unknown_protocol_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--protocol", "offlin"]) == 2
    assert 'Did you mean "offline"' in capsys.readouterr().err


def test_json_has_what_defines_each_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--json", "-"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(METRICS.names())
    assert rows["meteor"]["direction"] == "higher"
    assert rows["meteor"]["worst"] == 0.0
    assert rows["fvd_mini"]["stands_in_for"] == "fvd"
    assert rows["lse_d"]["protocols"]["paper"]["pipeline"] == "official"
    assert main(["metrics", "--protocol", "offline", "--json", str(tmp_path / "m.json")]) == 0
    assert all(set(row["protocols"]) == {"offline"} for row in json.loads((tmp_path / "m.json").read_text()))


def test_a_package_that_cannot_be_imported_leaves_the_others_in_the_list(tmp_path: Path) -> None:
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[omnibench.metrics]\ntheirs = no_such_module:metric\n")
    done = subprocess.run(
        [sys.executable, "-m", "omnibench", "metrics"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert "theirs                 broken (ModuleNotFoundError" in done.stdout
    assert "meteor" in done.stdout
