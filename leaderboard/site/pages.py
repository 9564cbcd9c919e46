"""The pages as text: the index with all boards, and one page a row. Nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any, Final

from jinja2 import Environment

from leaderboard.site.boards import ABOUT, Board, Cell, board_json, is_part, row_json, shorten, unlike
from leaderboard.site.rows import Measured, Row, group_order
from omnibench.metrics.protocol import PROTOCOLS
from omnibench.report.metric_help import families, in_reading_order, main_columns, metric_help
from omnibench.report.pages import SITE_POLICY, bundle, data_block, environment
from omnibench.tables.paper import SOURCE
from omnibench.tables.paper_tables import ARROWS, DASH

Dialogues = dict[str, Any]
SCRIPTS: Final = ("table.js", "scatter.js", "entry.js", "start.js")
STYLES: Final = ("site.css",)
_LONG: Final = 1e10


def assets(rows: Sequence[Row]) -> dict[str, str]:
    """The files that the pages load, by path below the site's root; the help is that of all metrics in the rows."""
    own = "leaderboard.site"
    entries = {name: entry for row in rows for measured in row.measured for name, entry in measured.metrics.items()}
    metrics = {name: metric_help(name, entries[name]).as_json() for name in in_reading_order(entries)}
    return {
        "assets/metrics.js": f"const HELP = {data_block({'families': dict(families()), 'metrics': metrics})};\n",
        "assets/site.css": bundle("omnibench.report", ("common.css",)) + bundle(own, STYLES),
        "assets/site.js": bundle("omnibench.report", ("common.js",)) + bundle(own, SCRIPTS),
    }


def index_page(rows: Sequence[Row], boards: Sequence[Board]) -> str:
    """The table of all rows, board by board."""
    shown = {row.slug: row for board in boards for row, _ in board.rows}
    data = {
        "protocol": _busiest(boards),
        "boards": [board_json(board) | {"unlike": _unlike(board)} for board in boards],
        "rows": {slug: row_json(row) for slug, row in shown.items()},
        "groups": group_order([row.group for row in shown.values()]),
        "about": ABOUT,
    }
    return (
        _environment()
        .get_template("index.html")
        .render(
            policy=SITE_POLICY,
            data=data,
            protocols=ABOUT,
            pages=[row for row in shown.values() if row.badge != "reported"],
            withdrawn=[row for row in rows if row.withdrawn is not None],
            source=SOURCE,
        )
    )


def entry_page(row: Row, boards: Sequence[Board], dialogues: Sequence[Dialogues] | None = None) -> str:
    """One row's page.

    Args:
        row: whose page it is.
        boards: its ranks and scales come from those that it is on.
        dialogues: what `dialogues_of` said of it, where the row came without its samples.
    """
    values = dialogues_of(row) if dialogues is None else dialogues
    data = {"media": row.media, "boards": values}
    texts = [
        _board_text(measured, *cells_of(row, measured, boards), own["values"])
        for measured, own in zip(row.measured, values, strict=True)
    ]
    return (
        _environment()
        .get_template("entry.html")
        .render(policy=SITE_POLICY, row=row, boards=texts, about=ABOUT, data=data)
    )


@cache
def _environment() -> Environment:
    return environment("leaderboard.site")


def _busiest(boards: Sequence[Board]) -> str:
    """The protocol that a visitor sees first: the one with most measured rows, the paper's with the fewest claims."""
    count = dict.fromkeys(PROTOCOLS, 0)
    for board in boards:
        count[board.protocol] += sum(row.badge != "reported" for row, _ in board.rows)
    return max(PROTOCOLS, key=lambda name: count[name])


def _unlike(board: Board) -> dict[str, list[str]]:
    keys = {name: board.keys(name) for name in board.metrics}
    return {name: [unlike(own, i) for i in range(len(own))] for name, own in keys.items() if len(own) > 1}


def cells_of(
    row: Row, measured: Measured, boards: Sequence[Board]
) -> tuple[Mapping[str, Cell], Mapping[str, tuple[float, float]], Mapping[str, Mapping[str, Any]]]:
    """The row's cells as on the index, the ends of each column's scale, and each column's best control and those above
    people (`Board.sticks`); none for a row that is on no board.
    """
    for board in boards:
        place = board.place(row.slug, measured)
        if place is not None:
            return board.cells[place], board.scales, board.sticks
    return {}, {}, {}


def dialogues_of(row: Row) -> list[Dialogues]:
    """By protocol what its page says of single dialogues: their values by metric, and why some have none."""
    return [_dialogues(measured) for measured in row.measured]


def _board_text(
    measured: Measured,
    cells: Mapping[str, Cell],
    scales: Mapping[str, tuple[float, float]],
    sticks: Mapping[str, Mapping[str, Any]],
    dialogues: Collection[str],
) -> dict[str, Any]:
    lines = {
        name: _line(name, measured, cells.get(name, {}), scales.get(name), name in dialogues)
        | _worth(name, measured, cells.get(name, {}), sticks.get(name, {}))
        for name in in_reading_order(measured.metrics)
    }
    grouped: dict[str, list[dict[str, Any]]] = {}
    for name, line in lines.items():
        grouped.setdefault(metric_help(name).family, []).append(line)
    titles = families()
    signatures = [str(entry["signature"]) for entry in measured.metrics.values() if entry.get("signature")]
    shared = _shared_end(signatures)
    return {
        "protocol": measured.protocol,
        "dataset": measured.dataset,
        "manifest": measured.manifest,
        "families": [(titles[family], grouped[family]) for family in titles if family in grouped],
        "signatures": "\n".join(line.removesuffix(shared) for line in signatures) or "none",
        "signatures_end": shared,
        "has_dialogues": bool(dialogues),
    }


def _shared_end(signatures: Sequence[str]) -> str:
    """The whole fields that all of them end with: the same version, machine and sampling, told of forty metrics."""
    backwards = [line.split("|")[:0:-1] for line in signatures]
    same = takewhile(lambda column: len(set(column)) == 1, zip(*backwards, strict=False))
    return "".join(f"|{column[0]}" for column in reversed(list(same))) if len(signatures) > 1 else ""


def _line(
    name: str, measured: Measured, cell: Cell, scale: tuple[float, float] | None, has_dialogues: bool
) -> dict[str, Any]:
    entry = measured.metrics[name]
    help_ = metric_help(name, entry)
    interval, bar = entry.get("interval"), None
    if interval and scale:
        bar = _bar((interval["low"], entry["value"], interval["high"]), scale)
    digits = help_.decimals
    rank = cell.get("rank", ())
    counted = entry.get("n_expected") is not None and ("value" in entry or "n_scored" in entry)
    dialogues = measured.data.get("dialogues")
    part = "value" in entry and is_part(entry, dialogues)
    return {
        "name": name,
        "title": help_.title,
        "arrow": ARROWS[help_.direction],
        "value": _printed(entry["value"], digits) if "value" in entry else "",
        "unit": help_.unit,
        "interval": f"[{_printed(interval['low'], digits)}, {_printed(interval['high'], digits)}]" if interval else "",
        "bar": bar,
        "rank": "–".join(str(place) for place in dict.fromkeys(rank)),
        "status": str(entry.get("status", "")).replace("_", " "),
        "reason": str(entry.get("reason", "")),
        "coverage": f"{entry['n_scored']}/{dialogues if part else entry['n_expected']}" if counted else DASH,
        "dialogues": has_dialogues,
        "incomplete": part or entry.get("n_scored") != entry.get("n_expected"),
    }


def _worth(name: str, measured: Measured, cell: Cell, stick: Mapping[str, Any]) -> dict[str, str]:
    """How far the number is ``over`` the best control, and what controls ``above`` people say of the metric."""
    over, digits = "", metric_help(name, measured.metrics[name]).decimals
    if "d" in cell:
        value, *ends = (f"{one:+.{digits}f}" for one in cell["d"])
        over = f"{value}{f' [{ends[0]}, {ends[1]}]' if ends else ''} over {stick['best']}"
    return {"over": over, "above": wins(stick.get("above", ()))}


def wins(above: Sequence[str]) -> str:
    """What to say of a metric by which these controls are above people; nothing where none is.

    Example:
        >>> wins(["parrot", "echo"])
        'parrot, echo: above people here; it does not measure listening.'
    """
    return f"{', '.join(above)}: above people here; it does not measure listening." if above else ""


def _dialogues(measured: Measured) -> Dialogues:
    samples = measured.samples
    values: dict[str, list[float | None]] = {}
    reasons: dict[str, dict[int, str]] = {}
    for name in in_reading_order(measured.metrics):
        own = [sample["metrics"].get(name, {}) for sample in samples]
        found = [_round(m["value"]) if "value" in m else None for m in own]
        if any(value is not None for value in found):
            values[name] = found
            told = {i: f"{m['status']}: {m['reason']}" for i, m in enumerate(own) if m.get("reason")}
            reasons |= {name: told} if told else {}
    return {
        "protocol": measured.protocol,
        "ids": [str(sample["id"]) for sample in samples],
        "people": [str(sample.get("person", "")) for sample in samples],
        "metrics": list(values),
        "main": main_columns(values),
        "values": values,
        "reasons": reasons,
        "whole": {
            name: {key: _round(value) for key, value in _whole(measured.metrics[name]).items()} for name in values
        },
    }


def _round(value: float) -> float:
    """Four digits: what a plot and a list of dialogues show."""
    return shorten(value, 4)


def _printed(value: float, digits: int) -> str:
    """With the metric's decimals; of what is too long for a column so, the first digits."""
    return f"{value + 0.0:.{digits}f}" if abs(value) < _LONG else f"{value:.4g}"


def _bar(values: tuple[float, float, float], scale: tuple[float, float]) -> list[int] | None:
    """Places on a scale in hundredths, kept on it; None for a scale without a length."""
    # Halves, so that no difference of two numbers is more than a number can be.
    low, high = (end / 2 for end in scale)
    if not high > low:
        return None
    return [round(100 * min(1.0, max(0.0, (value / 2 - low) / (high - low)))) for value in values]


def _whole(entry: Mapping[str, Any]) -> dict[str, float]:
    interval = entry.get("interval") or {}
    found = {"v": entry.get("value"), "l": interval.get("low"), "h": interval.get("high")}
    return {key: value for key, value in found.items() if value is not None}
