"""What ``omnibench run`` and ``omnibench score`` print in the end: every number of one run beside the best of the
trivial listeners, in 100 columns where names and units allow.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Final

from omnibench.files.score_records import MetricEntry, NoNumber, Number, Scores
from omnibench.metrics.protocol import STAND_INS
from omnibench.scoring.readiness import without_network
from omnibench.scoring.reasons import counted_mark
from omnibench.tables.controls import TRIVIAL, best_control
from omnibench.tables.paper import COLUMNS
from omnibench.tables.paper_tables import ARROWS, DASH, coverage_mark, interval_text, status_of

HEADINGS: Final = ("metric", "", "value", "95 % interval", "best control")
WIDTH: Final = 100
_RIGHT: Final = "value"
_BETTER: Final = {"higher": 1.0, "lower": -1.0}
_CLAIMED: Final[Mapping[str, str]] = {
    "times:claimed": "times as claimed, since nobody kept when the words came",
    "clock:claimed": "step times as claimed, since no run.json says who took them",
    "clock:model": "step times as the model's own process took them (--workers 0)",
}
"""What a part of a comparison key says of a number's times."""


def format_scores(scores: Scores, mark: str = "") -> str:
    """All metrics of one run, one a line: the paper's columns or what stands in for them, then the others, and at the
    end why some do not apply. ``mark`` stands behind the model's name (`omnibench.tables.paper_tables.run_mark`).
    Metrics whose networks are not here are left to one line below the table (`omnibench.scoring.reasons.footnotes`).

    The best control of a metric is shown where it was measured in the same way; ``>`` stands before one that beats the
    run.
    """
    data = scores.data
    extent = scores.part or f"{data.dialogues} dialogues"
    lines = [f"{scores.model or 'predictions'}{mark} on {scores.played} ({extent}), protocol {scores.protocol}"]
    first = [name for column in COLUMNS for name in (column, *STAND_INS.get(column, ())) if name in scores.metrics]
    no_network = without_network(scores.protocol, scores.metrics)
    names = [name for name in dict.fromkeys([*first, *scores.metrics]) if name not in no_network]
    absent: dict[str, list[str]] = {}
    rows: list[tuple[str, ...]] = []
    for name in names:
        entry = scores.metrics[name]
        if isinstance(entry, NoNumber) and entry.status in ("not_applicable", "not_paced"):
            reason = f"not paced: {entry.reason}" if entry.status == "not_paced" else entry.reason
            absent.setdefault(reason, []).append(name)
        else:
            rows.append(_row(name, entry, scores))
    lines += _columns(rows)
    notes = [f"{DASH}  {reason}: {', '.join(own)}" for reason, own in absent.items()]
    for part, meaning in _CLAIMED.items():
        marked = [name for name in names if f"|{part}|" in f"{scores.metrics[name].signature}|"]
        notes += [f"*  {meaning}: {', '.join(marked)}"] if marked else []
    if any(row[-1] for row in rows):
        notes.append(f">  beats the run; controls: {', '.join(TRIVIAL)}, which know nothing of the human listener")
    for note in notes:
        lines += textwrap.wrap(note, WIDTH, initial_indent="  ", subsequent_indent="     ", break_on_hyphens=False)
    return "\n".join(lines)


def _row(name: str, entry: MetricEntry, scores: Scores) -> tuple[str, ...]:
    from omnibench.metrics.base import METRICS

    if isinstance(entry, NoNumber):
        return (name, "", status_of(entry), coverage_mark(entry).strip(), "")
    spec = METRICS.get(name).spec
    value = f"{entry.value:.{spec.decimals}f}"
    marks = (coverage_mark(entry).strip(), counted_mark(entry, scores.protocol))
    behind = " ".join(filter(None, (interval_text(entry, spec.decimals).strip(), spec.unit, *marks)))
    return (name, ARROWS[spec.direction], value, behind, _control(entry, scores.model, spec.decimals))


def _control(entry: Number, model: str, decimals: int) -> str:
    best = best_control(entry, model)
    if best is None:
        return ""
    sign = _BETTER[entry.direction]
    beats = "> " if sign * best.value > sign * entry.value else "  "
    return f"{beats}{best.value:.{decimals}f} {best.name}"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    shown = [column for column in range(len(HEADINGS)) if column < 3 or any(row[column] for row in rows)]
    cells = [HEADINGS, *rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = []
    for line in cells:
        parts = [line[c].rjust(widths[c]) if HEADINGS[c] == _RIGHT else line[c].ljust(widths[c]) for c in shown]
        lines.append(f"  {'  '.join(parts)}".rstrip())
    return lines if rows else []
