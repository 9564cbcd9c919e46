"""A row of the leaderboard as pages show it, wherever it comes from: a submission, a local run, the paper."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from omnibench.tables.paper import TABLE_2
from omnibench.tables.paper_tables import CONTROLS

Badge = Literal["self-reported", "re-scored", "reproduced", "local run", "control", "reported"]
RANKED: Final[frozenset[Badge]] = frozenset({"self-reported", "re-scored", "reproduced", "local run"})
"""Controls are no competitors, and reported numbers were not measured here."""

ABLATIONS: Final = "Ablations of OmniResponse"


@dataclass(frozen=True, slots=True)
class Measured:
    """A row's numbers under one protocol on one split.

    ``metrics`` are those of ``scores.json``, ``samples`` the lines of ``samples.jsonl`` or nothing, ``without`` by
    metric the number without each person (`omnibench.scoring.leaving_out`), where that can be told.
    """

    protocol: str
    data: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    samples: Sequence[Mapping[str, Any]] = ()
    without: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """Printed name of data and split."""
        return f"{self.data.get('version') or self.data['name']} {self.data['split']}"

    @property
    def manifest(self) -> str:
        """First digits of the split's hash; ``""`` for what was only reported."""
        return str(self.data.get("manifest", ""))[:8]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that readers should see beside a row: a flag, or the maintainer's clearance of it."""

    title: str
    text: str
    dialogues: tuple[str, ...] = ()
    cleared: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table and its page. All strings are data from outside.

    ``facts`` are label and text, ``links`` label and web address. ``folder`` holds the predictions of a local run;
    ``media`` is the address of a report with players, relative to the site's root, or ``""``.
    """

    slug: str
    name: str
    badge: Badge
    measured: tuple[Measured, ...]
    group: str = ""
    kind: str = ""
    team: str = ""
    date: str = ""
    summary: str = ""
    notes: str = ""
    bibtex: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    withdrawn: str | None = None
    folder: Path | None = None
    media: str = ""

    @property
    def ranked(self) -> bool:
        """Whether it competes."""
        return self.badge in RANKED and self.kind != "control" and self.withdrawn is None


def slug_of(text: str) -> str:
    """A file name for a row's page: letters, digits and hyphens; told apart by a hash where anything was lost.

    Example:
        >>> slug_of("2026-11-22_face-lab")
        '2026-11-22_face-lab'
        >>> slug_of("../Übung")
        'bung-1fac7e'
    """
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-")[:80]
    if plain == text:
        return plain
    return f"{plain or 'row'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def numbered(rows: Sequence[Row]) -> list[Row]:
    """The rows with a page each: a second one of the same page gets a number, behind its name too."""
    taken = {row.slug for row in rows}
    seen: set[str] = set()
    found = []
    for row in rows:
        slug, number = row.slug, 1
        while slug in seen or (number > 1 and slug in taken):
            number += 1
            slug = f"{row.slug}-{number}"
        seen.add(slug)
        found.append(row if number == 1 else replace(row, slug=slug, name=f"{row.name} ({number})"))
    return found


def group_order(groups: Sequence[str]) -> list[str]:
    """The paper's groups in its order, then others, the paper's ablations and the controls at the end."""
    paper = list(dict.fromkeys(row.group for row in TABLE_2.rows))
    last = [ABLATIONS, CONTROLS]
    found = dict.fromkeys(groups)
    middle = [group for group in found if group not in paper and group not in last]
    return [group for group in (*paper, *middle, *last) if group in found]


def web_address(text: str | None) -> str:
    """The address if it is one of the web, else ``""``: nothing else may become a link."""
    return text if text is not None and re.match(r"https?://[^\s<>\"'`\\]+$", text) else ""
