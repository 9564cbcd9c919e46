"""Boards: the rows that may stand in one table, since one protocol measured them on one split, and their data blocks.

Within a board a metric's column is ranked among equal comparison keys only. A row with another key (say, a delayed
transcript) keeps its number, carries a mark, and is ranked among its own kind.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, cast

from leaderboard.site.ranking import Candidate, rank_ranges
from leaderboard.site.rows import Measured, Row, group_order
from leaderboard.site.yardsticks import Yardstick, yardstick
from omnibench.metrics.protocol import PROTOCOLS
from omnibench.metrics.signature import SEPARATOR, comparison_key, differing_parts
from omnibench.report.metric_help import Help, in_reading_order, main_columns, metric_help
from omnibench.scoring.headline import MEASURES, RENDERED, Headline, Listener, headline

ABOUT: Final = {
    "paper": "What the official scripts compute, quirks included: for comparing with published numbers.",
    "strict": "The same quantities with the defects out: silence is not rewarded, nothing is dropped, all is seeded.",
    "offline": "Strict, on networks that come with the installation. Stand-ins have names of their own.",
}
Cell = dict[str, Any]


@dataclass(frozen=True)
class Board:
    """One protocol on one split, with the rows that have numbers there."""

    protocol: str
    dataset: str
    manifest: str
    rows: tuple[tuple[Row, Measured], ...]

    @property
    def id(self) -> str:
        """Tells boards apart, like ``offline/mini-v1 test/fad7673a``."""
        return "/".join(part for part in (self.protocol, self.dataset, self.manifest) if part)

    @cached_property
    def metrics(self) -> list[str]:
        """All that any row was scored with, in reading order."""
        return in_reading_order(
            {
                name
                for _, measured in self.rows
                for name, entry in measured.metrics.items()
                if _is_number_or_reason(entry)
            }
        )

    @property
    def said(self) -> list[str]:
        """Metrics of claimed words that stand back, among all columns only, where a row has the one that is heard."""
        heard = {name for cells in self.cells for name, short in cells.items() if "v" in short}
        return [name for name in self.metrics if f"heard_{name}" in heard]

    @cached_property
    def cells(self) -> list[dict[str, Cell]]:
        """By row the cells by metric: see `cell`, with ``rank`` where the row competes."""
        table = [
            {name: cell(entry, measured.data.get("dialogues")) for name, entry in measured.metrics.items()}
            for _, measured in self.rows
        ]
        for name in self.metrics:
            self._rank(metric_help(name, self._an_entry(name)), table)
            self._measure(name, table)
        return table

    @cached_property
    def scales(self) -> dict[str, tuple[float, float]]:
        """By metric the ends of its column: the least and the greatest of all values and intervals."""
        return {name: _ends([cells[name] for cells in self.cells if name in cells]) for name in self.metrics}

    def place(self, slug: str, measured: Measured) -> int | None:
        """Where these numbers of a row stand in the table; None where they do not."""
        place = self._places.get(slug)
        return place if place is not None and self.rows[place][1] is measured else None

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row.slug: place for place, (row, _) in enumerate(self.rows)}

    def keys(self, metric: str) -> list[str]:
        """The comparison keys under this metric, the commonest first."""
        return self._keys[metric]

    @cached_property
    def _keys(self) -> dict[str, list[str]]:
        return {metric: self._counted(metric) for metric in self.metrics}

    def _counted(self, metric: str) -> list[str]:
        found: dict[str, int] = {}
        for _, measured in self.rows:
            key = _key(measured.metrics.get(metric, {}))
            if key:
                found[key] = found.get(key, 0) + 1
        return sorted(found, key=lambda key: (-found[key], key))

    def _an_entry(self, metric: str) -> Mapping[str, Any]:
        return next(m.metrics[metric] for _, m in self.rows if metric in m.metrics)

    @cached_property
    def headline(self) -> Headline:
        """Of its rows, by name (by page, where several have one name), as far as they are measured alike."""
        repeated = Counter(row.name for row, _ in self.rows)
        listeners = []
        for row, measured in self.rows:
            if row.badge == "reported" or row.name == RENDERED:
                continue
            own = [metric for metric in MEASURES if _is_alike(self, metric, measured)]
            values = {metric: float(measured.metrics[metric]["value"]) for metric in own}
            name = row.name if repeated[row.name] == 1 else row.slug
            without = {metric: measured.without.get(metric, {}) for metric in own}
            listeners.append(Listener(name, row.badge == "control", values, without))
        return headline(listeners)

    @cached_property
    def sticks(self) -> dict[str, dict[str, Any]]:
        """By metric, among numbers with its commonest comparison key, the ``best`` control and those ``above`` people;
        none without a control.
        """
        found = {name: stick for name, (_, stick) in self._yardsticks.items()}
        return {name: {"best": stick.best, "above": list(stick.above)} for name, stick in found.items() if stick}

    @cached_property
    def _yardsticks(self) -> dict[str, tuple[list[int], Yardstick | None]]:
        """With the places of the rows that it is of."""
        found = {}
        for metric in self.metrics:
            # A number of a part of the dialogues is held against nothing.
            own = [place for place, (_, measured) in enumerate(self.rows) if _is_alike(self, metric, measured)]
            help_ = metric_help(metric, self._an_entry(metric))
            # Who computes nothing is fast: that is no yardstick.
            direction = "none" if help_.family == "pace" else help_.direction
            found[metric] = own, yardstick(metric, direction, [self.rows[place] for place in own])
        return found

    def _measure(self, metric: str, table: Sequence[dict[str, Cell]]) -> None:
        places, found = self._yardsticks[metric]
        for place, difference in zip(places, found.differences if found else (), strict=False):
            if difference is not None:
                interval = difference.interval
                ends = () if interval is None else (interval.low, interval.high)
                table[place][metric]["d"] = [shorten(one, 4) for one in (difference.value, *ends)]

    def _rank(self, help_: Help, table: Sequence[dict[str, Cell]]) -> None:
        places: dict[str, list[int]] = {}
        for i, (_, measured) in enumerate(self.rows):
            places.setdefault(_key(measured.metrics.get(help_.name, {})), []).append(i)
        for number, key in enumerate(self.keys(help_.name)):
            own = places[key]
            for i in own if number else ():
                table[i][help_.name]["key"] = number
            competing = [i for i in own if self.rows[i][0].ranked and _is_whole(table[i][help_.name])]
            if help_.direction == "none" or not competing:
                continue
            candidates = [_candidate(table[i][help_.name]) for i in competing]
            direction = cast(Literal["higher", "lower"], help_.direction)
            for i, place in zip(competing, rank_ranges(candidates, direction), strict=True):
                table[i][help_.name]["rank"] = list(place)


def boards_of(rows: Sequence[Row]) -> list[Board]:
    """All boards, by protocol and then the number of rows. The paper's reported rows join every board of the paper's
    protocol on ResponseNet, or make one of their own.
    """
    reported = [(row, measured) for row in rows if row.badge == "reported" for measured in row.measured]
    found: dict[tuple[str, str, str], list[tuple[Row, Measured]]] = {}
    for row in rows:
        for measured in row.measured if row.badge != "reported" and row.withdrawn is None else ():
            found.setdefault((measured.protocol, measured.dataset, measured.manifest), []).append((row, measured))
    home = [key for key in found if key[0] == "paper" and key[1].lower().startswith("responsenet")]
    for key in home:
        found[key] += reported
    if reported and not home:
        found["paper", reported[0][1].dataset, ""] = reported
    order = {name: place for place, name in enumerate(PROTOCOLS)}
    boards = [Board(*key, tuple(_in_groups(own))) for key, own in found.items()]
    return sorted(boards, key=lambda b: (order[b.protocol], -len(b.rows), b.id))


def board_json(board: Board) -> dict[str, Any]:
    """What the index page's script needs of a board."""
    metrics = board.metrics
    seals: dict[str, int] = {}
    rows = []
    for (row, _), own in zip(board.rows, board.cells, strict=True):
        cells = {name: dict(own[name]) for name in metrics if name in own}
        for short in cells.values():
            if "seal" in short:
                short["seal"] = seals.setdefault(short["seal"], len(seals))
        rows.append({"slug": row.slug, "cells": cells})
    return {
        "id": board.id,
        "protocol": board.protocol,
        "data": board.dataset,
        "manifest": board.manifest,
        "metrics": metrics,
        "main": main_columns(metrics),
        "said": board.said,
        "keys": {name: board.keys(name) for name in metrics},
        "sticks": board.sticks,
        "headline": board.headline.text(),
        "seals": list(seals),
        "rows": rows,
    }


def row_json(row: Row) -> dict[str, Any]:
    """What the index page's script needs of a row."""
    text = {"name": row.name, "badge": row.badge, "group": row.group, "kind": row.kind, "team": row.team}
    more = {"date": row.date, "summary": row.summary, "bibtex": row.bibtex}
    flags = [notice.title for notice in row.notices if not notice.cleared]
    return {**text, **more, "flags": flags, "page": f"entries/{row.slug}.html" if row.badge != "reported" else ""}


def is_part(entry: Mapping[str, Any], dialogues: int | None) -> bool:
    """Whether a number is of a part of a split with so many dialogues; a reported one does not say."""
    expected = entry.get("n_expected")
    return None not in (expected, dialogues) and expected + entry.get("n_outside", 0) != dialogues


def cell(entry: Mapping[str, Any], dialogues: int | None = None) -> Cell:
    """One metric of one row, short: ``v`` value with ``l`` and ``h`` interval, ``n`` of ``of`` dialogues where they
    differ, ``seal`` the signature's provenance; or ``s`` status and ``r`` reason. A board adds ``rank``, ``d``, how
    far it is above the best control with the ends of that, and ``key``, the number of the comparison key where it is
    not the column's commonest.
    """
    short: Cell = {}
    if "value" in entry:
        short["v"] = shorten(entry["value"])
        if entry.get("interval"):
            short |= {"l": shorten(entry["interval"]["low"]), "h": shorten(entry["interval"]["high"])}
    else:
        short |= {"s": entry["status"], "r": entry["reason"]}
    if entry.get("n_scored") != entry.get("n_expected"):
        short |= {"n": entry["n_scored"], "of": entry["n_expected"]}
    elif "v" in short and is_part(entry, dialogues):
        short |= {"n": entry["n_scored"], "of": dialogues}
    if entry.get("signature"):
        short["seal"] = str(entry["signature"]).partition(SEPARATOR)[2]
    return short


def shorten(value: float, digits: int = 6) -> float:
    """Six digits: more than any column prints; all of them of the few numbers that rounding makes infinite."""
    short = float(f"{value:.{digits}g}")
    return short if math.isfinite(short) else value


def unlike(keys: Sequence[str], number: int) -> str:
    """How a comparison key differs from the column's commonest, for its mark.

    Example:
        >>> unlike(["FD|transcript:oracle", "FD|transcript:delayed:200"], 1)
        'transcript:delayed:200 instead of transcript:oracle'
    """
    parts = differing_parts(keys[0], keys[number])
    return "; ".join(f"{own or 'nothing'} instead of {common or 'nothing'}" for common, own in parts)


def _ends(cells: Sequence[Cell]) -> tuple[float, float]:
    found = [cell[key] for cell in cells for key in ("v", "l", "h") if key in cell]
    return (min(found), max(found)) if found else (0.0, 0.0)


def _in_groups(rows: Sequence[tuple[Row, Measured]]) -> list[tuple[Row, Measured]]:
    order = group_order([row.group for row, _ in rows])
    badges = ("reported", "reproduced", "re-scored", "self-reported", "local run", "control")
    return sorted(rows, key=lambda r: (order.index(r[0].group), badges.index(r[0].badge)))


def _key(entry: Mapping[str, Any]) -> str:
    return comparison_key(str(entry.get("signature") or ""))


def _is_alike(board: Board, metric: str, measured: Measured) -> bool:
    """Whether it has a whole number under the metric's commonest comparison key."""
    entry = measured.metrics.get(metric, {})
    alike = bool(board.keys(metric)) if metric in board.metrics else False
    whole = "value" in entry and _is_whole(cell(entry, measured.data.get("dialogues")))
    return alike and whole and _key(entry) == board.keys(metric)[0]


def _is_whole(short: Cell) -> bool:
    return "v" in short and "n" not in short


def _is_number_or_reason(entry: Mapping[str, Any]) -> bool:
    return "value" in entry or entry.get("status") not in ("unavailable",)


def _candidate(short: Cell) -> Candidate:
    return Candidate(short["v"], short["l"], short["h"]) if "l" in short else Candidate(short["v"])
