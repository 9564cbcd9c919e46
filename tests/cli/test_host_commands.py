"""The commands of those who host the leaderboard, where the server's packages are missing or not needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(before: str, *words: str) -> subprocess.CompletedProcess[str]:
    """omnibench in a process of its own, after a statement."""
    program = f"import sys; {before}; from omnibench.cli import main; status = main({list(words)!r}); "
    program += "print([name for name in ('fastapi', 'sqlalchemy', 'numpy') if name in sys.modules]); sys.exit(status)"
    known = {**os.environ, "OMNIBENCH_ALLOW_ROOT": "1"}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=known)


@pytest.mark.parametrize("words", [["serve"], ["work"], ["token", "add", "Lab"], ["migrate"]])
def test_without_its_packages_the_message_says_how_to_get_them(words: list[str], tmp_path: Path) -> None:
    done = run("sys.modules['alembic'] = None", "leaderboard", *words, "--home", str(tmp_path / "home"))
    assert done.returncode == 3
    assert 'alembic, which is not installed. Get it with: pip install "omnibench[server]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_help_loads_nothing() -> None:
    done = run("pass", "leaderboard", "serve", "--help")
    assert done.returncode == 0
    assert "--database URL" in done.stdout
    assert done.stdout.endswith("[]\n")


def test_a_certificate_without_its_key(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("")
    words = ("--home", str(tmp_path / "home"), "--certificate", str(tmp_path / "c.pem"))
    done = run("pass", "leaderboard", "serve", *words)
    assert done.returncode == 2
    assert "--certificate and --key come together" in done.stderr
