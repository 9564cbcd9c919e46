"""Good scores that were lost to a command without ``--data``.

A run on a folder of one's own was scored. ``omnibench score RUN``, typed again without ``--data``, took the embedded
data set, matched none of the dialogues, printed 0/24 and wrote that over the good scores; ``report`` and ``picture``
looked there too. ``run.json`` knows what was played; what is scored on other data, or on none, replaces nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_factory import write_dataset

from omnibench.cli import main

IDS = ("a", "b", "c", "d")
KEPT = ("scores.json", "scores.offline.json", "scores.strict.json", "samples.jsonl", "statistics.npz")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_dataset(tmp_path_factory.mktemp("theirs") / "own-data", ids=IDS, split="val")
    return write_dataset(root, ids=("e", "f"), split="train")


@pytest.fixture(scope="module")
def played(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the split val under strict, scored by the run itself."""
    out = tmp_path_factory.mktemp("runs") / "parrot"
    arguments = ["--data", str(data), "--split", "val", "--out", str(out), "--workers", "0", "--protocol", "strict"]
    assert main(["run", "--model", "parrot", "--no-video", *arguments]) == 0
    return out


@pytest.fixture
def run(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "run"))


def score(*arguments: object) -> int:
    return main(["score", *map(str, arguments)])


def kept(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in KEPT if (folder / name).is_file()}


def scores(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "scores.json").read_text())


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "run.json").read_text())
    change(manifest)
    (folder / "run.json").write_text(json.dumps(manifest))


def test_data_split_and_protocol_come_from_the_run(run: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = scores(run)
    assert before["data"]["split"] == "val"
    (run / "scores.json").unlink()
    monkeypatch.chdir("/")
    assert score(run) == 0
    assert scores(run) == before


def test_report_and_picture_show_the_run_s_own_data(run: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main(["report", str(run), "--media", "none"]) == 0
    assert "4 dialogues" in capsys.readouterr().out
    assert main(["picture", str(run), "--id", "a", "--out", str(tmp_path / "a.png")]) == 0


def test_a_run_started_from_another_folder_is_found_by_its_full_path(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data.parent)
    out = tmp_path / "silent"
    arguments = ["--data", f"./{data.name}", "--split", "val", "--out", str(out), "--no-video", "--no-score"]
    assert main(["run", "--model", "silence", "--workers", "0", *arguments]) == 0
    monkeypatch.chdir("/")
    assert score(out, "--metrics", "rouge_l") == 0


@pytest.mark.parametrize("other", ["split", "data", "manifest"])
def test_other_data_are_said_printed_and_not_kept(
    run: Path, data: Path, tmp_path: Path, other: str, capsys: Captured
) -> None:
    chosen: tuple[object, ...] = ()
    if other == "split":
        shutil.copytree(data, tmp_path / "own-data")
        shutil.rmtree(tmp_path / "own-data" / "train")
        (tmp_path / "own-data" / "val").rename(tmp_path / "own-data" / "train")
        chosen = ("--data", tmp_path / "own-data", "--split", "train")
    if other == "data":
        chosen = ("--data", write_dataset(tmp_path / "other", ids=("a", "b", "z"), split="val", seed=9))
    if other == "manifest":
        edit(run, lambda manifest: manifest["data"].update(manifest="0" * 64))
    before = kept(run)
    score(run, *chosen, "--metrics", "rouge_l", "--json", tmp_path / "found.json", "--allow-partial")
    said = capsys.readouterr()
    assert "was run on own-data val" in said.err
    assert "keeps the scores that it has" in said.err
    assert "rouge_l" in said.out
    assert "rouge_l" in json.loads((tmp_path / "found.json").read_text())["metrics"]
    assert kept(run) == before


def test_no_matched_dialogue_is_bad_input_and_says_whose_are_whose(run: Path, capsys: Captured) -> None:
    before = kept(run)
    assert score(run, "--data", "mini", "--split", "test") == 4
    said = capsys.readouterr().err
    assert "none of the folder's 4 dialogues is among the 24 of mini test" in said
    assert "has a, b, c, …; the data set has mini-2001, " in said
    assert kept(run) == before


@pytest.mark.parametrize("command", ["score", "report", "picture"])
def test_data_that_have_moved_are_named_with_the_way_on(run: Path, data: Path, command: str, capsys: Captured) -> None:
    edit(run, lambda manifest: manifest["data"].update(location="/nowhere/own-data"))
    more = ["--id", "a", "--out", str(run / "a.png")] if command == "picture" else []
    before = kept(run)
    assert main([command, str(run), *more]) == 4
    said = capsys.readouterr().err
    assert "was at /nowhere/own-data; it is not there" in said
    assert "The same command with --data DIR finds it." in said
    assert main([command, str(run), "--data", str(data), *more]) == 0
    assert "was run on" not in capsys.readouterr().err
    if command != "score":
        assert kept(run) == before


def test_an_older_run_json_without_the_place_asks_for_it(run: Path, capsys: Captured) -> None:
    edit(run, lambda manifest: manifest["data"].pop("location"))
    assert score(run) == 4
    assert "--data DIR" in capsys.readouterr().err


@pytest.mark.parametrize("data_field", [None, [], "mini", {}])
def test_a_run_json_that_says_nothing_of_data_is_a_folder_like_any(run: Path, data: Path, data_field: Any) -> None:
    edit(run, lambda manifest: manifest.update(data=data_field))
    assert score(run) == 4  # mini was taken, and matches nothing
    assert score(run, "--data", data, "--split", "val") == 0


def test_a_folder_without_run_json_says_what_it_took(run: Path, data: Path, capsys: Captured) -> None:
    for name in ("run.json", "journal.jsonl", *KEPT):
        (run / name).unlink(missing_ok=True)
    assert score(run) == 4
    assert "no run.json that names its data, took mini test; --data and --split name others" in capsys.readouterr().err
    assert kept(run) == {}
    assert score(run, "--data", data, "--split", "val", "--protocol", "strict") == 0
    assert "no run.json" not in capsys.readouterr().err
    before = kept(run)
    assert score(run) == 4
    assert kept(run) == before


def test_of_two_data_sets_that_nobody_ran_the_one_with_more_answers_stays(
    run: Path, data: Path, tmp_path: Path, capsys: Captured
) -> None:
    (run / "run.json").unlink()
    (run / "journal.jsonl").unlink()
    fewer = write_dataset(tmp_path / "fewer", ids=("a", "b"), split="val", seed=5)
    before = kept(run)
    assert score(run, "--data", fewer, "--split", "val", "--protocol", "strict") == 0
    assert "keeps its scores on own-data val" in capsys.readouterr().err
    assert kept(run) == before
    as_many = write_dataset(tmp_path / "as-many", ids=IDS, split="val", seed=5)
    assert score(run, "--data", as_many, "--split", "val", "--protocol", "strict") == 0
    assert scores(run)["data"]["name"] == "as-many"
