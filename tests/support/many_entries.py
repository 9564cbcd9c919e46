"""Many entries of the leaderboard, made from the controls': as large as real ones, no two with the same numbers."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from leaderboard.entry.entries import AWARDS, to_json, write_entry
from leaderboard.entry.schema import Entry, ProtocolName

CONTROLS = Path(__file__).parents[2] / "leaderboard" / "controls"
_BY = "A maintainer"


def write_entries(root: Path, count: int) -> None:
    """Re-scored entries with their samples below ``root/submissions``, and their awards."""
    awards = {}
    for entry, samples in made_up_entries(count):
        write_entry(root / "submissions", entry, samples)
        found = hashlib.sha256(to_json(entry)).hexdigest()
        awards[entry.id] = {"badge": "re-scored", "entry_sha256": found, "by": _BY, "date": "2026-11-30"}
    (root / AWARDS).write_bytes(to_json({"schema_version": 1, "awards": awards}))


def made_up_entries(count: int, first: int = 0) -> Iterator[tuple[Entry, dict[ProtocolName, bytes]]]:
    """Entries with the contents of their samples' files; the same number gives the same entry.

    Args:
        count: how many.
        first: number of the first one.
    """
    sources = _sources()
    for number in range(first, first + count):
        chance = random.Random(number)
        yield _between(*chance.sample(sources, 2), number, chance)


@cache
def _sources() -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    found = []
    for folder in sorted(CONTROLS.iterdir()):
        lines = (folder / "samples.offline.jsonl").read_text().splitlines()
        found.append((json.loads((folder / "entry.json").read_text()), [json.loads(line) for line in lines]))
    return found


def _between(
    mine: tuple[dict[str, Any], list[dict[str, Any]]],
    other: tuple[dict[str, Any], list[dict[str, Any]]],
    number: int,
    chance: random.Random,
) -> tuple[Entry, dict[ProtocolName, bytes]]:
    """An entry like ``mine`` whose numbers lie between two controls', so that they stay in their metrics' ranges."""
    document, name, share = json.loads(json.dumps(mine[0])), f"listener-{number}", 0.9 * chance.random()
    document["id"] = f"{document['submission']['date']}_{name}"
    document["submission"] |= {"team": f"Team {number % 40}", "contact": "lab@example.org", "notes": "Made up."}
    document["model"] |= {"name": name, "kind": "online", "group": ""}
    document["archive"] = {"url": None, "sha256": hashlib.sha256(name.encode()).hexdigest(), "bytes": 1000 + number}
    document["attestation"] = {
        "trained_on": ["mini train"],
        "test_split_used": False,
        "signed_by": "A. Person",
        "date": document["submission"]["date"],
    }
    scores = document["scores"]["offline"]
    for key, metric in scores["metrics"].items():
        _mix(metric, other[0]["scores"]["offline"]["metrics"].get(key, {}), share)
    lines = json.loads(json.dumps(mine[1]))
    for line, another in zip(lines, other[1], strict=True):
        for key, metric in line["metrics"].items():
            _mix(metric, another["metrics"].get(key, {}), share)
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    scores["samples_sha256"] = hashlib.sha256(content).hexdigest()
    return Entry.model_validate_json(to_json(document)), {"offline": content}


def _mix(metric: dict[str, Any], other: dict[str, Any], share: float) -> None:
    if metric.get("interval") and not other.get("interval"):
        return
    if "value" in metric and "value" in other:
        metric["value"] = (1 - share) * metric["value"] + share * other["value"]
        for end in ("low", "high") if metric.get("interval") else ():
            metric["interval"][end] = (1 - share) * metric["interval"][end] + share * other["interval"][end]
