"""What gets out of the cage, tried on this machine; and the table in ``POLICY.md``, held against what is found."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

import leaderboard
from leaderboard.cage.attempted_calls import MACHINES
from leaderboard.cage.trial import Trial, table, trials

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in MACHINES, reason="system calls of Linux on x86-64 and aarch64"
)
# By their numbers a process sees whether a file is there, and how large; no filter of calls can tell files apart.
SEEN = {"that a file outside exists, and its size": ["stat"]}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], Trial]:
    return trials()


def tried(found: dict[tuple[str, str], Trial], way: str, means: str) -> list[Trial]:
    """The trials in one way, if that is what came about."""
    chosen = [trial for (_, tried), trial in found.items() if tried == way and not trial.fault]
    if not chosen or any(line.startswith(f"without {means}") for trial in chosen for line in trial.enforced):
        pytest.skip(f"there is no {means} here: {[trial.enforced or trial.fault for trial in found.values()]}")
    return chosen


def through(trial: Trial) -> dict[str, list[str]]:
    return {purpose: names for purpose, names in trial.through.items() if names}


def test_nothing_gets_out_of_a_box(found: dict[tuple[str, str], Trial]) -> None:
    for way in ("in a box", "in a box without Landlock"):
        for trial in tried(found, way, "bubblewrap"):
            assert through(trial) == {}
            assert len([name for names in trial.tried.values() for name in names]) > 200


def test_nothing_gets_past_the_filters_alone(found: dict[tuple[str, str], Trial]) -> None:
    for trial in tried(found, "filters alone", "Landlock"):
        assert through(trial) == SEEN


def test_without_landlock_files_are_open_and_all_else_holds(found: dict[tuple[str, str], Trial]) -> None:
    for trial in tried(found, "filters alone without Landlock", "seccomp"):
        assert {"reading files outside", "writing files outside"} <= set(through(trial))
        assert not set(through(trial)) & {
            "the parent's environment, in any process", "capabilities", "signals to a process outside",
            "its limits and priority", "its scheduling and memory's place", "looking into it",
            "sockets and other ways to talk", "processes and programs", "namespaces and mounts", "the kernel",
            "another user, more privileges", "special files and links",
        }  # fmt: skip


def test_the_policy_s_table_is_what_is_found(found: dict[tuple[str, str], Trial]) -> None:
    """Column by column, as far as this machine and this user can try them."""
    tried(found, "in a box", "bubblewrap")
    tried(found, "filters alone", "Landlock")
    here = held(table(found))
    policy = (Path(leaderboard.__path__[0]) / "POLICY.md").read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(policy) if line.startswith("| what is tried |"))
    there = held([line for line in policy[start:] if line.startswith("|")])
    assert set(here) <= set(there)
    for column, rows in here.items():
        assert rows == there[column], f"{column}: make the table again with `omnibench leaderboard cage --table`"


def held(lines: list[str]) -> dict[str, dict[str, bool]]:
    """Column and row of a table: whether it held. Which devices or settings got through depends on the machine."""
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {
        column: {row[0].partition(":")[0]: row[place] == "held" for row in rows}
        for place, column in enumerate(head)
        if place
    }
