"""What a maintainer changes about an entry that stands: clears a flag, or withdraws it. The reason stays with it."""

from __future__ import annotations

import datetime
from pathlib import Path

from leaderboard.entry.entries import ENTRY, read_entries, to_json
from leaderboard.entry.schema import Clearance, Entry
from leaderboard.judging.awarding import note_award
from leaderboard.judging.checking import SUBMISSIONS
from omnibench.errors import UsageError, unknown_name
from omnibench.files.atomic import write_bytes


def amend(root: Path, entry_id: str, by: str, reason: str, clear: str | None) -> Entry:
    """Clear the flags of one kind, or withdraw the entry where no kind is given; renew its award.

    Args:
        root: the leaderboard's folder.
        entry_id: of an entry below ``submissions/``.
        by: the maintainer.
        reason: shown with it.
        clear: a kind of flag.

    Raises:
        UsageError: no such entry, or no such flag on it.
        SubmissionError: an entry there is damaged.
    """
    stored = {item.entry.id: item for item in read_entries(root / SUBMISSIONS)}
    if entry_id not in stored:
        raise unknown_name("entry", entry_id, stored, f"ls {root / SUBMISSIONS}")
    entry = stored[entry_id].entry
    today = datetime.datetime.now(datetime.UTC).date()
    document = entry.model_dump(mode="json")
    if clear is None:
        document["withdrawn"] = reason
    else:
        document["flags"] = _cleared(entry, clear, Clearance(by=by, date=today, reason=reason))
    amended = Entry.model_validate(document)
    folder = stored[entry_id].folder
    write_bytes(folder / ENTRY, to_json(amended))
    if amended.badge != "self-reported":
        note_award(root, amended, folder, by, today)
    return amended


def _cleared(entry: Entry, kind: str, clearance: Clearance) -> list[object]:
    if entry.badge == "self-reported":
        raise UsageError(f"{entry.id}: self-reported; flags are cleared on entries that a maintainer re-scored.")
    raised = sorted({flag.kind for flag in entry.flags})
    if kind not in raised:
        raise UsageError(f'{entry.id}: no flag "{kind}"; it has: {", ".join(raised) or "none"}.')
    cleared = [flag.model_copy(update={"cleared": clearance}) if flag.kind == kind else flag for flag in entry.flags]
    return [flag.model_dump(mode="json") for flag in cleared]
