"""The data set of ``docs/adding.md``, done as it says: a package of one file reads a folder in another layout, and
every command that takes a data set takes it.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omnibench.datasets.opening import open_dataset

GUIDE = (Path(__file__).parents[2] / "docs" / "adding.md").read_text(encoding="utf-8")
SECTION = GUIDE.split("\n## A data set\n")[1].split("\n## ")[0]
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", SECTION, re.DOTALL))
ROLES = ("speaker", "listener")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory, synthetic: Path) -> Path:
    """The synthetic dialogues in somebody else's layout."""
    folder, split = tmp_path_factory.mktemp("calls"), synthetic / "test"
    for dialogue in open_dataset(str(synthetic)).dialogues("test"):
        with (folder / f"{dialogue.id}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            for role, track in zip(ROLES, (dialogue.speaker, dialogue.listener), strict=True):
                rows.writerows([role, word.start, word.end, word.text] for word in track.words)
        for role in ROLES:
            for part, suffix in (("audio", ".wav"), ("vector", ".npy")):
                source = split / part / role / f"{dialogue.id}{suffix}"
                shutil.copy(source, folder / f"{dialogue.id}_{role}{suffix}")
    return folder


@pytest.fixture(scope="module")
def omnibench(tmp_path_factory: pytest.TempPathFactory, calls: Path) -> Callable[..., str]:
    """The command, where the package is installed; its dependency is omnibench, which is here: nothing is fetched."""
    folder = tmp_path_factory.mktemp("package")
    project, site = folder / "project", folder / "site"
    project.mkdir()
    (project / "calls.py").write_text(BLOCKS["python"], encoding="utf-8")
    (project / "pyproject.toml").write_text(BLOCKS["toml"], encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(project)], check=True, timeout=240)
    environment = {**os.environ, "PYTHONPATH": str(site), "CALLS": str(calls)}

    def run(*arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "omnibench", *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, cwd=folder, timeout=240
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return run


def test_twenty_five_lines_are_enough() -> None:
    assert sum(bool(line.strip()) for line in BLOCKS["python"].splitlines()) <= 25


def test_it_is_listed_and_verified(omnibench: Callable[..., str], calls: Path) -> None:
    assert "calls  2026  test 3  (protocol offline)" in omnibench("data", "list")
    assert f"{calls}: 3 dialogues, 0 errors, 0 warnings" in omnibench("data", "verify", "calls")
    assert "3" in omnibench("data", "stats", "calls")
    words = calls / "b.csv"
    before = words.read_text()
    words.write_text(before + "listener,7.0,5.0,late\n")
    try:
        said = omnibench("data", "verify", "calls", code=4)
    finally:
        words.write_text(before)
    assert 'test/b  listener.words: "late" is from 7 to 5 s of 2 s' in said
    assert 'has no split "tset"' in omnibench("run", "--model", "silence", "--data", "calls", "--split", "tset", code=2)


def test_it_is_run_scored_and_shown(omnibench: Callable[..., str]) -> None:
    play = ("run", "--model", "parrot", "--data", "calls", "--no-video", "--no-score")
    assert "3/3 dialogues" in omnibench(*play)
    assert "frames to play" not in omnibench(*play)  # goes on: the data are the same
    scored = omnibench("score", "runs/parrot/calls-test", "--metrics", "rouge_l,talk_ratio,fd,lip_lag")
    assert "parrot (control) on 2026 test (3 dialogues), protocol offline" in scored
    assert "parrot" in omnibench("table", "2", "--no-paper")


def test_the_future_is_kept_from_a_model_on_it(omnibench: Callable[..., str]) -> None:
    said = omnibench("audit", "causality", "--model", "silence", "--data", "calls", "--dialogues", "1", "--cuts", "1")
    assert "causal" in said
