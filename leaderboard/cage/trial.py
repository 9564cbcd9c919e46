"""Tries the cage: what gets out of it on this machine, in each of the ways in which it can be built.

The table in ``leaderboard/POLICY.md`` is what `table` makes of it: ``omnibench leaderboard cage --table``.
"""

from __future__ import annotations

import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from leaderboard.cage.child import Cage, Means, run_job
from leaderboard.cage.surroundings import surroundings
from omnibench.files.faults import shown

_VARIABLE: Final = "OMNIBENCH_TRIAL"
_START: Final = "import sys, json; sys.path += json.loads(sys.argv[1]); from leaderboard.cage.trial import main; main()"
_MEMORY, _SECONDS, _FILE_BYTES = 4 << 30, 120, 2 << 20
_NOBODY: Final = 65534
_NAMES: Final = 4
_AFTERWARDS: Final = "the process and the file outside, looked at afterwards"
# Which there are depends on the machine.
_EVERY: Final = {"devices other than null and urandom": "every name in /dev"}

WAYS: Final[Mapping[str, Means]] = {
    "in a box": Means(),
    "in a box without Landlock": Means(landlock=False),
    "filters alone": Means(bubblewrap=False),
    "filters alone without Landlock": Means(bubblewrap=False, landlock=False),
}
USERS: Final = ("root", "another user")


@dataclass(frozen=True, slots=True)
class Trial:
    """``enforced`` is what the cage said of itself, ``through`` what got out of it, by what it is for; ``fault`` why
    nothing could be tried.
    """

    enforced: list[str] = field(default_factory=list)
    through: dict[str, list[str]] = field(default_factory=dict)
    tried: dict[str, list[str]] = field(default_factory=dict)
    fault: str = ""


def trials(ways: Sequence[str] = tuple(WAYS), both: bool = True) -> dict[tuple[str, str], Trial]:
    """By user and way: as the user who asks, and, where that is root and ``both`` are asked for, as another user."""
    own = USERS[0] if os.geteuid() == 0 else USERS[1]
    users = USERS if both and own == USERS[0] else (own,)
    return {(user, way): _started(way, user != own) for way in ways for user in users}


def table(found: Mapping[tuple[str, str], Trial]) -> list[str]:
    """As the lines of a Markdown table: a row for what is tried, a column for each user and way."""
    columns = {place: trial for place, trial in found.items() if not trial.fault}
    tried = next(iter(columns.values())).tried
    head = [f"{way}, {user}" for user, way in columns]
    lines = [f"| what is tried | {' | '.join(head)} |", f"|---|{'---|' * len(head)}"]
    for purpose, names in tried.items():
        cells = [_cell(trial.through[purpose]) for trial in columns.values()]
        lines.append(f"| **{purpose}**: {_EVERY.get(purpose, ', '.join(names))} | {' | '.join(cells)} |")
    return lines


def _cell(through: Sequence[str]) -> str:
    more = ", …" if len(through) > _NAMES else ""
    return f"*through*: {', '.join(through[:_NAMES])}{more}" if through else "held"


def _started(way: str, other: bool) -> Trial:
    """In a process whose environment holds a secret from its start, as that of a server's worker would."""
    command = [sys.executable, "-I", "-c", _START, json.dumps(surroundings().modules), way]
    environment = {"PATH": os.defpath, _VARIABLE: secrets.token_hex(16)}
    user: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if other else {}
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environment, cwd="/", capture_output=True, check=False, start_new_session=True, **user
        )
    except OSError as error:
        return Trial(fault=f"this Python cannot be started by another user ({error.strerror})")
    try:
        return Trial(**json.loads(done.stdout))
    except (ValueError, TypeError):
        return Trial(fault=shown(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]))


def main() -> None:
    """Try the way that the command line names, and print what came of it as JSON."""
    print(json.dumps(asdict(trial(WAYS[sys.argv[2]], os.environ[_VARIABLE]))))


def trial(means: Means, secret: str) -> Trial:
    """Try one way, as the user who asks, against a process and a file of this one's.

    Args:
        means: what may confine.
        secret: a word of this process's environment.
    """
    with tempfile.TemporaryDirectory(prefix="omnibench-") as name:
        folder = Path(name)
        for place in ("work", "outside"):
            (folder / place).mkdir()
        outside = folder / "outside" / "file"
        outside.write_bytes(b"secret")
        victim = subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE, env={}, cwd="/")
        try:
            before = [*_seen(victim, outside)]
            arguments = {"victim": victim.pid, "parent": os.getpid(), "outside": str(outside), "secret": secret}
            cage = Cage(folder / "work", [], _MEMORY, _SECONDS, _FILE_BYTES)
            outcome = run_job("attempt", arguments, cage, means=means)
            after = [*_seen(victim, outside)]
        finally:
            victim.kill()
            victim.communicate()
    if outcome.result is None:
        return Trial(outcome.enforced, fault=f"{outcome.at}: {outcome.failure}")
    through = {
        purpose: list(dict.fromkeys(name for name, got in tried.items() if got))
        for purpose, tried in outcome.result.items()
    }
    through[_AFTERWARDS] = [name for (name, was), (_, is_) in zip(before, after, strict=True) if was != is_]
    tried = {purpose: list(names) for purpose, names in outcome.result.items()}
    return Trial(outcome.enforced, through, {**tried, _AFTERWARDS: [name for name, _ in after]})


def _seen(victim: subprocess.Popen[bytes], outside: Path) -> Iterator[tuple[str, object]]:
    yield "it runs", victim.poll()
    if sys.platform == "linux":
        yield "its limits", resource.prlimit(victim.pid, resource.RLIMIT_NOFILE)
        yield "its scheduling", (os.sched_getscheduler(victim.pid), os.sched_getaffinity(victim.pid))
    yield "its priority", os.getpriority(os.PRIO_PROCESS, victim.pid)
    yield "what the file holds", outside.read_bytes() if outside.exists() else None
    yield "its mode", (outside.stat().st_mode, outside.stat().st_mtime_ns) if outside.exists() else None
    yield "what lies beside it", sorted(path.name for path in outside.parent.iterdir())
