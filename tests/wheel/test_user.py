"""What a user of the wheel does first, in a folder that is no checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from importlib.metadata import distribution
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel
SITE = Path(str(distribution("omnibench").locate_file("")))
COMMAND = str(Path(sys.executable).with_name("omnibench"))
COMMANDS = (
    ("score", "runs/silence/mini-test"),
    ("report", "runs/silence/mini-test"),
    ("picture", "runs/silence/mini-test", "--id", "mini-2001", "--out", "picture.png"),
    ("table", "2"),
    ("table", "3"),
    ("doctor",),
    ("models",),
    ("metrics",),
    ("assets", "list"),
    ("data", "list"),
    ("data", "verify", "mini"),
    ("data", "stats", "mini"),
    ("data", "build", "--help"),
    ("train", "--help"),
    ("audit", "causality", "--model", "silence"),
    ("submit", "--help"),
    ("leaderboard", "build", "--out", "site"),
    ("leaderboard", "build", "--out", "site", "--runs", "runs"),
    ("leaderboard", "serve", "--help"),
)


def installed() -> dict[str, int]:
    """When each file of the packages last changed; what Python and numba compile is theirs."""
    files = (path for name in ("omnibench", "baselines", "leaderboard") for path in (SITE / name).rglob("*"))
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file() and "__pycache__" not in path.parts}


def omnibench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run in it, whose files are all that the commands leave."""
    made = tmp_path_factory.mktemp("user")
    assert "meteor" in omnibench(made, "run", "--model", "silence", "--limit", "1").stdout
    return made


def test_python_finds_the_wheel_and_not_the_checkout() -> None:
    show = "import omnibench, baselines, leaderboard; print(omnibench.__file__)"
    found = subprocess.run([sys.executable, "-c", show], cwd="/", check=True, capture_output=True, text=True).stdout
    assert Path(found).is_relative_to(SITE), "installed editable; run these tests by: tox -e wheel"


def test_the_main_job_on_one_dialogue(tmp_path: Path) -> None:
    assert "meteor" in omnibench(tmp_path, "run", "--model", "omniresponse", "--limit", "1").stdout


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_commands_work_outside_a_checkout_and_write_nothing_into_the_installation(
    arguments: tuple[str, ...], folder: Path
) -> None:
    before = installed()
    omnibench(folder, *arguments)
    assert installed() == before


def test_every_control_is_on_the_boards_that_a_user_builds(folder: Path) -> None:
    said = omnibench(folder, "leaderboard", "build", "--out", "own").stderr
    controls = len(list((SITE / "leaderboard" / "controls").iterdir()))
    assert controls > 6
    assert f"{controls} control" in said


def test_the_server_shows_them_too(folder: Path) -> None:
    command = [COMMAND, "leaderboard", "serve", "--home", "home", "--port", "0", "--workers", "0", "--allow-root"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 (on this machine)
                page = answer.read().decode()
        finally:
            server.terminate()
    assert re.search(r"ground[_-]truth", page)
