"""Entries of the leaderboard for tests: one whole self-reported document, and folders on disk."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

MANIFEST = "ab" * 32
ENTRY: dict[str, Any] = {
    "schema_version": 1,
    "id": "2026-11-22_chorus",
    "badge": "self-reported",
    "submission": {"team": "Example Lab", "contact": "lab@example.org", "date": "2026-11-22"},
    "model": {"name": "chorus", "version": "1", "kind": "online", "outputs": ["words"]},
    "run": None,
    "attestation": {
        "trained_on": ["x train"],
        "test_split_used": False,
        "signed_by": "A. Person",
        "date": "2026-11-22",
    },
    "archive": {"url": "https://example.org/a.zip", "sha256": "cd" * 32, "bytes": 10},
    "scores": {
        "strict": {
            "protocol": "strict",
            "data": {"name": "x", "version": "1", "split": "test", "manifest": MANIFEST, "dialogues": 2},
            "scored_by": "submitter",
            "metrics": {
                "fd": {
                    "value": 1.5,
                    "direction": "lower",
                    "n_scored": 2,
                    "n_expected": 2,
                    "signature": f"FD|proto:strict|data:x-test@{MANIFEST[:8]} || cov:2/2|v:0.1.0",
                }
            },
        }
    },
}


def entry_document(**changes: Any) -> dict[str, Any]:
    """A document of its own, with top-level fields replaced."""
    return {**copy.deepcopy(ENTRY), **changes}


def write_entry_folder(root: Path, document: dict[str, Any]) -> Path:
    """An entry's folder below ``root``, without samples."""
    folder = root / document["id"]
    folder.mkdir(parents=True)
    (folder / "entry.json").write_text(json.dumps(document))
    return folder
