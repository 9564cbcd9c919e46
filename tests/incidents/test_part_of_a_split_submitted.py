"""``run --limit 1`` is everybody's smoke test. Its answers, packed for the leaderboard, were refused with a line for
each of the other dialogues' files and no way on; and scores of one dialogue of 24, with a coverage of 1/1, would have
ranked beside scores of all. A part is refused in one sentence with the command that completes it, and has no rank.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from data_factory import write_dataset
from entry_factory import entry_document, write_entry_folder

from leaderboard.archive.contents import part_of
from leaderboard.archive.sending import as_sent
from leaderboard.judging.checking import check_leaderboard
from leaderboard.site.boards import boards_of
from leaderboard.site.pages import entry_page
from leaderboard.site.rows import Measured, Row
from omnibench.cli import main

TEAM = ["--team", "x", "--contact", "y@example.org"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return str(write_dataset(tmp_path / "data", ids=("a", "b", "c"), seconds=1))


def test_a_part_is_refused_with_the_command_that_completes_it(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--no-score", "--workers", "0"]
    part = ["--limit", "1", "--allow-partial", "--allow-transfer", "--seed", "3", "--transcript", "delayed:40"]
    assert main(["run", "--model", "lstm", "--data", data, "--out", "out", *here, *part]) == 0
    capsys.readouterr()
    for words in (["submit", "out", *TEAM], ["leaderboard", "validate", "out"]):
        assert main(words) == 5
        said = capsys.readouterr().err
        assert "answers to 1 of the 3 dialogues" in said
        assert "not to b … c" in said
        assert "A part of a split compares with nothing" in said
        assert len([line for line in said.splitlines() if "you are root" not in line]) == 1
    command = shlex.split(said.rpartition("then submit: ")[2])
    assert command[:2] == ["omnibench", "run"]
    assert main([*command[1:], *here]) == 0
    assert main(["submit", "out", *TEAM]) == 0


def test_a_folder_without_a_run_is_told_what_is_missing(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out/text").mkdir(parents=True)
    Path("out/text/a.json").write_text('{"text": "", "words": []}')
    assert main(["submit", "out", *TEAM, "--data", data]) == 5
    assert "Add the answers to the others" in capsys.readouterr().err


def test_ids_that_no_archive_holds_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = str(write_dataset(tmp_path / "own", ids=("clip 1", "_b-2.x"), seconds=1))
    (tmp_path / "out" / "text").mkdir(parents=True)
    assert main(["submit", str(tmp_path / "out"), *TEAM, "--data", own]) == 4
    assert 'the id "clip 1" cannot be sent' in capsys.readouterr().err
    assert part_of("text/_b-2.x.json") == ("text", "_b-2.x")


def test_scores_of_a_part_are_no_entry(data: str, tmp_path: Path) -> None:
    document = entry_document()
    document["scores"]["strict"]["metrics"]["fd"] |= {"n_scored": 1, "n_expected": 1}
    write_entry_folder(tmp_path / "submissions", document)
    _, problems = check_leaderboard(tmp_path)
    assert "counts 1 of the split's 2 dialogues" in problems[0].message


def test_scores_of_a_part_have_no_rank(tmp_path: Path) -> None:
    whole = entry_document()["scores"]["strict"]
    part = json.loads(json.dumps(whole))
    part["metrics"]["fd"] |= {"value": 0.1, "n_scored": 1, "n_expected": 1}
    rows = [
        Row(name, name, "local run", (Measured("strict", scores["data"], scores["metrics"]),))
        for name, scores in (("whole", whole), ("part", part))
    ]
    boards = boards_of(rows)
    cells = {row.name: cell["fd"] for (row, _), cell in zip(boards[0].rows, boards[0].cells, strict=True)}
    assert cells["whole"]["rank"] == [1, 1]
    assert "rank" not in cells["part"]
    assert (cells["part"]["n"], cells["part"]["of"]) == (1, 2)
    assert '<td class="number mark">1/2</td>' in entry_page(rows[1], boards)


def test_a_run_that_names_its_best_dialogues_is_refused(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Scoring expects what ``run.json`` says was asked for: an archive with all files could name the best of them."""
    assert main(["run", "--model", "lstm", "--data", data, "--no-score", "--workers", "0", "--out", "out",
                 "--allow-transfer"]) == 0  # fmt: skip
    run = json.loads(Path("out/run.json").read_text())
    for ids in (["a"], ["a", "b", "c", "d"], []):
        Path("out/run.json").write_text(json.dumps({**run, "ids": ids}))
        assert main(["submit", "out", *TEAM, "--data", data]) == 4
        assert f'run.json: field "ids": {len(ids)} dialogues; expected all 3' in capsys.readouterr().err


def test_scores_of_a_part_left_in_a_folder_are_not_sent(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--model", "lstm", "--data", data, "--workers", "0", "--out", "out", "--allow-transfer"]
    assert main(["run", *here, "--limit", "1", "--protocol", "strict"]) == 0
    part = Path("out/scores.strict.json").read_text()
    assert main(["run", *here, "--no-score"]) == 0
    Path("out/scores.strict.json").write_text(part)
    capsys.readouterr()
    assert main(["submit", "out", *TEAM, "--data", data]) == 4
    said = "scores.strict.json: scores of a part of the split (1 of 3) enter no ranking"
    assert said in capsys.readouterr().err


def test_where_the_data_lies_is_not_sent(data: str) -> None:
    assert main(["run", "--model", "lstm", "--data", data, "--no-score", "--workers", "0", "--out", "out",
                 "--allow-transfer"]) == 0  # fmt: skip
    assert data in Path("out/run.json").read_text()
    assert data.encode() not in as_sent("run.json", Path("out/run.json").read_bytes())
