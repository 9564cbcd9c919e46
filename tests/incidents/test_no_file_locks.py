"""On Lustre without ``-o flock``, NFS without a lock daemon and some FUSE, every run ended with a traceback from flock.

A marker file stands in, which names its process and machine: two runs still never write one folder, one that was killed
does not stand in the way, and of another machine's the message says what to delete. Whoever has locks respects the
marker too, since not all machines of a cluster need to.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from machines import answers_in, omnibench, one_dialogue, refusing, silence_on

from omnibench.errors import InputError
from omnibench.files import locking
from omnibench.files.locking import locked, marker_of

HOLD = """
import sys, time
from pathlib import Path
from omnibench.files.locking import locked
with locked(Path(sys.argv[1]), wait=False) as held:
    print(held, flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_dialogue(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def elsewhere(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the same run writes where there are locks."""
    out = tmp_path_factory.mktemp("elsewhere") / "out"
    assert run(data, out, {}).returncode == 0
    return answers_in(out)


def run(data: Path, out: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return omnibench(*silence_on(data, out, workers=0), env=env)


def hold(path: Path, env: dict[str, str], seconds: float = 60) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(path), str(seconds)]
    return subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("errno_name", ["ENOSYS", "ENOLCK", "EOPNOTSUPP", "EINVAL", "NFS"])
def test_a_run_says_so_once_and_writes_the_same(
    errno_name: str, data: Path, elsewhere: dict[str, bytes], tmp_path: Path
) -> None:
    done = run(data, tmp_path / "out", refusing(tmp_path, f"flock:{errno_name}"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no file locks") == (0 if errno_name == "NFS" else 1)
    assert answers_in(tmp_path / "out") == elsewhere
    assert not list(tmp_path.glob("out/*.held"))
    assert not list(tmp_path.glob("out/.*.held"))


def test_two_runs_do_not_write_one_folder(data: Path, tmp_path: Path) -> None:
    env, out = refusing(tmp_path, "flock:ENOSYS"), tmp_path / "out"
    out.mkdir()
    first = hold(out / ".lock", env)
    try:
        assert says(first) == "True"
        for second in (run(data, out, env), run(data, out, {})):  # and one of a machine that has locks
            assert second.returncode == 2
            assert f"process {first.pid} on {socket.gethostname()}" in second.stderr
            assert str(marker_of(out / ".lock")) in second.stderr
            assert "Traceback" not in second.stderr
    finally:
        first.kill()
        first.wait()


def test_a_killed_run_stands_in_nobodys_way(data: Path, tmp_path: Path) -> None:
    env, out = refusing(tmp_path, "flock:ENOSYS"), tmp_path / "out"
    out.mkdir()
    killed = hold(out / ".lock", env)
    assert says(killed) == "True"
    killed.kill()
    killed.wait()
    assert marker_of(out / ".lock").exists()
    done = run(data, out, env)
    assert done.returncode == 0, done.stderr


def test_another_machines_marker_is_named_and_may_be_deleted(data: Path, tmp_path: Path) -> None:
    env, out = refusing(tmp_path, "flock:ENOSYS"), tmp_path / "out"
    out.mkdir()
    marker = marker_of(out / ".lock")
    marker.write_text("77\nnode7\n")
    done = run(data, out, env)
    assert done.returncode == 2
    assert f"process 77 on node7 holds it; if that one is gone, delete {marker}" in done.stderr
    marker.unlink()
    assert run(data, out, env).returncode == 0


@pytest.mark.parametrize("errno_name", ["ENOSYS", "NFS"])
def test_a_folder_is_locked_too_and_waited_for(errno_name: str, tmp_path: Path) -> None:
    env = refusing(tmp_path, f"flock:{errno_name}")
    folder = tmp_path / "folder"
    folder.mkdir()
    first = hold(folder, env, seconds=2)
    assert says(first) == "True"
    second = hold(folder, env, seconds=0)
    assert says(second) == "False"
    second.wait()
    begin = time.monotonic()
    with locked(folder) as held:  # this process has locks, and waits for one that has none
        assert held
    assert first.wait() == 0
    assert time.monotonic() - begin < 30
    assert not marker_of(folder).exists()


def test_an_asset_arrives(tmp_path: Path) -> None:
    env = {**refusing(tmp_path, "flock:ENOLCK"), "OMNIBENCH_ASSETS": str(tmp_path / "assets")}
    env["OMNIBENCH_MIRROR"] = "http://127.0.0.1:9"
    done = omnibench("assets", "fetch", "utmosv2-fold0", env=env)
    assert done.returncode == 3, done.stderr  # nobody serves there; that is all that is said
    assert "no connection" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_waits_for_ever_for_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "WAIT_SECONDS", 0.2)
    marker = marker_of(tmp_path)
    marker.write_text("77\nnode7\n")
    with (
        pytest.raises(InputError, match=f"process 77 on node7 holds it; if that one is gone, delete {marker}"),
        locked(tmp_path),
    ):
        pass
