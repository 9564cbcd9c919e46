"""Starts the confined process, in a box or without, and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from leaderboard.cage.box import box_options

_MODULE: Final = "leaderboard.cage.worker"
# Isolated from the environment and the user's own folder; where modules lie is said on the command line.
_START: Final = (
    "import sys; sys.path += [p for p in sys.argv[1:] if p not in sys.path];"
    f"from {_MODULE} import main; sys.exit(main())"
)
_INFORMATION_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Streams:
    """Where the process writes its reports and its complaints."""

    output: IO[bytes]
    errors: IO[bytes]


@dataclass(frozen=True, slots=True)
class Started:
    """``first`` is the first process of a box, to be ended before the program that made the box; None without one."""

    process: subprocess.Popen[bytes]
    first: int | None = None

    def worker(self) -> int | None:
        """The id of the process that does the job, None where it cannot be known."""
        if self.first is None:
            return self.process.pid
        try:
            children = Path(f"/proc/{self.first}/task/{self.first}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def kill(self) -> None:
        """End it, and wait until it has ended."""
        if self.process.poll() is not None:
            return
        if self.first is not None:
            # With it ends all that is in the box, and then the program that made the box.
            with suppress(ProcessLookupError):
                os.kill(self.first, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def status(self) -> int:
        """As `subprocess` has it: a signal is negative. bubblewrap says it as shells do."""
        code = self.process.returncode
        return 128 - code if self.first is not None and code > 128 else code


def start(folder: Path, modules: Sequence[str], environment: Mapping[str, str], streams: Streams) -> Started:
    """Without a box."""
    command = [sys.executable, "-I", "-c", _START, *modules]
    return Started(_open(command, folder, environment, streams))


def start_boxed(
    program: str,
    folder: Path,
    modules: Sequence[str],
    readable: Sequence[Path],
    environment: Mapping[str, str],
    streams: Streams,
) -> Started:
    """In a box that ``program``, bubblewrap, makes. Where it cannot, the process ends and has reported nothing."""
    ours, its = os.pipe()
    try:
        with tempfile.TemporaryFile() as options:
            # In a file, not on the command line, which can be read inside.
            words = box_options(folder, readable, environment, its)
            options.write(b"".join(os.fsencode(word) + b"\0" for word in words))
            options.seek(0)
            line = [program, "--args", str(options.fileno()), "--", sys.executable, "-I", "-c", _START, *modules]
            try:
                process = _open(line, folder, {}, streams, (options.fileno(), its))
            finally:
                os.close(its)
        return Started(process, _first_process(ours))
    finally:
        os.close(ours)


def _first_process(information: int) -> int | None:
    """What bubblewrap says in several pieces; None where it ended before it could."""
    content = b""
    while not content.rstrip().endswith(b"}"):
        piece = os.read(information, _INFORMATION_BYTES)
        if not piece:
            return None
        content += piece
    try:
        return int(json.loads(content)["child-pid"])
    except (ValueError, KeyError):
        return None


def _open(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: Streams,
    descriptors: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=streams.output,
        stderr=streams.errors,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        pass_fds=descriptors,
    )
