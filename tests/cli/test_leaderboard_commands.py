"""From a run to a re-scored entry with the commands that a team and a maintainer type."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from submission_factory import write_run

from omnibench.cli import main

METRICS = "rouge_l,distinct_2,step_p50"


@pytest.fixture
def run(synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scored run of the human listeners' answers; the current folder holds nothing else."""
    monkeypatch.chdir(tmp_path)
    folder = write_run(tmp_path / "run", synthetic)
    data = ["--data", str(synthetic), "--protocol", "strict"]
    assert main(["score", str(folder), *data, "--metrics", METRICS]) == 0
    return folder


def submit(run: Path, data: Path, *more: str) -> int:
    words = ["submit", str(run), "--team", "Example Lab", "--contact", "lab@example.org", "--data", str(data)]
    return main([*words, "--out", "sent.zip", *more])


def rescore(data: Path, *more: str) -> int:
    words = ["leaderboard", "rescore", "--by", "a maintainer", "--root", "board", "--data", str(data)]
    return main([*words, "--protocol", "strict", "--metrics", METRICS, *more])


def test_from_a_run_to_a_badge(run: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sent = json.loads((run / "scores.strict.json").read_text())
    sent["metrics"]["rouge_l"] |= {"value": 0.5, "interval": {"low": 0.4, "high": 0.6, "method": "a guess"}}
    (run / "scores.strict.json").write_text(json.dumps(sent))
    assert submit(run, synthetic, "--entry", "board/submissions", "--url", "https://example.org/sent.zip") == 0
    folder = next(Path("board/submissions").iterdir())
    before = json.loads((folder / "entry.json").read_text())
    assert before["badge"] == "self-reported"
    assert before["scores"]["strict"]["metrics"]["rouge_l"]["value"] == 0.5
    assert main(["leaderboard", "check", "board"]) == 0
    assert main(["leaderboard", "validate", "sent.zip", "--data", str(synthetic)]) == 0
    assert rescore(synthetic, "sent.zip") == 0
    after = json.loads((folder / "entry.json").read_text())
    assert after["badge"] == "re-scored"
    assert after["archive"] == before["archive"]
    assert after["scores"]["strict"]["metrics"]["rouge_l"]["value"] == pytest.approx(1.0)
    assert after["scores"]["strict"]["metrics"]["step_p50"] == before["scores"]["strict"]["metrics"]["step_p50"]
    assert after["verification"]["differences"][0]["sent"] == 0.5
    assert {"scores_differ", "copies_ground_truth_face"} <= {flag["kind"] for flag in after["flags"]}
    assert main(["leaderboard", "check", "board"]) == 0
    assert str(run) not in (folder / "samples.strict.jsonl").read_text()
    (folder / "entry.json").write_text(json.dumps({**after, "withdrawn": "a change by somebody else"}))
    capsys.readouterr()
    assert main(["leaderboard", "check", "board"]) == 4
    assert "it was changed since" in capsys.readouterr().err


def test_a_folder_is_validated_as_it_would_be_sent(
    run: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["leaderboard", "validate", str(run), "--data", str(synthetic)]) == 0
    (run / "text" / "b.json").unlink()
    (run / "text" / "z.json").symlink_to("/etc/passwd")
    assert main(["leaderboard", "validate", str(run), "--data", str(synthetic)]) == 4
    said = capsys.readouterr().err
    assert "text/b: missing" in said
    assert "text/z.json: is a symbolic link" in said


def test_an_answer_that_was_changed_after_the_run_is_refused(
    run: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = ("text/b.json", "timing/b.npz")
    files = {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in parts}
    line = {"id": "b", "status": "ok", "files": files}
    (run / "journal.jsonl").write_text(json.dumps(line) + "\n")
    assert main(["leaderboard", "validate", str(run), "--data", str(synthetic)]) == 0
    (run / "text" / "b.json").write_text('{"text": "A better answer.", "words": []}')
    assert main(["leaderboard", "validate", str(run), "--data", str(synthetic)]) == 4
    assert "text/b.json: is not what the run wrote" in capsys.readouterr().err


def test_a_control_is_refused_and_nothing_is_left(
    run: Path, synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads((run / "run.json").read_text())
    content["model"]["kind"] = "control"
    (run / "run.json").write_text(json.dumps(content))
    assert submit(run, synthetic, "--entry", "board/submissions", "--url", "https://example.org/sent.zip") == 4
    assert "is a control" in capsys.readouterr().err
    assert not Path("sent.zip").exists()
    assert not Path("board").exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["leaderboard", "validate", "nowhere.zip"], 4, "no such file"),
        (["leaderboard", "check", "nowhere"], 4, "no such folder"),
        (["leaderboard", "rescore", "nowhere.zip", "--by", "x"], 4, "no such file"),
        (["submit", "nowhere", "--team", "x", "--contact", "y"], 4, "no such folder"),
        (["submit", "nowhere", "--team", "x", "--contact", "y", "--entry", "board"], 2, "needs --url"),
        (["submit", "x", "--team", "x", "--contact", "y", "--url", "foo"], 2, "--url: is no web address"),
        (["leaderboard", "rescore", "x", "--by", "", "--url", "foo"], 2, "--by: 0 characters, at least 1 allowed"),
        (["leaderboard", "amend", "x", "--withdraw", "--by", "me", "--reason", ""], 2, "--reason: 0 characters"),
        (["leaderboard", "serve", "--home", "nowhere", "--by", "<b>"], 2, '--by: holds markup ("<b")'),
    ],
)
def test_mistakes(words: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == status
    assert said in capsys.readouterr().err
