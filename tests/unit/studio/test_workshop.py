"""The processes of a build end with the build, even where it is killed and cannot tell them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from omnibench.studio.workshop import workshop

SCRIPT = """
import os, time
from omnibench.studio.workshop import workshop

def work(number):
    print("at work", flush=True)
    time.sleep(60)

if __name__ == "__main__":
    with workshop(2) as pool:
        list(pool.map(work, range(4)))
"""


def test_workers_do_not_outlive_a_build_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "build.py"
    script.write_text(SCRIPT)
    with subprocess.Popen([sys.executable, "-P", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as build:
        assert build.stdout is not None
        assert [build.stdout.readline() for _ in range(2)] == [b"at work\n"] * 2
        build.kill()
        # The pipe ends when nobody holds it any more: neither the build nor a worker.
        assert build.communicate(timeout=30) == (b"", None)


def test_a_build_that_fails_makes_no_more_and_waits_for_what_is_being_made() -> None:
    waiting: list[Future[int]] = []

    def fail() -> None:
        with workshop(1) as pool:
            waiting.extend(pool.submit(abs, -number) for number in range(50))
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        fail()
    assert all(future.done() for future in waiting)
    assert waiting[-1].cancelled()
