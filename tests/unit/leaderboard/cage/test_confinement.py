"""What a confined process cannot do, tried in one; and what becomes of one that takes too much."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from leaderboard.cage.child import OUTPUT_BYTES, Cage, run_job
from leaderboard.cage.confinement import _CALLS, filter_program
from leaderboard.entry.limits import DEFAULT_LIMITS

TRIES = """
import ctypes, json, os, sys
from pathlib import Path
from leaderboard.cage.confinement import confine
work, outside, secret = map(Path, sys.argv[1:4])
enforced = confine(work, [], 2 << 30, 60, 1 << 20)
def outcome(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
print(json.dumps({
    "enforced": enforced,
    "write inside": outcome(lambda: (work / "a").write_bytes(b"a")),
    "write outside": outcome(lambda: outside.write_bytes(b"a")),
    "read outside": outcome(secret.read_bytes),
    "remove outside": outcome(secret.unlink),
    "link outside": outcome(lambda: os.symlink("/etc", outside)),
    "large file": outcome(lambda: (work / "b").write_bytes(bytes(2 << 20))),
    "much memory": outcome(lambda: bytearray(4 << 30)),
    "socket of Python's": outcome(lambda: __import__("socket").socket()),
    "socket of the system's": outcome(lambda: call(libc.socket, 2, 1, 0)),
    "process": outcome(lambda: call(libc.fork)),
    "program": outcome(lambda: call(libc.execl, b"/bin/true", b"true", None)),
    "thread": outcome(lambda: __import__("threading").Thread(target=int).start()),
}))
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("confined")
    (folder / "work").mkdir()
    (folder / "secret").write_bytes(b"s")
    arguments = [str(folder / name) for name in ("work", "outside", "secret")]
    done = subprocess.run([sys.executable, "-c", TRIES, *arguments], capture_output=True, text=True, check=True)
    return {**json.loads(done.stdout), "folder": sorted(path.name for path in folder.iterdir())}


def test_its_own_folder_and_threads_are_all_it_has(tried: dict) -> None:
    assert tried["write inside"] == tried["thread"] == "done"
    for what in ("large file", "socket of Python's", "much memory"):
        assert tried[what] != "done", what


def test_what_is_said_to_be_in_force_is(tried: dict) -> None:
    """Where the system has no Landlock or seccomp, the list says so by leaving them out."""
    said = " ".join(tried["enforced"])
    for means, tries in (
        ("Landlock", ("write outside", "read outside", "remove outside", "link outside")),
        ("seccomp", ("socket of the system's", "process", "program")),
    ):
        if means in said:
            assert [tried[what] for what in tries] == ["PermissionError"] * len(tries)
    if "Landlock" in said:
        assert tried["folder"] == ["secret", "work"]


def test_a_job_without_memory_fails_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    cage = Cage(tmp_path, [], 8 << 20, 60, OUTPUT_BYTES)
    arguments = {"archive": str(tmp_path / "a.zip"), "limits": DEFAULT_LIMITS.to_json()}
    outcome = run_job("list", arguments, cage)
    assert outcome.result is None
    assert outcome.failure


def test_the_filter_jumps_to_its_own_instructions_alone() -> None:
    for architecture, calls in _CALLS.values():
        code = filter_program(architecture, calls)
        steps = [struct.unpack("<HBBI", code[i : i + 8]) for i in range(0, len(code), 8)]
        for position, (kind, if_true, if_false, _) in enumerate(steps):
            if kind & 0x7 == 0x5:
                assert position + 1 + max(if_true, if_false) < len(steps)
        assert steps[-1][0] == 0x06
