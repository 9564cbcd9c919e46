"""Other people have packages called baselines and leaderboard too: one that Python found before ours ended in a
traceback about a module that nobody had heard of.

What is ours and hidden is said in one sentence that names both places.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import baselines
import leaderboard


@pytest.mark.parametrize(
    ("package", "ours", "command"),
    [
        ("baselines", baselines.__file__, ("run", "--model", "metronome", "--limit", "1")),
        ("leaderboard", leaderboard.__file__, ("leaderboard", "--help")),
    ],
)
@pytest.mark.parametrize("regular", [True, False], ids=["a package", "a folder"])
def test_another_package_of_the_name_is_named(
    tmp_path: Path, package: str, ours: str, command: tuple[str, ...], regular: bool
) -> None:
    foreign = tmp_path / package
    foreign.mkdir()
    if regular:
        (foreign / "__init__.py").write_text('"""Somebody else\'s."""\n')
    done = subprocess.run(
        [sys.executable, "-P", "-m", "omnibench", *command],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    if regular or done.returncode:  # where ours is a regular package on the path, a bare folder does not hide it
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr
        assert str(foreign) in done.stderr
        assert str(Path(ours).parent) in done.stderr
        assert "PYTHONPATH" in done.stderr
