"""What a stranger's pull request may do: add one self-reported entry, or ask that one be withdrawn. Nothing else.

It is judged by what it changes, against the entries as they were: whoever may write into a branch may write anything
into it, and says in the entry itself whatever helps. A maintainer's own changes are judged by fewer rules.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leaderboard.entry.entries import AWARDS, CONTROLS, ENTRY, SUBMISSIONS, Stored, read_awards
from leaderboard.entry.imitation import Doubt, names_of_others
from leaderboard.entry.problems import Problem
from leaderboard.entry.strict_json import parse_json
from leaderboard.judging.changes import ABSENT, PLAIN, Change, Changes
from omnibench.errors import InputError
from omnibench.files.checked import JsonFault

_ONLY: Final = "a pull request holds the one folder that `omnibench submit … --entry` wrote, below submissions/"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with a change, and what in it waits for a person's word."""

    problems: Sequence[Problem]
    waiting: Sequence[Problem] = ()


def judge_stranger(root: Path, changes: Changes, stored: Sequence[Stored]) -> Judged:
    """Judge a pull request of somebody who is no maintainer.

    Args:
        root: the leaderboard's folder, as the pull request has it.
        changes: what it changes.
        stored: the entries below ``submissions/`` that are in order.
    """
    problems = [Problem(change.path, _outside(change)) for change in changes.files if not _folder_of(change)]
    touched: dict[str, list[Change]] = {}
    for change in changes.files:
        if _folder_of(change):
            touched.setdefault(_folder_of(change), []).append(change)
    if not changes.files:
        problems.append(Problem("", f"nothing is changed; {_ONLY}"))
    if len(touched) > 1:
        problems.append(Problem(SUBMISSIONS, f"{', '.join(sorted(touched))}: {len(touched)} entries; {_ONLY}"))
    standing = changes.folders_before(SUBMISSIONS)
    waiting: list[Problem] = []
    for folder, own in touched.items():
        found = _changes_standing(root, folder, own, changes) if folder in standing else _adds(folder, own, stored)
        problems += found.problems
        waiting += found.waiting
    return Judged(problems, waiting)


def judge_maintainer(changes: Changes, stored: Sequence[Stored]) -> Judged:
    """Judge a maintainer's change: entries stay where they are, and stay those of their archives."""
    problems = []
    here = {item.entry.id: item.entry for item in stored}
    for folder in sorted(changes.folders_before(SUBMISSIONS)):
        was = changes.before(f"{SUBMISSIONS}/{folder}/{ENTRY}")
        document = None if was is None else _parsed(was)
        if document is None:
            continue
        if folder not in here:
            problems.append(
                Problem(f"{SUBMISSIONS}/{folder}", "gone, or not in order; a withdrawn entry keeps its folder")
            )
            continue
        archive = here[folder].archive
        if archive is not None and archive.sha256 != (document.get("archive") or {}).get("sha256"):
            problems.append(Problem(f"{SUBMISSIONS}/{folder}/{ENTRY}", "another archive than before; submit it anew"))
    return Judged(problems)


def _folder_of(change: Change) -> str:
    """The entry's folder that a change is in; ``""`` for everything else."""
    parts = change.inside.split("/")
    return parts[1] if parts[0] == SUBMISSIONS and len(parts) > 2 else ""


def _outside(change: Change) -> str:
    if change.inside == AWARDS or change.inside.startswith(f"{CONTROLS}/"):
        return f"only a maintainer changes this; {_ONLY}"
    if change.inside.startswith(f"{SUBMISSIONS}/"):
        return f"lies in no entry's folder ({change.kind}); {_ONLY}"
    return f"outside submissions/; {_ONLY}"


def _changes_standing(root: Path, folder: str, own: Sequence[Change], changes: Changes) -> Judged:
    """An entry that stands is nobody's to change; that it be withdrawn, anybody may ask, and its contact decides."""
    where = f"{SUBMISSIONS}/{folder}/{ENTRY}"
    if [change.inside for change in own] == [where] and own[0].before == own[0].after:
        reason = _withdrawal(root, changes, where)
        if reason is not None:
            shown = f'asks to withdraw it: "{reason}"; for its contact to confirm, before anybody merges this'
            return Judged([], [Problem(where, shown)])
    gone = not (root / SUBMISSIONS / folder).exists()
    fault = (
        "removes an entry; set its field withdrawn to the reason instead"
        if gone
        else "changes an entry that stands; nobody but a maintainer does that. A corrected run is a new submission "
        "under a name of its own"
    )
    return Judged([Problem(change.path, fault) for change in own])


def _withdrawal(root: Path, changes: Changes, where: str) -> str | None:
    """The reason, where a self-reported entry gets one and nothing else of it is changed."""
    was, path = changes.before(where), root / where
    before = None if was is None else _parsed(was)
    after = _parsed(path.read_bytes()) if path.is_file() and not path.is_symlink() else None
    if before is None or after is None or before.get("badge") != "self-reported" or before.get("withdrawn") is not None:
        return None
    if _awarded(root, where.split("/")[1]):
        return None
    reason = after.get("withdrawn")
    same = _text({**before, "withdrawn": None}) == _text({**after, "withdrawn": None})
    return reason if same and isinstance(reason, str) and reason.strip() else None


def _awarded(root: Path, folder: str) -> bool:
    """Whether ``awards.json`` gives an entry of that id a badge."""
    try:
        return folder in read_awards(root).awards
    except InputError:
        return True


def _adds(folder: str, own: Sequence[Change], stored: Sequence[Stored]) -> Judged:
    """A new entry: plain files, self-reported, in nobody's name."""
    problems = [
        Problem(change.path, f"{change.kind}; expected a plain file in the entry's own folder")
        for change in own
        if change.after not in (PLAIN, ABSENT) or len(change.inside.split("/")) > 3
    ]
    item = next((item for item in stored if item.folder.name == folder), None)
    if item is None:
        return Judged(problems)
    entry, where = item.entry, f"{SUBMISSIONS}/{folder}/{ENTRY}"
    if entry.badge != "self-reported":
        problems.append(Problem(where, f'field "badge": {entry.badge}; a new entry is self-reported'))
    if entry.withdrawn is not None:
        problems.append(Problem(where, 'field "withdrawn": expected null in a new entry'))
    if entry.flags:
        problems.append(Problem(where, 'field "flags": raised by the project alone; expected none'))
    others = [other.entry for other in stored if other.entry.id != entry.id]
    doubts = list(names_of_others(entry.id, entry.submission, entry.model, others))
    url = entry.archive.url if entry.archive else None
    for other in others if url else ():
        if other.archive and other.archive.url == url and other.submission.team != entry.submission.team:
            doubts.append(Doubt("archive.url", f"the address of the archive of {other.id}, of another team"))
    problems += [Problem(where, f'field "{doubt.field}": {doubt.message}') for doubt in doubts if doubt.refused]
    waiting = [Problem(where, f'field "{doubt.field}": {doubt.message}') for doubt in doubts if not doubt.refused]
    return Judged(problems, waiting)


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        found = parse_json(content)
    except JsonFault:
        return None
    return found if isinstance(found, dict) else None


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)
