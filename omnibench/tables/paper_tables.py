"""The paper's tables with our rows beside them. Reads scores only; never imports torch.

For people (`text_table`) and for programs (`long_frame`, numbers in columns of their own).

A cell is a value with its interval; ``–`` is the paper's dash (does not apply), ``·`` a metric that the run was not
scored with, ``(138/140 !)`` incomplete coverage, ``failed`` that the model answered nothing. What a protocol measures
in place of one of the paper's metrics has a column of its own beside it, under its own name. Reported rows and measured
rows never share a ranking, so none is sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError, UsageError
from omnibench.files.records import Card, RunRecord
from omnibench.files.score_records import MetricEntry, NoNumber, Scores
from omnibench.metrics.protocol import STAND_INS
from omnibench.scoring.reasons import counted_mark
from omnibench.scoring.scores import read_scores
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
    *("status", "part", "condition", "pace", "machine", "read_back"),
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
    card: Card

    @property
    def model(self) -> str:
        """The model's name, or the folder's where nobody said."""
        return self.card.name or self.scores.model or self.folder.name

    @property
    def kind(self) -> str:
        """``online``, ``offline``, ``control`` or ``""``."""
        return self.card.kind


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


def _read_card(folder: Path) -> Card:
    path = folder / "run.json"
    return RunRecord.read(path, "Run again, or leave the folder out of --runs.").model if path.exists() else Card()


def run_mark(folder: Path) -> str:
    """`` (offline)`` or `` (control)`` for a run whose ``run.json`` says so, else ``""``."""
    return MARKS.get(_read_card(folder).kind, "")


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
    rank it beside others, nor rows of one ``condition``, ``pace`` or ``read_back`` beside those of another, nor
    paced rows of one ``machine`` beside those of another.

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
        about |= {"data": data.label, "split": data.split, "protocol": run.scores.protocol}
        about |= {"condition": run.scores.condition, "pace": run.scores.pace, "machine": run.scores.machine}
        about |= {"read_back": run.scores.read_back}
        for metric in metrics:
            numbers_ = _numbers(run.scores.metrics.get(metric))
            rows.append({**about, "metric": metric, **numbers_, "part": data.part})
    frame = pd.DataFrame(rows, columns=list(CSV_COLUMNS))
    numbers = frame.astype(dict.fromkeys(("value", "low", "high"), "float64"))
    return numbers.astype(dict.fromkeys(("n", "n_expected"), "Int64"))


def _numbers(entry: MetricEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"status": "not_measured"}
    counts = {"n": entry.n_scored, "n_expected": entry.n_expected} if "n_scored" in entry.model_fields_set else {}
    if isinstance(entry, NoNumber):
        return {**counts, "status": status_of(entry)}
    ends: dict[str, float] = {} if entry.interval is None else {"low": entry.interval.low, "high": entry.interval.high}
    status = "incomplete" if entry.incomplete else "ok"
    return {"value": entry.value, **ends, **counts, "n": entry.counted, "status": status}


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
        transfer = " (transferred)" if run.card.transferred else ""
        data = run.scores.data
        part = f" ({data.asked} of {data.dialogues} dialogues)" if data.part else ""
        names = [f"{run.model}{MARKS.get(run.kind, '')}{transfer}"]
        names += [f"{run.scores.played}{part}", run.scores.protocol]
        rows.append((_group(table, run), names + [cell(run.scores, metric) for metric in columns]))
    return rows


def _group(table: ReportedTable, run: Run) -> str:
    if run.kind == "control" and run.model != "ground_truth":
        return CONTROLS
    return {row.model: row.group for row in table.rows}.get(run.model, run.card.group)


def status_of(entry: NoNumber) -> str:
    """The status of an entry without a value; ``failed`` where that is because the model failed on every dialogue."""
    reasons = entry.not_scored.values()
    everywhere = entry.status == "not_scored" and len(reasons) >= entry.n_expected > 0
    return "failed" if everywhere and all(r.startswith(_FAILED) for r in reasons) else entry.status


def cell(scores: Scores, metric: str) -> str:
    """One cell: value, interval and marks of coverage, or the sign of why there is none."""
    entry = scores.metrics.get(metric)
    if entry is None:
        return NOT_SCORED
    if isinstance(entry, NoNumber) and entry.status == "not_applicable":
        return DASH
    place = next((column for column, names in STAND_INS.items() if metric in names), metric)
    decimals = COLUMNS[place].decimals if place in COLUMNS else 3
    text = status_of(entry) if isinstance(entry, NoNumber) else f"{entry.value:.{decimals}f}"
    marks = f"{coverage_mark(entry)} {counted_mark(entry, scores.protocol)}"
    return f"{text}{interval_text(entry, decimals)}{marks}".rstrip()


def interval_text(entry: MetricEntry, decimals: int) -> str:
    """`` [0.120, 0.163]``, or ``""`` where there is no interval."""
    if isinstance(entry, NoNumber) or entry.interval is None:
        return ""
    return f" [{entry.interval.low:.{decimals}f}, {entry.interval.high:.{decimals}f}]"


def coverage_mark(entry: MetricEntry) -> str:
    """`` (138/140 !)`` where coverage is incomplete, else ``""``; nothing behind ``failed``, which says it."""
    if not entry.incomplete or (isinstance(entry, NoNumber) and status_of(entry) == "failed"):
        return ""
    return f" ({entry.n_scored}/{entry.n_expected} !)"
