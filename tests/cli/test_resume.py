"""A run that is killed goes on where it stopped, and what it leaves in the end is what an undisturbed run leaves."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.files.journal import Journal

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"
ANSWERS = ("text", "audio", "vector", "video")
DIALOGUES = 6
MOST_KILLS = 30


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = tuple(f"dialogue_{i}" for i in range(DIALOGUES))
    return write_dataset(
        tmp_path_factory.mktemp("data"), ids=names, seconds=1.0, modalities=("audio", "vector", "text")
    )


@pytest.fixture(scope="module")
def undisturbed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("undisturbed")
    assert start(data, out, "Echo").wait() == 0
    hashes = answers(out)
    assert len(hashes) == DIALOGUES * len(ANSWERS)
    return hashes


def start(data: Path, out: Path, listener: str, *more: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "omnibench", "run", "--model", f"{LISTENERS}:{listener}", "--data", str(data),
               "--out", str(out), "--no-score", "--seed", "3", "--workers", "0", *more]  # fmt: skip
    return subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # A shell starts background jobs with SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def answers(out: Path) -> dict[str, str]:
    found = {}
    for part in ANSWERS:
        for path in sorted((out / part).iterdir()):
            assert not path.name.startswith("."), f"{path}: left behind"
            found[f"{part}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def test_killed_at_many_file_operations(data: Path, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """SIGKILL at the n-th open, rename, removal or mkdir in the output folder, n random, until nothing is left to
    do.
    """
    rng, kills, out = np.random.default_rng(0), 0, tmp_path / "out"
    while kills < MOST_KILLS:
        at = int(rng.integers(1, 26))
        code = start(data, out, "Echo", KILL_AT=str(at), KILL_BELOW=str(out)).wait()
        assert code in (0, -signal.SIGKILL)
        if code == 0:
            break
        kills += 1
    assert kills >= 12
    assert start(data, out, "Echo").wait() == 0
    assert answers(out) == undisturbed
    assert not (out / ".staging").exists()


@pytest.mark.parametrize("after", [1, 2, 3])
def test_parent_of_two_workers_killed(data: Path, undisturbed: dict[str, str], tmp_path: Path, after: int) -> None:
    """The parent dies while both workers play: they end with it, and the same command goes on."""
    out = tmp_path / "out"
    process = start(data, out, "Echo", "--workers", "2", "--set", "sleep=0.2", "--fresh")
    journal = Journal(out / "journal.jsonl")
    deadline = time.monotonic() + 60
    while len(journal.entries()) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    done = len(journal.entries())
    assert after <= done < DIALOGUES
    wait_until_group_is_gone(process.pid)
    assert start(data, out, "Echo", "--workers", "2", "--set", "sleep=0.2").wait() == 0
    assert answers(out) == undisturbed


def wait_until_group_is_gone(group: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("workers outlive their killed parent")


def test_interrupt_exits_130(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(data, out, "Echo", "--workers", "1", "--set", "sleep=0.3")
    journal = Journal(out / "journal.jsonl")
    while not journal.entries() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert 1 <= len(journal.entries()) < DIALOGUES
