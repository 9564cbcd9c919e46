"""The paper's tables with our rows beside them. Reads scores only; never imports torch.

For people (`text_table`) and for programs (`long_frame`, numbers in columns of their own).

A cell is a value with its interval; ``–`` is the paper's dash (does not apply), ``·`` a metric that the run was not
scored with, ``(138/140 !)`` incomplete coverage, ``failed`` that the model answered nothing. What a protocol measures
in place of one of the paper's metrics has a column of its own beside it, under its own name. Reported rows and measured
rows never share a ranking, so none is sorted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError, UsageError
from omnibench.metrics.protocol import STAND_INS
from omnibench.scoring.reasons import counted_mark
from omnibench.scoring.scores import Scores, read_scores
from omnibench.tables.formats import TextTable
from omnibench.tables.paper import COLUMNS, SOURCE, TABLES, ReportedTable

if TYPE_CHECKING:
    import pandas as pd

DASH: Final = "–"
NOT_SCORED: Final = "·"
ARROWS: Final = {"higher": "↑", "lower": "↓", "none": ""}
CONTROLS: Final = "Controls"
CSV_COLUMNS: Final = (
    *("group", "model", "kind", "data", "split", "protocol", "metric", "value", "low", "high", "n", "n_expected"),
    *("status", "part"),
)
_NAMES: Final = 3
"""Columns before the numbers."""

_EMPTY: Final = (NOT_SCORED, DASH, "")
_FAILED: Final = "model_failed"
MARKS: Final = {"offline": " (offline)", "control": " (control)"}
"""What stands behind the name of a model of that kind, wherever rows are shown."""

LEGEND: Final = (
    f"{DASH} does not apply; {NOT_SCORED} the row was not scored with it; ! incomplete coverage; "
    "failed: no answer to any dialogue; [low, high] 95 % interval, over people where the data set names them, else "
    "over dialogues. Columns with lower-case names are stand-ins for the column before, other quantities on other "
    f"scales. Reported rows are the paper's own numbers ({SOURCE}), on ResponseNet; rows on other data, on a part of a "
    "split, or under another protocol are not comparable with them."
)


@dataclass(frozen=True, slots=True)
class Run:
    """A scored run: where it is, its scores, and its model card as ``run.json`` holds it (empty without one)."""

    folder: Path
    scores: Scores
    card: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model's name, or the folder's where nobody said."""
        return str(self.card.get("name") or self.scores.model or self.folder.name)

    @property
    def kind(self) -> str:
        """``online``, ``offline``, ``control`` or ``""``."""
        return str(self.card.get("kind", ""))


def find_runs(root: Path, protocol: str | None = None) -> list[Run]:
    """All scored runs below a folder, sorted by path.

    Args:
        root: like ``runs``; may itself be a run.
        protocol: only scores under it; by default each run's latest.

    Raises:
        InputError: the folder does not exist, or a file in it is damaged.
    """
    if not root.is_dir():
        raise InputError(
            f"{root}: no such folder. Run `omnibench run --model omniresponse` first, or name another with --runs."
        )
    name = f"scores.{protocol}.json" if protocol else "scores.json"
    return [_read_run(path) for path in sorted(root.rglob(name))]


def _read_run(path: Path) -> Run:
    return Run(path.parent, read_scores(path), _read_card(path.parent))


def _read_card(folder: Path) -> Mapping[str, Any]:
    manifest = folder / "run.json"
    if not manifest.is_file():
        return {}
    try:
        card: Mapping[str, Any] = json.loads(manifest.read_text(encoding="utf-8")).get("model", {})
    except ValueError as error:
        raise InputError(f"{manifest}: not JSON ({error}).") from error
    return card


def run_mark(folder: Path) -> str:
    """`` (offline)`` or `` (control)`` for a run whose ``run.json`` says so, else ``""``."""
    return MARKS.get(str(_read_card(folder).get("kind", "")), "")


def text_table(number: int, runs: Sequence[Run], paper: bool = True) -> TextTable:
    """Table 2 or 3 as text: model, data and protocol, then the paper's metrics, each followed by the stand-ins that a
    run has instead. A column in which nobody has a value is left out.

    Args:
        number: 2 or 3.
        runs: our rows; Table 3 keeps those of OmniResponse and its ablations.
        paper: whether the paper's rows are in it.

    Raises:
        UsageError: the paper has no such table of results.
    """
    table, chosen = _chosen(number, runs)
    metrics = _columns(table, chosen)
    rows = [*(_reported(table, metrics) if paper else ()), *_measured(table, metrics, chosen)]
    order = list(dict.fromkeys(["", *(r.group for r in table.rows), *(group for group, _ in rows)]))
    rows.sort(key=lambda row: order.index(row[0]))
    headings = ["Model", "Data", "Protocol", *metrics.values()]
    filled = [i for i in range(len(headings)) if i < _NAMES or any(cells[i] not in _EMPTY for _, cells in rows)]
    kept = [(group, [cells[i] for i in filled]) for group, cells in rows]
    return TextTable([headings[i] for i in filled], kept, _NAMES, (LEGEND,))


def long_frame(number: int, runs: Sequence[Run], paper: bool = True) -> pd.DataFrame:
    """Table 2 or 3 for programs: one row a model and metric, none left out.

    ``value``, ``low`` and ``high`` are floats, ``n`` the dialogues that made the value and ``n_expected`` those that
    should, all of them missing where there is no such number. ``status`` is ``ok``, ``incomplete`` (a value of some
    dialogues), ``reported`` (the paper's own), ``not_measured`` (the row has no such metric), ``failed`` (the model
    answered nothing), or the status of ``scores.json``. ``part`` says that a part of the split was asked for: never
    rank it beside others.

    Args and errors as `text_table`.
    """
    import pandas as pd

    table, chosen = _chosen(number, runs)
    metrics = list(_columns(table, chosen))
    rows: list[dict[str, Any]] = []
    for row in table.rows if paper else ():
        values = dict(zip(table.metrics, row.values, strict=True))
        about = {"group": row.group, "model": row.model, "kind": "", "data": "ResponseNet", "split": "test"}
        for metric in metrics:
            status = "not_measured" if metric not in values else "reported"
            status = "not_applicable" if metric in values and values[metric] is None else status
            number_ = {"value": values.get(metric), "status": status, "part": False}
            rows.append({**about, "protocol": "reported", "metric": metric, **number_})
    for run in chosen:
        data = run.scores.data
        about = {"group": _group(table, run), "model": run.model, "kind": run.kind}
        about |= {"data": data.get("version") or data["name"], "split": data["split"], "protocol": run.scores.protocol}
        for metric in metrics:
            entry = run.scores.metrics.get(metric, {"status": "not_measured"})
            rows.append({**about, "metric": metric, **_numbers(entry), "part": bool(data.get("part"))})
    frame = pd.DataFrame(rows, columns=list(CSV_COLUMNS))
    numbers = frame.astype(dict.fromkeys(("value", "low", "high"), "float64"))
    return numbers.astype(dict.fromkeys(("n", "n_expected"), "Int64"))


def _numbers(entry: Mapping[str, Any]) -> dict[str, Any]:
    interval = entry.get("interval", {})
    whole = entry.get("n_scored") == entry.get("n_expected")
    status = ("ok" if whole else "incomplete") if "value" in entry else status_of(entry)
    found = {"value": entry.get("value"), "low": interval.get("low"), "high": interval.get("high")}
    return {
        **found,
        "n": entry.get("n_counted", entry.get("n_scored")),
        "n_expected": entry.get("n_expected"),
        "status": status,
    }


def _chosen(number: int, runs: Sequence[Run]) -> tuple[ReportedTable, list[Run]]:
    if number not in TABLES:
        raise UsageError(f"Table {number}: expected 2 (all systems) or 3 (ablations).")
    table = TABLES[number]
    return table, [run for run in runs if number == 2 or run.model in {row.model for row in table.rows}]


def _columns(table: ReportedTable, runs: Sequence[Run]) -> dict[str, str]:
    """Headings by metric."""
    columns: dict[str, str] = {}
    for metric in table.metrics:
        arrow = ARROWS[COLUMNS[metric].direction]
        stand_ins = [name for name in STAND_INS.get(metric, ()) if any(name in run.scores.metrics for run in runs)]
        columns |= {metric: f"{COLUMNS[metric].title} {arrow}", **{name: f"{name} {arrow}" for name in stand_ins}}
    return columns


def _reported(table: ReportedTable, columns: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    rows = []
    for row in table.rows:
        values = dict(zip(table.metrics, row.values, strict=True))
        cells = [_reported_cell(values[name], name) if name in values else NOT_SCORED for name in columns]
        rows.append((row.group, [row.title, "ResponseNet test", "reported", *cells]))
    return rows


def _reported_cell(value: float | None, metric: str) -> str:
    return DASH if value is None else f"{value:.{COLUMNS[metric].decimals}f}"


def _measured(table: ReportedTable, columns: Mapping[str, str], runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    rows = []
    for run in runs:
        transfer = " (transferred)" if run.card.get("transferred") else ""
        data = run.scores.data
        part = f" ({data['asked']} of {data['dialogues']} dialogues)" if data.get("part") else ""
        names = [f"{run.model}{MARKS.get(run.kind, '')}{transfer}"]
        names += [f"{data.get('version') or data['name']} {data['split']}{part}", run.scores.protocol]
        rows.append((_group(table, run), names + [cell(run.scores, metric) for metric in columns]))
    return rows


def _group(table: ReportedTable, run: Run) -> str:
    if run.kind == "control" and run.model != "ground_truth":
        return CONTROLS
    return {row.model: row.group for row in table.rows}.get(run.model, str(run.card.get("group", "")))


def status_of(entry: Mapping[str, Any]) -> str:
    """The status of an entry without a value; ``failed`` where that is because the model failed on every dialogue."""
    reasons = entry.get("not_scored", {}).values()
    everywhere = entry["status"] == "not_scored" and len(reasons) >= entry.get("n_expected", 0) > 0
    return "failed" if everywhere and all(r.startswith(_FAILED) for r in reasons) else str(entry["status"])


def cell(scores: Scores, metric: str) -> str:
    """One cell: value, interval and marks of coverage, or the sign of why there is none."""
    entry = scores.metrics.get(metric)
    if entry is None:
        return NOT_SCORED
    if entry.get("status") == "not_applicable":
        return DASH
    place = next((column for column, names in STAND_INS.items() if metric in names), metric)
    decimals = COLUMNS[place].decimals if place in COLUMNS else 3
    text = f"{entry['value']:.{decimals}f}" if "value" in entry else status_of(entry)
    counted = counted_mark(entry, scores.protocol) if "value" in entry else ""
    return f"{text}{interval_text(entry, decimals)}{coverage_mark(entry)} {counted}".rstrip()


def interval_text(entry: Mapping[str, Any], decimals: int) -> str:
    """`` [0.120, 0.163]``, or ``""`` where there is no interval."""
    if "interval" not in entry:
        return ""
    return f" [{entry['interval']['low']:.{decimals}f}, {entry['interval']['high']:.{decimals}f}]"


def coverage_mark(entry: Mapping[str, Any]) -> str:
    """`` (138/140 !)`` where coverage is incomplete, else ``""``; nothing behind ``failed``, which says it."""
    whole = entry.get("n_scored") == entry.get("n_expected")
    if whole or ("value" not in entry and status_of(entry) == "failed"):
        return ""
    return f" ({entry['n_scored']}/{entry['n_expected']} !)"
