"""What a command cannot have is said in a sentence: a place where nothing can be written, a device, a near miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main

LONG = "a" * 300
nowhere = pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc, where nothing can be made")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = ("text", "audio", "vector")
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a",), seconds=1.0, modalities=parts)


@nowhere
@pytest.mark.parametrize(
    "command",
    [
        ("run", "--model", "silence", "--workers", "0", "--data", "DATA", "--out"),
        ("data", "stats", "DATA", "--out"),
        ("data", "verify", "DATA", "--json"),
        ("bench", "silence", "--minutes", "0.01", "--json"),
        ("bench", "silence", "--minutes", "0.01", "--curve"),
        ("train", "lstm", "--data", "DATA", "--out"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["/proc/here.csv", f"{LONG}.csv", "file/here.csv"])
def test_no_place_to_write(
    command: tuple[str, ...], place: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert main([str(data) if word == "DATA" else word for word in (*command, place)]) == 4
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("omnibench: ")
    assert "here.csv" in said or LONG in said or "file" in said


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--model", "omniresponse", "--limit", "1"),
        ("run", "--model", "silence,parrot"),
        ("bench", "omniresponse"),
        ("audit", "causality", "--model", "omniresponse"),
        ("train", "lstm", "--out", "out"),
    ],
    ids=lambda command: command[0],
)
def test_a_device_that_is_not_there(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, "--device", "cuda:77"]) == 3
    said = capsys.readouterr().err
    assert "--device cuda:77: not to be had here" in said
    assert "There is: cpu" in said
    assert not list(tmp_path.iterdir())


def test_one_model_says_all_that_it_lacks_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMNIBENCH_ASSETS", str(tmp_path / "assets"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for model, line in (("moshi", "omnibench assets fetch moshiko"), ("gpt-4o", "export OPENAI_API_KEY")):
        assert main(["run", "--model", model]) == 3
        assert line in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("typed", "meant"), [("tabel", "table"), ("runs", "run"), ("scores", "score")])
def test_a_command_that_is_nearly_one(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([typed]) == 2
    assert f'No such command "{typed}". Did you mean "{meant}"?' in capsys.readouterr().err
    assert main(["zzzz"]) == 2
