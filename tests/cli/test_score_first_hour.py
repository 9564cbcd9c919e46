"""What a newcomer meets in ``omnibench score``: sound in stereo, a folder that is not his own, a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
import soundfile
from data_factory import write_dataset

from omnibench.cli import main

IDS = tuple(f"d{number:02}" for number in range(24))
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    return write_dataset(root, ids=IDS, seconds=1.0, modalities=("text", "audio", "vector"))


@pytest.fixture
def answers(data: Path, tmp_path: Path) -> Path:
    shutil.copytree(data / "test" / "text" / "listener", tmp_path / "answers" / "text")
    return tmp_path / "answers"


def test_stereo_is_said_once_with_the_way_out(answers: Path, data: Path, capsys: Captured) -> None:
    (answers / "audio").mkdir()
    for name in IDS:
        soundfile.write(answers / "audio" / f"{name}.wav", np.zeros((44_100, 2)), 44_100)
    code = main(["score", str(answers), "--data", str(data), "--protocol", "offline", "--metrics", "rouge_l,dnsmos"])
    said = capsys.readouterr()
    assert code == 5
    assert (said.out + said.err).count("ffmpeg -i") == 1
    assert "24 x audio/<id>.wav: 2 channels, expected 1" in said.out
    assert "`ffmpeg -i <id>.wav -af pan=mono|c0=c0 out.wav`: d00 … d23" in said.out
    assert len(said.out.splitlines()) < 25
    assert len(said.err) < 1000


def without_privilege(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs ``omnibench`` so that a read-only folder is read-only, also where root runs the tests."""
    dropped = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*dropped, sys.executable, "-m", "omnibench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root writes everywhere")
def test_a_read_only_folder_is_scored_and_the_way_to_keep_it_is_one_that_exists(
    answers: Path, data: Path, tmp_path: Path
) -> None:
    answers.chmod(0o555)
    arguments = ("score", answers, "--data", data, "--protocol", "strict", "--metrics", "rouge_l")
    done = without_privilege(*arguments)
    assert done.returncode == 4, done.stderr
    assert "rouge_l" in done.stdout
    assert "1.000" in done.stdout
    assert f"{answers}: not writable" in done.stderr
    assert "Add --json FILE to keep them elsewhere." in done.stderr
    assert "--out" not in done.stderr
    done = without_privilege(*arguments, "--json", tmp_path / "scores.json")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "scores.json").read_text())["metrics"]["rouge_l"]["value"] == 1.0
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in answers.iterdir()) == ["text"]


def on_a_terminal(columns: int, *arguments: object) -> str:
    """What ``omnibench`` writes to a terminal, standard error and all."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-m", "omnibench", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    shown = io.BytesIO()
    try:
        while piece := os.read(leader, 1 << 16):
            shown.write(piece)
    except OSError:
        pass  # the other side is closed: the process has ended
    os.close(leader)
    assert process.wait() == 0, shown.getvalue().decode()
    return shown.getvalue().decode()


@pytest.mark.parametrize("columns", [0, 80, 200])
def test_a_terminal_sees_how_long_scoring_takes(answers: Path, data: Path, columns: int) -> None:
    """Of any width, one that does not tell its width included."""
    arguments = ("score", answers, "--data", data, "--protocol", "strict", "--metrics", "rouge_l,meteor")
    shown = on_a_terminal(columns, *arguments)
    assert re.search(r"score answers: +\d+%.*\d+/24 \[\d\d:\d\d<", shown)


def test_a_short_job_says_nothing_of_it_elsewhere(answers: Path, data: Path, capsys: Captured) -> None:
    assert main(["score", str(answers), "--data", str(data), "--protocol", "strict", "--metrics", "rouge_l"]) == 0
    assert capsys.readouterr().err == ""
