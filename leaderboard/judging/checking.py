"""What the project's CI says of the entries there are, and of a pull request that adds one.

The entries by themselves: in order, plausible, with no badge but by award. A pull request besides: see
`leaderboard.judging.pull_request`.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from leaderboard.archive.validation import is_control
from leaderboard.entry.addresses import contact_fault
from leaderboard.entry.entries import (
    AWARDS,
    ENTRY,
    ENTRY_NAME,
    FINGERPRINTS,
    Stored,
    check_entry,
    entry_folders,
    read_awards,
    read_entry,
)
from leaderboard.entry.entries import CONTROLS as CONTROLS
from leaderboard.entry.entries import SUBMISSIONS as SUBMISSIONS
from leaderboard.entry.imitation import reserved_names
from leaderboard.entry.plausible import implausible_dates, implausible_samples, implausible_scores
from leaderboard.entry.problems import Problem
from leaderboard.entry.schema import Award, Awards
from leaderboard.judging.changes import Changes
from leaderboard.judging.pull_request import judge_maintainer, judge_stranger


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries there are, everything that is wrong, and what waits for a person's word."""

    count: int
    problems: Sequence[Problem]
    waiting: Sequence[Problem] = ()


def check_leaderboard(root: Path, since: str | None = None) -> tuple[int, list[Problem]]:
    """The number of entries below a leaderboard's folder, and everything that is wrong; as `judge_leaderboard`."""
    found = judge_leaderboard(root, since)
    return found.count, list(found.problems)


def judge_leaderboard(root: Path, since: str | None = None, maintainer: bool = False) -> Verdict:
    """Check every entry below a leaderboard's folder, and what a branch changes.

    Args:
        root: holds ``submissions/``, ``controls/`` and ``awards.json``.
        since: a git revision that the branch comes from; what changed since is a pull request.
        maintainer: whether that is a maintainer's, and not a stranger's.

    Raises:
        UsageError: no such revision.
        InputError: ``awards.json`` is damaged, or this is no git repository.
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
    for item in (item for item in submissions if item.entry.badge == "self-reported"):
        problems += _makes_no_sense(item)
    problems += _same_archive(submissions)
    for name in sorted(set(awards.awards) - {item.entry.id for item in submissions}):
        problems.append(Problem(AWARDS, f'"{name}": no such entry'))
    if since is None:
        return Verdict(len(stored), problems)
    changes = Changes(root, since)
    judged = judge_maintainer(changes, submissions) if maintainer else judge_stranger(root, changes, submissions)
    return Verdict(len(stored), [*problems, *judged.problems], judged.waiting)


def award_fault(badge: str, sha256: str, award: Award | None) -> str | None:
    """Why an entry's badge is not the one that it was awarded, or None.

    Args:
        badge: the entry's, below ``submissions/``.
        sha256: of its ``entry.json``.
        award: its line in ``awards.json``, if there is one.
    """
    if award is None and badge == "self-reported":
        return None
    if award is not None and badge == "self-reported":
        return f'field "badge": self-reported, though {AWARDS} gives it {award.badge}'
    if award is None or award.badge != badge:
        return f'field "badge": {badge} is awarded by a maintainer; expected "self-reported"'
    if award.entry_sha256 != sha256:
        return f"not the file that {AWARDS} gave the badge {award.badge} to; it was changed since"
    return None


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
    sha256 = hashlib.sha256((item.folder / ENTRY).read_bytes()).hexdigest()
    fault = award_fault(entry.badge, sha256, awards.awards.get(entry.id))
    if fault is not None:
        yield Problem(where, fault)
    if entry.badge != "self-reported":
        return
    if entry.archive is not None and entry.archive.url is None:
        yield Problem(where, 'field "archive.url": expected the address of the archive, for whoever re-scores it')
    if any(flag.cleared for flag in entry.flags):
        yield Problem(where, 'field "flags": a flag is cleared by a maintainer who re-scored the archive')
    if (item.folder / FINGERPRINTS).exists():
        yield Problem(f"{SUBMISSIONS}/{entry.id}/{FINGERPRINTS}", "made by the project, which re-scores; expected none")


def _makes_no_sense(item: Stored) -> Iterator[Problem]:
    """What no team can honestly say, of an entry that nobody but its team stands for."""
    entry, where = item.entry, f"{SUBMISSIONS}/{item.entry.id}/{ENTRY}"
    fault = contact_fault(entry.submission.contact)
    if fault is not None:
        yield Problem(where, f'field "submission.contact": "{entry.submission.contact}" {fault}')
    today = datetime.datetime.now(datetime.UTC).date()
    for problem in implausible_dates(entry.submission, entry.attestation, today):
        yield Problem(where, problem.message)
    if not is_control(entry.model):
        for doubt in reserved_names(entry.submission, entry.model):
            yield Problem(where, f'field "{doubt.field}": {doubt.message}')
    for protocol, scores in entry.scores.items():
        for problem in implausible_scores(scores):
            yield Problem(where, f'field "scores.{protocol}.{problem.where}": {problem.message}')
    for protocol, samples in item.samples().items():
        for problem in implausible_samples(samples):
            yield Problem(f"{SUBMISSIONS}/{entry.id}/samples.{protocol}.jsonl", f"{problem.where}: {problem.message}")


def _same_archive(stored: Sequence[Stored]) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for item in stored:
        if item.entry.archive is None:
            continue
        first = owners.setdefault(item.entry.archive.sha256, item.entry.id)
        if first != item.entry.id:
            where = f"{SUBMISSIONS}/{item.entry.id}/{ENTRY}"
            yield Problem(where, f'field "archive.sha256": the archive of {first}, entered twice')
