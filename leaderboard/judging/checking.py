"""What the project's CI says of a pull request: entries in order, no badge but by award, nothing of others touched."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from leaderboard.archive.validation import is_control
from leaderboard.entry.entries import (
    AWARDS,
    ENTRY,
    ENTRY_NAME,
    Stored,
    check_entry,
    entry_folders,
    read_awards,
    read_entry,
)
from leaderboard.entry.problems import Problem
from leaderboard.entry.schema import Awards
from omnibench.errors import InputError, UsageError

SUBMISSIONS, CONTROLS = "submissions", "controls"


def check_leaderboard(root: Path, since: str | None = None) -> tuple[int, list[Problem]]:
    """Check every entry below a leaderboard's folder.

    Args:
        root: holds ``submissions/``, ``controls/`` and ``awards.json``.
        since: a git revision; what changed since then is treated as a stranger's pull request.

    Returns:
        The number of entries, and everything that is wrong.
    """
    problems: list[Problem] = []
    awards = read_awards(root)
    stored: list[Stored] = []
    for kind in (SUBMISSIONS, CONTROLS):
        for folder in entry_folders(root / kind):
            found = _folder_problems(folder)
            problems += [Problem(f"{kind}/{problem.where}", problem.message) for problem in found]
            if not found:
                stored.append(Stored(folder, read_entry(folder)))
    for item in stored:
        problems += _belongs(item, awards)
    submissions = [item for item in stored if item.folder.parent.name == SUBMISSIONS]
    problems += _same_archive(submissions)
    for name in sorted(set(awards.awards) - {item.entry.id for item in submissions}):
        problems.append(Problem(AWARDS, f'"{name}": no such entry'))
    if since is not None:
        problems += _pull_request(root, since, submissions)
    return len(stored), problems


def _folder_problems(folder: Path) -> list[Problem]:
    if not ENTRY_NAME.fullmatch(folder.name):
        return [Problem(folder.name, "expected a folder named <date>_<name>, like 2026-11-22_our-model")]
    return check_entry(folder)


def _belongs(item: Stored, awards: Awards) -> Iterator[Problem]:
    """Controls among the controls alone, and badges by award alone."""
    entry, where = item.entry, f"{item.folder.parent.name}/{item.folder.name}/{ENTRY}"
    control = is_control(entry.model)
    if item.folder.parent.name == CONTROLS:
        if entry.model.kind != "control":
            yield Problem(where, "no control; it belongs into submissions/")
        return
    if control:
        yield Problem(where, f'field "model": {entry.model.name} is a control; the project shows those itself')
    award = awards.awards.get(entry.id)
    if entry.badge == "self-reported":
        if entry.archive is not None and entry.archive.url is None:
            yield Problem(where, 'field "archive.url": expected the address of the archive, for whoever re-scores it')
        if any(flag.cleared for flag in entry.flags):
            yield Problem(where, 'field "flags": a flag is cleared by a maintainer who re-scored the archive')
        return
    if award is None or award.badge != entry.badge:
        yield Problem(where, f'field "badge": {entry.badge} is awarded by a maintainer; expected "self-reported"')
    elif award.entry_sha256 != hashlib.sha256((item.folder / ENTRY).read_bytes()).hexdigest():
        yield Problem(where, f"not the file that {AWARDS} gave the badge {award.badge} to; it was changed since")


def _same_archive(stored: Sequence[Stored]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for item in stored:
        if item.entry.archive is None:
            continue
        first = owners.setdefault(item.entry.archive.sha256, item.entry.id)
        if first != item.entry.id:
            where = f"{SUBMISSIONS}/{item.entry.id}/{ENTRY}"
            yield Problem(where, f'field "archive.sha256": the archive of {first}, entered twice')


def _pull_request(root: Path, since: str, stored: Sequence[Stored]) -> Iterator[Problem]:
    """A stranger's change holds self-reported entries, and nothing else of the leaderboard's files."""
    by_folder = {item.folder.name: item.entry for item in stored}
    for name in _changed(root, since):
        first, _, rest = name.partition("/")
        folder = rest.partition("/")[0]
        if first == SUBMISSIONS and rest:
            entry = by_folder.get(folder)
            if entry is None and not (root / SUBMISSIONS / folder).exists():
                yield Problem(name, "removes an entry; set its field withdrawn to the reason instead")
            elif entry is not None and entry.badge != "self-reported":
                yield Problem(name, f"changes an entry that is {entry.badge}; only a maintainer does that")
        elif first in (AWARDS, CONTROLS):
            yield Problem(name, "only a maintainer changes this; a submission is one folder below submissions/")


def _changed(root: Path, since: str) -> list[str]:
    """Files below ``root`` that changed since a revision, relative to it."""
    git = shutil.which("git")
    if git is None:
        raise InputError("git is not installed, which --since asks what changed.")
    if since.startswith("-"):
        raise UsageError(f"--since {since}: expected a git revision like origin/main.")
    command = [git, "-C", str(root), "diff", "--name-only", "--no-renames", "--relative", "-z", since, "--", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        message = done.stderr.strip().partition("\n")[0]
        raise UsageError(f"--since {since}: {message}. Expected a revision of the repository that holds {root}.")
    return [name for name in done.stdout.split("\0") if name]
