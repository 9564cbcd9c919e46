"""``omnibench run --condition``: where its answers go, what they are called, and with what they never mix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.conditions.catalogue import KINDS, LEVELS
from omnibench.tables.paper_tables import find_runs, long_frame, text_table

ECHO = str(Path(__file__).parents[1] / "support" / "listeners.py:Echo")
HERE = ["--workers", "0", "--no-video", "--allow-partial", "--limit", "1"]
CLEAN, FOLDER = Path("runs/chorus/said-test"), Path("runs/chorus/said-test-noise-high")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clean run and one under a condition, both scored, of a model that says what it got."""
    folder = tmp_path_factory.mktemp("conditions")
    write_dataset(folder / "said", ids=("a", "b"), seconds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for more in ((), ("--condition", "noise-high")):
            given = ["--model", ECHO, "--data", "said", *HERE, "--no-score", *more]
            assert main(["run", *given]) == 0
        for run in (CLEAN, FOLDER):
            assert main(["score", str(run), "--protocol", "strict", "--metrics", "rouge_l", "--allow-partial"]) == 0
    return folder


def test_it_changes_what_the_model_got_and_says_so(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert (CLEAN / "audio/a.wav").read_bytes() != (FOLDER / "audio/a.wav").read_bytes()
    for part in ("vector/a.npy", "text/a.json"):
        assert (CLEAN / part).read_bytes() == (FOLDER / part).read_bytes()
    documents = [
        json.loads((run / name).read_text()) for run in (CLEAN, FOLDER) for name in ("run.json", "scores.json")
    ]
    assert [document.get("condition") for document in documents] == [None, None, "noise-high", "noise-high"]
    signatures = [document["metrics"]["rouge_l"]["signature"] for document in documents[1::2]]
    assert "cond:" not in signatures[0]
    assert "|cond:noise-high|" in signatures[1]
    assert main(["score", str(FOLDER), "--protocol", "strict", "--metrics", "rouge_l", "--allow-partial"]) == 0
    assert "on said test under noise-high (a part" in capsys.readouterr().out
    assert main(["compare", str(CLEAN), str(FOLDER)]) == 4
    assert "cond:noise-high" in capsys.readouterr().err


def test_tables_and_reports_name_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    runs = find_runs(Path("runs"))
    data = [cells[1] for _, cells in text_table(2, runs, paper=False).rows]
    assert [text.replace(" (1 of 2 dialogues)", "") for text in data] == ["said test", "said test under noise-high"]
    assert set(long_frame(2, runs, paper=False)["condition"]) == {"", "noise-high"}
    assert main(["report", str(FOLDER), "--media", "none"]) == 0
    assert "said test under noise-high" in (FOLDER / "report.html").read_text()


def test_answers_under_another_are_never_mixed_in(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    again = ["run", "--model", ECHO, "--data", "said", *HERE, "--no-score", "--out", str(FOLDER)]
    assert main([*again, "--condition", "noise-high"]) == 0
    for condition in ("clean", "noise-low"):
        assert main([*again, "--condition", condition]) == 2
        assert "condition was noise-high, now" in capsys.readouterr().err


def test_neither_the_board_nor_an_audit_takes_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert main(["submit", str(FOLDER), "--team", "x", "--contact", "y@example.org"]) == 4
    assert "made under the condition noise-high" in capsys.readouterr().err
    assert main(["audit", "causality", "--run", str(FOLDER)]) == 4
    assert "made under the condition noise-high" in capsys.readouterr().err


def test_help_lists_the_names_and_a_wrong_one_is_told_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--help"]) == 0
    said = "".join(capsys.readouterr().out.split())
    assert all(f"{kind}," in said for kind in KINDS)
    assert all(f"-{level}" in said for level in LEVELS)
    assert main(["run", "--model", "parrot", "--condition", "codec-los-high"]) == 2
    assert 'Did you mean "codec-loss-high"?' in capsys.readouterr().err


def test_a_condition_that_finds_nothing_to_damage_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_dataset(Path("seen"), ids=("a",), seconds=1, modalities=("video", "vector"))
    for condition, lacking in (("echo-high", "no sound of a speaker"), ("mute-low", "no sound and no words")):
        assert main(["run", "--model", ECHO, "--data", "seen", *HERE, "--condition", condition]) == 2
        assert f"--condition {condition}: seen-test has {lacking}" in capsys.readouterr().err
    assert not Path("runs").exists()
    assert main(["run", "--model", ECHO, "--data", "seen", *HERE, "--no-score", "--condition", "frames-late"]) == 0


def test_what_changes_nothing_that_a_model_reads_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert _line(FOLDER)["damaged"] == _line(FOLDER)["frames"] == 25
    assert "damaged" not in _line(CLEAN)
    given = ["run", "--data", "said", *HERE, "--no-score", "--condition"]
    for model, condition, reason in (
        ("mirror", "noise-high", "it damages sound, the model reads faces"),
        ("metronome", "freeze-high", "the model reads nothing of the speaker"),
        (ECHO, "mute-low", "they are too short for it"),
    ):
        for _ in range(2):  # a run that is there is spoken of as well
            assert main([*given, condition, "--model", model, "--out", f"none-{condition}"]) == 0
            err = capsys.readouterr().err
            assert f"{condition} changed nothing that" in err
            assert "in 1 of 1 dialogues" in err
            assert reason in err
        assert _line(Path(f"none-{condition}"))["damaged"] == 0


def _line(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "journal.jsonl").read_text().splitlines()[-1]))


@pytest.mark.parametrize("condition", ["echo-high", "codec-loss-high", "frames-dropped-mid"])
def test_lock_step_and_a_resumed_run_get_the_same_damage(
    condition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_dataset(Path("said"), ids=("a", "b", "c"), seconds=1)
    choir = str(Path(__file__).parents[1] / "support" / "listeners.py:Choir")
    given = ["run", "--model", choir, "--data", "said", *HERE[:-2], "--no-score", "--condition", condition, "--out"]
    assert main([*given, "alone", "--limit", "1"]) == 0
    assert main([*given, "alone"]) == 0
    assert main([*given, "together", "--batch", "3"]) == 0
    for part in ("audio", "vector", "text"):
        alone, together = (sorted(Path(run, part).iterdir()) for run in ("alone", "together"))
        assert [path.name for path in alone] == [path.name for path in together]
        assert [path.read_bytes() for path in alone] == [path.read_bytes() for path in together]
    assert len(alone) == 3
