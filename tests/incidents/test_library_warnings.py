"""The main job's first screen began with four warnings of transformers: `past_key_values` goes in 5.40, a release that
the requirements allow. A newcomer cannot tell whether the numbers below them are right, and one day they would have
been an error. No shipped model and no metric prints a library's warning.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ALL = "default::FutureWarning,default::DeprecationWarning,default::PendingDeprecationWarning"


def said(tmp_path: Path, *arguments: str) -> str:
    """Everything a command prints, with the warnings that Python hides from users."""
    command = [sys.executable, "-m", "omnibench", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": ALL}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=590)
    assert done.returncode in (0, 3, 5), done.stderr
    return done.stdout + done.stderr


def foreign(text: str) -> list[str]:
    """The lines that some library wrote."""
    return [line for line in text.splitlines() if "Warning" in line or "site-packages" in line or "deprecated" in line]


@pytest.mark.timeout(600)
def test_the_main_job_and_what_follows_it_print_our_own_lines_alone(tmp_path: Path) -> None:
    assert foreign(said(tmp_path, "run", "--model", "omniresponse", "--limit", "1")) == []
    out = "runs/omniresponse/mini-test"
    picture = ("picture", out, "--id", "mini-2001", "--out", "picture.png")
    for follows in (("score", out), ("report", out), ("table", "2"), picture, ("data", "stats", "mini"), ("doctor",)):
        assert foreign(said(tmp_path, *follows)) == []


@pytest.mark.timeout(600)
def test_no_shipped_model_prints_a_warning_of_a_library(synthetic: Path, tmp_path: Path) -> None:
    options = ("--data", str(synthetic), "--allow-transfer", "--limit", "1", "--no-score", "--no-video")
    text = said(tmp_path, "run", "--model", "all", *options)
    assert len(list(tmp_path.glob("runs/*/*/journal.jsonl"))) >= 13
    assert foreign(text) == []
