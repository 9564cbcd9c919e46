"""``kill``, ``scancel``, a closed terminal: SIGTERM and SIGHUP ended a run without a word, its staging folder left.

Now either is answered with one sentence and 128 + the signal's number; workers are gone, the lock is free, nothing
half-done lies about, what was finished is kept, and the same command goes on from there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main
from omnibench.files.journal import Journal
from omnibench.files.locking import locked
from omnibench.system.process import Ended, ended_by_signals

LISTENERS = Path(__file__).parents[1] / "support" / "listeners.py"
SIGNALS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]


def _heed_signals() -> None:
    """nohup and shells that start jobs in the background have children ignore some, and a test may run below one."""
    for kind, _ in SIGNALS:
        signal.signal(kind, signal.SIG_DFL if kind != signal.SIGINT else signal.default_int_handler)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = ("audio", "vector", "text")
    return write_dataset(tmp_path_factory.mktemp("data"), ids=("a", "b", "c", "d"), seconds=1.0, modalities=parts)


def end(arguments: list[str], kind: signal.Signals, ready: Callable[[], bool]) -> tuple[int, str, list[int]]:
    """Send a signal once ``ready``; the exit code, what was said, and the child processes that were left."""
    command = [sys.executable, "-m", "omnibench", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               preexec_fn=_heed_signals)  # fmt: skip
    deadline = time.monotonic() + 100
    while not ready():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    below = [int(child) for child in children.read_text().split()] if children.exists() else []
    process.send_signal(kind)
    said = process.communicate(timeout=60)[1]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(_lives, below)):
        time.sleep(0.05)
    return process.returncode, said, [child for child in below if _lives(child)]


def _lives(process: int) -> bool:
    """Whether it runs; one that has ended and that nobody has fetched does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize(("kind", "code"), SIGNALS)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run(data: Path, tmp_path: Path, kind: signal.Signals, code: int, workers: str) -> None:
    out = tmp_path / "out"
    slow = ["run", "--model", f"{LISTENERS}:Echo", "--data", str(data), "--out", str(out), "--no-score", "--workers"]
    journal = Journal(out / "journal.jsonl")
    more = ["--set", "sleep=0.8"]
    ended, said, left = end([*slow, workers, *more], kind, lambda: journal.path.exists() and len(journal.entries()) > 0)
    assert ended == code, said
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert kind is signal.SIGINT or kind.name in said
    assert not left
    assert not (out / ".staging").exists()
    with locked(out / ".lock", wait=False) as free:
        assert free
    kept = journal.path.read_bytes()
    assert main([*slow, "1", *more]) == 0
    assert journal.path.read_bytes().startswith(kept)


@pytest.mark.parametrize(("kind", "code"), SIGNALS[:2])
def test_scoring(data: Path, tmp_path: Path, kind: signal.Signals, code: int) -> None:
    """Ended while its first libraries are still being compiled, or later; the folder of answers is as it was."""
    answers = ["run", "--model", "parrot", "--data", str(data), "--out", str(tmp_path), "--no-score", "--workers", "0"]
    assert main(answers) == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    begin = time.monotonic()
    score = ["score", str(tmp_path), "--data", str(data), "--protocol", "offline"]
    ended, said, _ = end(score, kind, lambda: time.monotonic() - begin > 2)
    assert ended in (code, 0), said  # 0: a machine that scores four seconds of dialogue in two
    assert ended == 0 or kind.name in said
    assert "Traceback" not in said
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize(("kind", "code"), SIGNALS)
@pytest.mark.parametrize("whole", [False, True], ids=["process", "group"])
def test_an_audit(data: Path, tmp_path: Path, kind: signal.Signals, code: int, whole: bool) -> None:
    """Its worker wrote a traceback of its own when nobody was there to hear it."""
    model = ["--model", f"{LISTENERS}:Echo", "--set", "sleep=3"]
    line = [sys.executable, "-m", "omnibench", "audit", "causality", *model, "--data", str(data)]
    process = subprocess.Popen(line, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               start_new_session=True, preexec_fn=_heed_signals)  # fmt: skip
    time.sleep(5)
    (os.killpg if whole else os.kill)(process.pid, kind)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert "omnibench: " in said


def test_nohup_goes_on(data: Path, tmp_path: Path) -> None:
    run = f"-m omnibench run --model {LISTENERS}:Echo --set sleep=0.5 --data {data} --out {tmp_path / 'out'} --no-score"
    line = f"trap '' HUP; exec {sys.executable} {run}"
    process = subprocess.Popen(["/bin/sh", "-c", line], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (tmp_path / "out" / "journal.jsonl").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=100) == 0, process.communicate()[1]


def test_a_signal_while_an_object_is_freed_is_not_lost() -> None:
    """Python drops what a destructor raises, the end of the process too: scoring went on after a SIGHUP."""

    class Freed:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)

    def freed() -> None:
        with ended_by_signals():
            Freed()
            time.sleep(20)

    with pytest.raises(Ended):
        freed()
