"""Runs one job on a stranger's files in a process of its own, confined, timed, and with nothing of our environment.

The process gets its arguments as JSON on its standard input, says as JSON lines on its standard output which file it
is at, and ends with its result. It is never trusted: its output is data of limited size, and it is killed when late.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from omnibench.files.faults import shown

OUTPUT_BYTES: Final = 64 << 20
# A busy machine gives a process a fraction of a core; only one that waits for ever is stopped by the clock.
PATIENCE: Final = 20
_ERROR_TAIL: Final = 600
_LOOK_SECONDS: Final = 1.0
Watch = Callable[[Sequence[Mapping[str, Any]]], None]


@dataclass(frozen=True, slots=True)
class Cage:
    """What a job may use: one folder to write in, a few to read, bytes of memory, seconds of processor time (and of the
    clock `PATIENCE` times that), bytes per written file.
    """

    writable: Path
    readable: Sequence[Path]
    memory: int
    seconds: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result`` is what the job returned, None where it did not get that far; then ``failure`` says why and ``at``
    which file it was at. ``enforced`` lists what confined it.
    """

    result: Any = None
    failure: str = ""
    at: str = ""
    enforced: list[str] = field(default_factory=list)


def run_job(
    job: str,
    arguments: Mapping[str, Any],
    cage: Cage,
    environment: Mapping[str, str] | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Run ``leaderboard.cage.worker``'s job of that name.

    Args:
        job: a key of `leaderboard.cage.worker.JOBS`.
        arguments: what JSON can hold.
        cage: the limits.
        environment: variables to add; of ours only PATH goes along.
        watch: called about once a second with all that the process has reported; what it raises ends the process.
    """
    request = {
        "parent": os.getpid(),
        "job": job,
        "arguments": dict(arguments),
        "cage": {
            "writable": str(cage.writable),
            "readable": [str(path) for path in cage.readable],
            "memory": cage.memory,
            "seconds": cage.seconds,
            "file_bytes": cage.file_bytes,
        },
    }
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "leaderboard.cage.worker"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            cwd=cage.writable,
            env={**_environment(cage.writable), **(environment or {})},
            start_new_session=True,
        )
        look = None if watch is None else lambda: watch(_lines(output))
        late = _finish(process, json.dumps(request).encode(), cage.seconds * PATIENCE, look)
        lines = _lines(output)
        tail = _tail(errors)
    return _outcome(lines, process.returncode, late, cage, tail)


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _finish(process: subprocess.Popen[bytes], request: bytes, seconds: float, look: Callable[[], None] | None) -> bool:
    """Feed the process and wait, with a look now and then; whether it had to be killed for being late."""
    deadline, content = time.monotonic() + seconds, request or None
    try:
        while True:
            left = deadline - time.monotonic()
            try:
                process.communicate(content, timeout=left if look is None else min(left, _LOOK_SECONDS))
                return False
            except subprocess.TimeoutExpired:
                content = None
            if time.monotonic() >= deadline:
                _kill(process)
                return True
            if look is not None:
                look()
    except BaseException:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _lines(output: Any) -> list[dict[str, Any]]:
    # The process writes where this descriptor stands, so it is read without moving it.
    content = os.pread(output.fileno(), OUTPUT_BYTES, 0)
    found = []
    for line in content.splitlines():
        try:
            item = json.loads(line)
        except ValueError:
            continue
        if isinstance(item, dict):
            found.append(item)
    return found


def _tail(errors: Any) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _ERROR_TAIL))
    return shown(errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2], _ERROR_TAIL)


def _outcome(lines: list[dict[str, Any]], status: int, late: bool, cage: Cage, tail: str) -> Outcome:
    at = str(next((line["at"] for line in reversed(lines) if "at" in line), ""))
    enforced = [str(item) for line in lines for item in line.get("enforced", ())]
    last = lines[-1] if lines else {}
    if not late and status == 0 and "result" in last:
        return Outcome(last["result"], enforced=enforced)
    if late or status == -signal.SIGXCPU:
        failure = f"took longer than the {cage.seconds} s of processor time that it may"
    elif "MemoryError" in tail or "memory" in str(last.get("failure", "")):
        failure = f"needs more than the {cage.memory >> 20} MiB of memory that it may use"
    elif "failure" in last:
        failure = str(last["failure"])
    elif status < 0:
        failure = f"made the process that read it crash ({signal.Signals(-status).name})"
    else:
        failure = f"ended the process that read it (status {status}: {tail})"
    return Outcome(None, failure, at, enforced)
