"""What becomes of a job that is confined: what it may, what it says of its cage, and what ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.cage.box import find_bubblewrap
from leaderboard.cage.child import BOXED, OUTPUT_BYTES, Cage, Means, Outcome, run_job
from leaderboard.cage.endings import Ending, why
from leaderboard.cage.guard import THREADS, Guard
from leaderboard.cage.surroundings import surroundings
from leaderboard.entry.limits import DEFAULT_LIMITS

GIB = 1 << 30


def listed(folder: Path, memory: int = GIB, seconds: int = 60, means: Means | None = None) -> Outcome:
    """A small job that a sound cage brings to its end."""
    archive = folder / "a.zip"
    archive.write_bytes(b"PK\x03\x04" + bytes(40))
    arguments = {"archive": str(archive), "limits": DEFAULT_LIMITS.to_json()}
    return run_job("list", arguments, Cage(folder, [], memory, seconds, OUTPUT_BYTES), means=means)


@pytest.mark.parametrize("means", [Means(), Means(bubblewrap=False), Means(bubblewrap=False, landlock=False)])
def test_a_job_ends_well_in_every_way_to_build_the_cage(tmp_path: Path, means: Means) -> None:
    outcome = listed(tmp_path, means=means)
    assert outcome.failure == ""
    assert outcome.result["problems"]
    said = " ".join(outcome.enforced)
    assert ("without bubblewrap: left out" in said) is not means.bubblewrap
    assert ("without Landlock: left out" in said) is not means.landlock
    assert all(len(line) <= 200 for line in outcome.enforced)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n", "uid map: Permission denied"),
        ("\x7fELF of another machine", "Exec format error"),
        ("#!/bin/sh\nexit 0\n", "it ended before it began (status 0)"),
    ],
)
def test_where_no_box_can_be_made_the_job_is_done_without_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, reason: str
) -> None:
    program = tmp_path / "bwrap"
    program.write_text(content)
    program.chmod(0o755)
    (tmp_path / "work").mkdir()
    monkeypatch.setattr("leaderboard.cage.child.find_bubblewrap", lambda: str(program))
    outcome = listed(tmp_path / "work")
    assert outcome.result["problems"]
    if sys.platform == "linux":
        assert outcome.enforced[0].startswith("without bubblewrap: ")
        assert outcome.enforced[0].endswith(reason)
        assert any(line.startswith("seccomp: ") for line in outcome.enforced)


def test_a_job_without_memory_fails_with_a_reason(tmp_path: Path) -> None:
    outcome = listed(tmp_path, memory=8 << 20)
    assert outcome.result is None
    assert outcome.failure


@pytest.mark.parametrize("bubblewrap", [True, False])
def test_a_job_that_takes_too_long_is_killed_and_leaves_nothing_running(tmp_path: Path, bubblewrap: bool) -> None:
    outcome = listed(tmp_path, seconds=0, means=Means(bubblewrap=bubblewrap))
    assert outcome.result is None
    assert outcome.failure == "took longer than the 0 s by the clock that it may"
    assert not [place for place in Path("/proc").glob("[0-9]*/cwd") if place.exists() and place.resolve() == tmp_path]


def test_data_that_are_links_into_other_folders_can_be_read(tmp_path: Path) -> None:
    for name in ("data", "elsewhere", "work"):
        (tmp_path / name).mkdir()
    archive = tmp_path / "elsewhere" / "real.zip"
    archive.write_bytes(b"PK\x03\x04" + bytes(40))
    (tmp_path / "data" / "a.zip").symlink_to(archive)
    arguments = {"archive": str(tmp_path / "data" / "a.zip"), "limits": DEFAULT_LIMITS.to_json()}
    for means in (Means(), Means(bubblewrap=False)):
        cage = Cage(tmp_path / "work", [tmp_path / "data"], GIB, 60, OUTPUT_BYTES)
        outcome = run_job("list", arguments, cage, means=means)
        assert outcome.failure == ""


def test_of_a_checkout_the_packages_are_seen_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package").mkdir()
    for name in ("package/__init__.py", "module.py", "database.sqlite", "token"):
        (tmp_path / name).write_text("")
    (tmp_path / "home").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    seen = {path.relative_to(tmp_path).as_posix() for path in surroundings().readable if tmp_path in path.parents}
    assert seen == {"package", "module.py"}


def test_a_folder_that_somebody_happens_to_be_in_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert not [path for path in surroundings().readable if tmp_path in (path, *path.parents)]


@pytest.mark.parametrize(
    ("status", "excess", "tail", "failure", "reason"),
    [
        (0, "wrote too much", "", "", "wrote too much"),
        (-signal.SIGXCPU, "", "", "", "took longer than the 5 s of processor time that it may"),
        (1, "", "MemoryError", "", "needs more than the 3 MiB of memory that it may use"),
        (-signal.SIGABRT, "", "what():  std::bad_alloc", "", "needs more than the 3 MiB of memory that it may use"),
        (4, "", "", "a.wav: not a WAV file", "a.wav: not a WAV file"),
        (-signal.SIGSEGV, "", "", "", "made the process that read it crash (SIGSEGV)"),
        (-200, "", "", "", "made the process that read it crash (signal 200)"),
        (3, "", "", "", "ended the process that read it (status 3)"),
        (1, "", "OSError: no", "", "ended the process that read it (status 1: OSError: no)"),
    ],
)
def test_the_reason_says_what_ended_it(status: int, excess: str, tail: str, failure: str, reason: str) -> None:
    assert why(Ending(status, excess, tail, 3 << 20, 5), failure) == reason


def test_a_call_of_another_kind_of_machine_is_named_as_the_reason() -> None:
    assert "SIGSYS" in why(Ending(-signal.SIGSYS, "", "", 0, 0), "")


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_threads_without_end_are_seen(tmp_path: Path) -> None:
    script = (
        "import threading\nthreading.stack_size(32768)\nwait = threading.Event()\n"
        f"for _ in range({THREADS + 8}): threading.Thread(target=wait.wait, daemon=True).start()\n"
        "print(flush=True)\ninput()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        said = Guard(tmp_path, 1 << 20, [], 0).excess(process.pid)
        process.kill()
    assert said == f"started more than the {THREADS} threads that it may"


def test_many_files_that_are_each_small_enough_are_seen(tmp_path: Path) -> None:
    (tmp_path / "before").write_bytes(os.urandom(4 << 20))
    guard = Guard(tmp_path, 8 << 20, [], 0)
    assert guard.excess(None) is None
    for number in range(40):
        (tmp_path / str(number)).write_bytes(os.urandom(1 << 20))
    os.sync()
    assert guard.excess(None) == "wrote more than the 8 MiB that it may"


@pytest.mark.skipif(find_bubblewrap() is None, reason="no bubblewrap here")
def test_what_a_box_is_called_is_said_where_there_is_one(tmp_path: Path) -> None:
    first = listed(tmp_path).enforced[0]
    assert first == BOXED or first.startswith("without bubblewrap: ")
