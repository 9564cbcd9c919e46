"""The paper's tables with our rows beside them. Reads scores only; never imports torch.

A cell is a value with its interval; ``–`` is the paper's dash (does not apply), ``·`` a metric that the run was not
scored with, ``(138/140 !)`` incomplete coverage. What a protocol measures in place of one of the paper's metrics has a
column of its own beside it, under its own name. Reported rows and measured rows never share a ranking, so none is
sorted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from omnibench.errors import InputError, UsageError
from omnibench.metrics.protocol import STAND_INS
from omnibench.paper import COLUMNS, SOURCE, TABLES, ReportedTable
from omnibench.scores import Scores, read_scores

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["md", "latex", "html", "csv"]
DASH: Final = "–"
NOT_SCORED: Final = "·"
ARROWS: Final = {"higher": "↑", "lower": "↓", "none": ""}
CONTROLS: Final = "Controls"
MARKS: Final = {"offline": " (offline)", "control": " (control)"}
"""What stands behind the name of a model of that kind, wherever rows are shown."""

LEGEND: Final = (
    f"{DASH} does not apply; {NOT_SCORED} the row was not scored with it; ! incomplete coverage; "
    f"[low, high] 95 % interval over dialogues. Columns with lower-case names are stand-ins for the column before, "
    f"other quantities on other scales. Reported rows are the paper's own numbers ({SOURCE}), on ResponseNet; "
    "rows on other data or under another protocol are not comparable with them."
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


def table_frame(number: int, runs: Sequence[Run], paper: bool = True) -> pd.DataFrame:
    """The cells of Table 2 or 3 as text: columns Group, Model, Data, Protocol, then the paper's metrics, each followed
    by the stand-ins that a run has instead.

    Args:
        number: 2 or 3.
        runs: our rows; Table 3 keeps those of OmniResponse and its ablations.
        paper: whether the paper's rows are in it.

    Raises:
        UsageError: the paper has no such table of results.
    """
    import pandas as pd

    if number not in TABLES:
        raise UsageError(f"Table {number}: expected 2 (all systems) or 3 (ablations).")
    table = TABLES[number]
    chosen = [run for run in runs if number == 2 or run.model in {row.model for row in table.rows}]
    metrics = _columns(table, chosen, paper)
    rows = [*(_reported(table, metrics) if paper else ()), *_measured(table, metrics, chosen)]
    order = list(dict.fromkeys(["", *(r.group for r in table.rows), *(row["Group"] for row in rows)]))
    rows.sort(key=lambda row: order.index(row["Group"]))
    return pd.DataFrame(rows, columns=["Group", "Model", "Data", "Protocol", *metrics.values()])


def _columns(table: ReportedTable, runs: Sequence[Run], paper: bool) -> dict[str, str]:
    """Headings by metric. Without the paper's rows, a column that only stand-ins would fill is left out."""
    columns = {}
    for metric in table.metrics:
        stand_ins = [name for name in STAND_INS.get(metric, ()) if any(name in run.scores.metrics for run in runs)]
        if paper or not stand_ins or any(metric in run.scores.metrics for run in runs):
            columns[metric] = f"{COLUMNS[metric].title} {ARROWS[COLUMNS[metric].direction]}"
        columns |= {name: f"{name} {ARROWS[COLUMNS[metric].direction]}" for name in stand_ins}
    return columns


def _reported(table: ReportedTable, columns: Mapping[str, str]) -> list[dict[str, str]]:
    rows = []
    for row in table.rows:
        cells = dict.fromkeys(columns.values(), NOT_SCORED)
        for metric, value in zip(table.metrics, row.values, strict=True):
            cells[columns[metric]] = DASH if value is None else f"{value:.{COLUMNS[metric].decimals}f}"
        rows.append(
            {"Group": row.group, "Model": row.title, "Data": "ResponseNet test", "Protocol": "reported", **cells}
        )
    return rows


def _measured(table: ReportedTable, columns: Mapping[str, str], runs: Sequence[Run]) -> list[dict[str, str]]:
    groups = {row.model: row.group for row in table.rows}
    rows = []
    for run in runs:
        control = run.kind == "control" and run.model != "ground_truth"
        mark = MARKS.get(run.kind, "")
        transfer = " (transferred)" if run.card.get("transferred") else ""
        data = run.scores.data
        rows.append(
            {
                "Group": CONTROLS if control else groups.get(run.model, str(run.card.get("group", ""))),
                "Model": f"{run.model}{mark}{transfer}",
                "Data": f"{data.get('version') or data['name']} {data['split']}",
                "Protocol": run.scores.protocol,
                **{heading: cell(run.scores, metric) for metric, heading in columns.items()},
            }
        )
    return rows


def cell(scores: Scores, metric: str) -> str:
    """One cell: value, interval and coverage mark, or the sign of why there is none."""
    entry = scores.metrics.get(metric)
    if entry is None:
        return NOT_SCORED
    if entry.get("status") == "not_applicable":
        return DASH
    place = next((column for column, names in STAND_INS.items() if metric in names), metric)
    return format_value(entry, COLUMNS[place].decimals if place in COLUMNS else 3)


def format_value(entry: Mapping[str, Any], decimals: int) -> str:
    """``0.141 [0.120, 0.163]`` or the status of what has no value, and ``(138/140 !)`` where coverage is incomplete."""
    text = f"{entry['value']:.{decimals}f}" if "value" in entry else str(entry["status"])
    if "interval" in entry:
        text += f" [{entry['interval']['low']:.{decimals}f}, {entry['interval']['high']:.{decimals}f}]"
    if entry.get("n_scored") != entry.get("n_expected"):
        text += f" ({entry['n_scored']}/{entry['n_expected']} !)"
    return text


def render_table(frame: pd.DataFrame, form: Format) -> str:
    """A table as Markdown, LaTeX (booktabs), HTML or CSV. Groups become a row of their own, in CSV a column."""
    if form == "csv":
        return frame.to_csv(index=False)
    grouped = _with_group_rows(frame)
    if form == "md":
        return grouped.to_markdown(index=False, disable_numparse=True) + "\n"
    if form == "html":
        return grouped.to_html(index=False, border=0) + "\n"
    if form == "latex":
        shown = grouped.rename(columns=lambda name: name.replace("↑", r"$\uparrow$").replace("↓", r"$\downarrow$"))
        shown = shown.map(
            lambda text: text.replace("%", r"\%").replace("_", r"\_").replace("–", "--").replace("·", r"$\cdot$")
        )
        shape = "llll"[:3] + "r" * (shown.shape[1] - 3)
        return shown.style.hide(axis="index").to_latex(hrules=True, column_format=shape)
    raise UsageError(f"Format {form}: expected md, latex, html or csv.")


def _with_group_rows(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, str]] = []
    current = ""
    for row in frame.to_dict("records"):
        group = str(row.pop("Group"))
        if group and group != current:
            rows.append({**dict.fromkeys(map(str, row), ""), "Model": group})
        current = group
        rows.append({str(key): str(value) for key, value in row.items()})
    return pd.DataFrame(rows, columns=[c for c in frame.columns if c != "Group"])


def format_scores(scores: Scores, mark: str = "") -> str:
    """All metrics of one run, one a line, for the end of ``omnibench run`` and ``omnibench score``: the paper's columns
    or what stands in for them, then the others. ``mark`` stands behind the model's name (`run_mark`).
    """
    from omnibench.metrics.base import METRICS

    data = scores.data
    lines = [
        f"{scores.model or 'predictions'}{mark} on {data['version'] or data['name']} {data['split']} "
        f"({data['dialogues']} dialogues), protocol {scores.protocol}"
    ]
    first = [name for column in COLUMNS for name in (column, *STAND_INS.get(column, ())) if name in scores.metrics]
    for name in (*first, *(name for name in scores.metrics if name not in first)):
        entry = scores.metrics[name]
        if "value" in entry:
            spec = METRICS.get(name).spec
            text = f"{format_value(entry, spec.decimals)} {spec.unit} {ARROWS[spec.direction]}"
        elif entry["status"] == "not_applicable":
            text = f"{DASH}  ({entry['reason']})"
        else:
            text = f"{format_value(entry, 0)}: {entry['reason']}"
        lines.append(f"  {name:<22} {text.rstrip()}")
    return "\n".join(lines)
