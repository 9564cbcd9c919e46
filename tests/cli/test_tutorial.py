"""A model as ``docs/adding.md`` says: the files are taken from its text, run, and installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset

PAGE = (Path(__file__).parents[2] / "docs" / "adding.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.partition("\n## A metric\n")[0], re.DOTALL)
LISTENER, ENTRY = (text for kind, text in BLOCKS if kind == "python")
(PROJECT,) = (text for kind, text in BLOCKS if kind == "toml")
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


def written(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def test_thirty_lines_are_enough_for_either_way() -> None:
    assert written(LISTENER) + written(ENTRY) <= 30


def test_a_class_in_a_file(tmp_path: Path, synthetic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_listener.py").write_text(LISTENER, encoding="utf-8")
    model = "my_listener.py:MyListener"
    assert f"omnibench run --model {model}" in COMMANDS
    assert main(["run", "--model", model, "--data", str(synthetic), "--workers", "0", "--no-score", "--no-video",
                 "--set", "patience=0.5"]) == 0  # fmt: skip
    out = next(Path("runs").glob("my_listener/*"))
    said = json.loads((out / "text" / "a.json").read_text())["words"]
    assert [word["text"] for word in said] == ["Right."]
    dialogue = open_dataset(str(synthetic)).dialogue("test", "a")
    heard = dialogue.speaker.words[-1].end
    assert 0.5 <= said[0]["start"] - heard <= 0.5 + 2 / dialogue.fps  # no sooner than it has waited
    assert said[0]["end"] - said[0]["start"] == pytest.approx(0.4, abs=0.041)
    assert not (out / "audio").exists()
    timing = ("--protocol", "offline", "--metrics", "nod_rate,floor_transfer_offset")
    assert main(["score", str(out), "--data", str(synthetic), *timing]) == 0
    values = json.loads((out / "scores.json").read_text())["metrics"]
    assert values["nod_rate"]["value"] > 0
    assert 0.5 <= values["floor_transfer_offset"]["value"] <= 0.6


def test_an_installed_package(tmp_path: Path, synthetic: Path) -> None:
    project, site = tmp_path / "project", tmp_path / "site"
    project.mkdir()
    (project / "my_listener.py").write_text(f"{LISTENER}\n{ENTRY}", encoding="utf-8")
    (project / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    # Its dependency is omnibench, which is here, and setuptools is too: nothing is fetched.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(project)], check=True, timeout=240)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def omnibench(*arguments: str) -> str:
        command = [sys.executable, "-m", "omnibench", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=tmp_path)
        return done.stdout

    listed = {row["name"]: row for row in json.loads(omnibench("models", "--json", "-"))}
    assert listed["my_listener"]["outputs"] == ["face", "words"]
    omnibench("run", "--model", "my_listener", "--data", str(synthetic), "--workers", "1", "--no-score", "--no-video")
    (journal,) = (tmp_path / "runs" / "my_listener").glob("*/journal.jsonl")
    assert [json.loads(line)["status"] for line in journal.read_text().splitlines()] == ["ok"] * 3
