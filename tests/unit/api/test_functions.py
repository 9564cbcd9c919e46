"""``omnibench.run``, ``score`` and ``compare``: what the commands do and print, as objects."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import omnibench
from omnibench.cli import main
from omnibench.datasets.opening import DATASETS
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.errors import CoverageError, InputError, UsageError

SOME = ["rouge_l", "talk_ratio", "fd"]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, synthetic: Path) -> omnibench.RunResult:
    folder = tmp_path_factory.mktemp("runs") / "silence"
    return omnibench.run("silence", synthetic, protocol="strict", out=folder, workers=0, video=False)


def test_run_prints_what_the_command_prints(
    ended: omnibench.RunResult, synthetic: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "--model", "silence", "--data", str(synthetic), "--protocol", "strict", "--no-video"]
    assert main([*command, "--workers", "0", "--out", str(ended.folder)]) == 0  # goes on: it is the same run
    assert capsys.readouterr().out == f"{ended}\n"
    assert [ending.status for ending in ended.endings.values()] == ["ok"] * 3
    assert not ended.part
    ended.check()


def test_score_holds_what_the_command_writes(
    ended: omnibench.RunResult, synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(ended.folder, tmp_path / "run"))
    found = omnibench.score(folder, metrics=SOME, write=False)
    capsys.readouterr()
    assert main(["score", str(folder), "--metrics", ",".join(SOME), "--json", str(tmp_path / "s.json")]) == 0
    assert capsys.readouterr().out == f"{found}\n"
    assert json.loads((tmp_path / "s.json").read_text()) == json.loads(found.scores.to_json())
    table = found.to_dataframe()
    assert list(table.index) == list(found.scores.metrics)
    for name, entry in found.scores.metrics.items():
        assert found[name] == found.values[name] == table.loc[name, "value"] == entry.value
        assert found.signatures[name] == table.loc[name, "signature"]
        assert table.loc[name, "status"] == "ok"
        assert table.loc[name, "n_scored"] == table.loc[name, "n_expected"] == 3
    assert found.intervals["talk_ratio"] == (table.loc["talk_ratio", "low"], table.loc["talk_ratio", "high"])
    assert [sample.id for sample in found.samples] == ["a", "b", "c"]
    assert sorted(found) == sorted(SOME)
    assert len(found) == 3
    assert "<table" in found._repr_html_()


def test_a_number_that_is_not_there_says_why(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "text" / "listener", tmp_path / "run" / "text")
    (tmp_path / "run" / "text" / "b.json").unlink()
    found = omnibench.score(
        tmp_path / "run", omnibench.load_dataset(synthetic), protocol="strict", metrics=["rouge_l", "fd"]
    )
    row = found.to_dataframe().loc["fd"]
    assert row["status"] == "not_applicable"
    assert row["reason"]
    assert np.isnan(row["value"])
    with pytest.raises(KeyError, match="fd has no value: not_applicable"):
        found["fd"]
    with pytest.raises(KeyError, match='did you mean "rouge_l"'):
        found["rouge"]
    with pytest.raises(CoverageError, match="2/3"):
        found.check()


def test_compare_prints_what_the_command_prints(
    ended: omnibench.RunResult, synthetic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = omnibench.run("parrot", synthetic, protocol="strict", out=tmp_path / "b", workers=0, video=False).folder
    found = omnibench.compare(ended.folder, other, metrics=SOME)
    capsys.readouterr()
    written = tmp_path / "c.json"
    assert main(["compare", str(ended.folder), str(other), "--metrics", ",".join(SOME), "--json", str(written)]) == 0
    assert capsys.readouterr().out == f"{found}\n"
    assert json.loads(written.read_text()) == found.to_document()
    table = found.to_dataframe()
    assert list(table.index) == list(found)
    assert table.loc["talk_ratio", "verdict"] == found["talk_ratio"].verdict
    assert table.loc["rouge_l", "reason"] == found["rouge_l"].reason
    with pytest.raises(KeyError, match="talk_ratio"):
        found["talk"]


class Echo:
    card = omnibench.ModelCard("echo", "1", "online", ("face",), "for tests")

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = np.float32(gain)

    def open(self, context: omnibench.DialogueContext) -> Echo:
        return self

    def step(self, frame: omnibench.SpeakerFrame) -> omnibench.ListenerFrame:
        return omnibench.ListenerFrame(face=frame.face * self.gain)

    def close(self) -> None: ...


def test_a_class_or_an_object_runs_in_this_process(synthetic: Path, tmp_path: Path) -> None:
    def play(model: object, **options: object) -> omnibench.RunResult:
        return omnibench.run(model, synthetic, out=tmp_path / "run", video=False, score=False, limit=1, **options)  # type: ignore[arg-type]

    of_class = play(Echo, settings={"gain": 0.5})
    assert [ending.status for ending in of_class.endings.values()] == ["ok"]
    assert "answers to 1 of 1 dialogues" in str(of_class)
    first = np.load(of_class.folder / "vector" / "a.npy")
    with pytest.raises(UsageError, match="another run"):
        play(Echo, settings={"gain": 0.5})  # nobody can tell whether it is still the same
    assert np.array_equal(np.load(play(Echo(0.5), fresh=True).folder / "vector" / "a.npy"), first)
    with pytest.raises(UsageError, match="built already"):
        play(Echo(), settings={"gain": 0.5}, fresh=True)
    with pytest.raises(UsageError, match="workers=0"):
        play(Echo, workers=1)
    with pytest.raises(InputError, match="card = ModelCard"):
        play(object())


def test_a_script_needs_no_guard(synthetic: Path, tmp_path: Path) -> None:
    """Worker processes do not run the caller's script again."""
    script = tmp_path / "script.py"
    script.write_text(
        "import omnibench\nprint('once')\n"
        f"ended = omnibench.run('frozen', {str(synthetic)!r}, workers=2, video=False, score=False)\n"
        "ended.check()\nomnibench.score(ended.folder, workers=2, metrics=['fd'], protocol='strict')\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["once"]


class Counted(ResponseNetFolder):
    """A registered data set that notes in a file, whichever process it is in, that it was opened."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        with (root / "opened.txt").open("a") as notes:
            notes.write("opened\n")


def test_a_run_opens_its_data_set_once(synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(shutil.copytree(synthetic, tmp_path / "data"))
    entry = SimpleNamespace(module="here", dist=None, load=lambda: lambda: Counted(root))
    monkeypatch.setitem(DATASETS.__dict__, "_entries", {"counted": entry})
    monkeypatch.chdir(tmp_path)
    command = ["run", "--model", "frozen", "--data", "counted", "--protocol", "strict", "--no-video", "--workers", "2"]
    assert main([*command, "--out", "run"]) == 0
    assert (root / "opened.txt").read_text().split() == ["opened"]
    assert json.loads(Path("run/run.json").read_text())["data"]["location"] == "counted"
