"""A team's own entry into a checkout's folder, for its pull request: beside the others, and in the place of none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from leaderboard.entry.entries import ENTRY, read_entry, readable_entries, write_entry
from leaderboard.entry.imitation import names_of_others
from leaderboard.entry.problems import Problem, SubmissionError
from leaderboard.entry.schema import Entry, ProtocolName
from omnibench.errors import UsageError


def enter(root: Path, entry: Entry, samples: Mapping[ProtocolName, bytes]) -> tuple[Path, list[str]]:
    """Write a self-reported entry's folder below ``root``; one of its own team's that nobody has looked at is replaced.

    Returns:
        The folder, and what a maintainer will ask about it.

    Raises:
        UsageError: another team's entry, or one that was re-scored, has that name.
        SubmissionError: a name in it reads like another team's.
    """
    there = root / entry.id
    if (there / ENTRY).is_file():
        old = read_entry(there)
        if old.submission.team != entry.submission.team or old.badge != "self-reported":
            raise UsageError(f"{there}: the entry of {old.submission.team}, {old.badge}. Give yours another --name.")
    others = [item.entry for item in readable_entries(root, [])]
    doubts = list(names_of_others(entry.id, entry.submission, entry.model, others))
    refused = [Problem(ENTRY, f'field "{doubt.field}": {doubt.message}') for doubt in doubts if doubt.refused]
    if refused:
        raise SubmissionError(str(there), refused)
    return write_entry(root, entry, samples), [doubt.message for doubt in doubts]
