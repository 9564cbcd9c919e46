"""``omnibench metrics | head`` exited 1, ``omnibench metrics > /dev/full`` said that "the output folder" was full.

A reader that leaves has seen enough: exit 0, not a word. A standard output that cannot be written is named as such.
What cannot be said on standard error ends no command.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (("metrics",), ("--help",), ("--version",))
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def start(*arguments: str, **more: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "omnibench", *arguments], **more)  # type: ignore[call-overload]


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves(arguments: tuple[str, ...], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    command = start(*arguments, stdout=writing, stderr=subprocess.PIPE, env=environment)
    os.close(writing)
    assert command.communicate(timeout=120)[1] == b""
    assert command.returncode == 0


@full
@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_standard_output(arguments: tuple[str, ...], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as nowhere:
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        command = start(*arguments, stdout=nowhere, stderr=subprocess.PIPE, env=environment)
        said = command.communicate(timeout=120)[1].decode()
    assert said == "omnibench: could not write to standard output: No space left on device.\n"
    assert command.returncode == 4


@full
@pytest.mark.parametrize(("arguments", "code"), [(("score", "nowhere"), 4), (("tabel",), 2), (("metrics",), 0)])
def test_nobody_reads_the_messages(arguments: tuple[str, ...], code: int) -> None:
    with Path("/dev/full").open("wb") as nowhere:
        command = start(*arguments, stdout=subprocess.DEVNULL, stderr=nowhere)
        assert command.wait(timeout=120) == code


@pytest.mark.parametrize(("closed", "arguments", "code"), [(">&-", "metrics", 0), ("2>&-", "score nowhere", 4)])
def test_a_closed_stream(closed: str, arguments: str, code: int) -> None:
    line = f"{sys.executable} -m omnibench {arguments} {closed}"
    done = subprocess.run(line, shell=True, capture_output=True, timeout=120, check=False)  # noqa: S602
    assert done.returncode == code
    assert done.stderr == b""


def test_a_terminal_without_arrows() -> None:
    command = start("metrics", stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert b"\\u2264" in command.communicate(timeout=120)[0]
    assert command.returncode == 0
