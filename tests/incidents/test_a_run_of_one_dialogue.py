"""``run --limit 1``, the first thing that everybody tries, printed 31 kB of missing ids, divided by 24 and exited 5.

What a run was asked for is what it is measured against. That is then a part of the split: it says so wherever it is
shown, and its comparison key is one of its own, so that it never ranks with whole runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.metrics.signature import comparison_key
from omnibench.scoring.scores import read_scores

IDS = tuple(f"d{number:02}" for number in range(24))
LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data") / "many", ids=IDS, seconds=1.0)


def run(data: Path, out: Path, *more: str, model: str = "parrot") -> int:
    arguments = ["--data", str(data), "--out", str(out), "--workers", "0", "--no-video", "--protocol", "strict"]
    return main(["run", "--model", model, *arguments, *more])


def scores(out: Path) -> dict[str, Any]:
    return json.loads((out / "scores.json").read_text())


def test_one_of_one_exits_0_and_is_a_part(data: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(data, tmp_path, "--limit", "1") == 0
    said = capsys.readouterr()
    assert "a part of the split (1 of 24), not comparable" in said.out
    assert "!" not in said.out
    assert "no intervals: they take 3 dialogues" in said.out
    assert "d01" not in said.out + said.err
    assert len(said.out) < 4000
    found = scores(tmp_path)
    assert (found["data"]["dialogues"], found["data"]["asked"], found["data"]["part"]) == (24, 1, True)
    assert all(entry.get("n_expected", 1) == 1 for entry in found["metrics"].values())
    assert len((tmp_path / "samples.jsonl").read_text().splitlines()) == 1
    assert json.loads((tmp_path / "run.json").read_text())["ids"] == ["d00"]


def test_score_says_the_same_and_exits_0_too(data: Path, tmp_path: Path, capsys: Captured) -> None:
    run(data, tmp_path, "--limit", "2")
    before = scores(tmp_path)
    capsys.readouterr()
    assert main(["score", str(tmp_path)]) == 0
    assert "a part of the split (2 of 24), not comparable" in capsys.readouterr().out
    assert scores(tmp_path) == before


def test_a_part_shares_no_comparison_key_with_the_whole_or_with_another_part(data: Path, tmp_path: Path) -> None:
    keys = []
    for name, chosen in (("whole", ()), ("first", ("--limit", "1")), ("other", ("--ids", "d01"))):
        assert run(data, tmp_path / name, *chosen) == 0
        keys.append(comparison_key(scores(tmp_path / name)["metrics"]["rouge_l"]["signature"]))
    assert len(set(keys)) == 3
    assert "part:" not in keys[0]
    assert "|part:1/24@" in keys[1]
    assert main(["compare", str(tmp_path / "whole"), str(tmp_path / "first")]) == 4
    assert read_scores(tmp_path / "whole" / "scores.json").part == ""


def test_a_later_whole_run_makes_it_whole_and_a_later_look_keeps_it_so(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path, "--limit", "1") == 0
    assert run(data, tmp_path, "--ids", "d05") == 0
    assert scores(tmp_path)["data"]["asked"] == 2
    assert run(data, tmp_path) == 0
    whole = scores(tmp_path)
    assert "part" not in whole["data"]
    assert whole["metrics"]["rouge_l"]["n_expected"] == 24
    assert run(data, tmp_path, "--limit", "1") == 0
    assert scores(tmp_path) == whole


def test_no_failure_is_forgotten_by_asking_for_the_others(data: Path, tmp_path: Path) -> None:
    """The dialogue that the model fails on stays among those that were asked for."""
    failing = f"{LISTENERS}:Failing"
    assert run(data, tmp_path, "--ids", "d00,d01,d02", model=failing) == 5
    failed = [line for line in map(json.loads, (tmp_path / "journal.jsonl").read_text().splitlines())
              if line["status"] == "model_failed"]  # fmt: skip
    assert failed
    fine = next(name for name in ("d00", "d01", "d02") if name != failed[0]["id"])
    run(data, tmp_path, "--ids", fine, model=failing)
    assert failed[0]["id"] in json.loads((tmp_path / "run.json").read_text())["ids"]


def test_a_run_that_is_not_scored_says_that_it_is_a_part(data: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(data, tmp_path, "--limit", "1", "--no-score") == 0
    assert "a part of the split (1 of 24), not comparable" in capsys.readouterr().err


@pytest.mark.parametrize("ids", [None, "d00", [], ["nobody"], [["d00"]], {"d00": 1}])
def test_a_damaged_list_of_ids_stands_for_the_whole_split(data: Path, tmp_path: Path, ids: Any) -> None:
    assert run(data, tmp_path, "--limit", "1", "--no-score") == 0
    manifest = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps({**manifest, "ids": ids}))
    assert main(["score", str(tmp_path), "--metrics", "rouge_l"]) == 5
    assert scores(tmp_path)["metrics"]["rouge_l"]["n_expected"] == 24


def test_the_report_shows_that_it_is_a_part(data: Path, tmp_path: Path) -> None:
    assert run(data, tmp_path, "--limit", "1") == 0
    assert main(["report", str(tmp_path), "--media", "none"]) == 0
    assert "a part of the split (1 of 24), not comparable" in (tmp_path / "report.html").read_text()
