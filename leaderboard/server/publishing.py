"""An entry becomes public in one step: its award first, then its folder by a rename. Neither is taken back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leaderboard.entry.entries import read_entry, to_json, write_entry
from leaderboard.entry.schema import Entry, ProtocolName
from leaderboard.judging.awarding import give_award
from leaderboard.judging.checking import SUBMISSIONS
from omnibench.files.locking import locked


def published(root: Path, entry_id: str) -> Entry | None:
    """The entry of that id below ``root``; None where there is none."""
    folder = root / SUBMISSIONS / entry_id
    return read_entry(folder) if folder.is_dir() else None


def publish(
    root: Path, entry: Entry, samples: Mapping[ProtocolName, bytes], fingerprints: Mapping[str, Any], by: str
) -> bool:
    """Publish an entry that is not there yet.

    An award without its entry is seen by nobody; an entry without its award would be an error to whoever reads it.

    Returns:
        False where there is one of that id already, which stays as it is.
    """
    with locked(root / SUBMISSIONS):
        if (root / SUBMISSIONS / entry.id).exists():
            return False
        give_award(root, entry, to_json(entry), by, datetime.datetime.now(datetime.UTC).date())
        write_entry(root / SUBMISSIONS, entry, samples, fingerprints)
        return True
