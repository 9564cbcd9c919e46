"""``omnibench compare``: is the difference between two runs more than chance?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from omnibench.scoring.comparison import Comparison

HEADINGS: Final = ("metric", "A", "B", "A - B", "interval", "p", "p Holm", "verdict")


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--metrics", help="Only these, comma-separated; the correction is then for these alone.")
@click.option("--seed", default=0, show_default=True, help="Of the swaps, where there are too many to try all.")
@click.option("--json", "json_file", help="Also write the comparison there; - is stdout.")
def compare(run_a: Path, run_b: Path, metrics: str | None, seed: int, json_file: str | None) -> None:
    """Compare two scored runs on the dialogues that both have: is a difference more than chance?

    Test: approximate randomisation. All dialogues of one person (the human listener; where the data set names nobody,
    single dialogues) are swapped between the runs, and the metric is taken anew, each way or, beyond some thousand
    ways, a sample of them. p is the share of the ways that differ as much as what was seen.

    Interval: the differences that the same test does not reject, at 95 % or what so few people allow.

    Verdict: by p after Holm's correction for all metrics compared, at .05.

    Sources: Noreen 1989; Hartigan 1969; Holm 1979; Canay, Romano & Shaikh 2017.
    """
    from omnibench.files.atomic import write_text
    from omnibench.scoring.comparison import compare_runs
    from omnibench.tables.paper_tables import run_mark

    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None
    rows = compare_runs(run_a, run_b, seed, names)
    quiet = json_file == "-"
    sides = (f"{name} = {run}{run_mark(run)}{_part(run)}" for name, run in (("A", run_a), ("B", run_b)))
    for line in (*_table(rows), *_notes(rows), *sides):
        click.echo(line, err=quiet)
    document = {"a": str(run_a), "b": str(run_b), "seed": seed, "metrics": {row.metric: _entry(row) for row in rows}}
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
    elif json_file is not None:
        write_text(Path(json_file), text)


def _part(run: Path) -> str:
    from omnibench.scoring.scores import read_scores

    part = read_scores(run / "scores.json").part
    return f", {part}" if part else ""


def _table(rows: Sequence[Comparison]) -> list[str]:
    """The compared metrics in columns, then the others with their reasons, each reason once."""
    cells = [HEADINGS, *(_cells(row) for row in rows if row.p_value is not None)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    text_columns = ("metric", "interval", "verdict")
    lines = [
        "  ".join(
            cell.ljust(width) if heading in text_columns else cell.rjust(width)
            for cell, width, heading in zip(line, widths, HEADINGS, strict=True)
        ).rstrip()
        for line in cells
    ]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.p_value is None:
            reasons.setdefault(row.reason, []).append(row.metric)
    return lines + [f"not compared: {', '.join(names)}: {reason}" for reason, names in reasons.items()]


def _cells(row: Comparison) -> tuple[str, ...]:
    from omnibench.metrics.base import METRICS

    digits = METRICS.get(row.metric).spec.decimals
    a, b, p_value, p_holm = (number or 0.0 for number in (row.a, row.b, row.p_value, row.p_holm))
    interval = f"[{row.interval.low:.{digits}f}, {row.interval.high:.{digits}f}]" if row.interval else "–"
    numbers = (f"{a:.{digits}f}", f"{b:.{digits}f}", f"{a - b:+.{digits}f}", interval, f"{p_value:.4f}")
    return (row.metric, *numbers, f"{p_holm:.4f}", row.verdict)


def _notes(rows: Sequence[Comparison]) -> list[str]:
    """What holds for many rows, said once: units, the smallest p, the intervals' level, missing dialogues."""
    from omnibench.scoring.comparison import CHANCE, UNITS
    from omnibench.scoring.reasons import listed

    tested = [row for row in rows if row.p_value is not None]
    found: dict[str, list[str]] = {}
    for row in tested:
        line = f"{row.n_units} {UNITS[row.unit]}: p cannot go below {row.smallest_p:.3g}"
        if CHANCE / len(tested) < row.smallest_p <= CHANCE:
            line += f", which the correction for {len(tested)} metrics makes {row.smallest_p * len(tested):.2g}"
            line += " (--metrics names the few that matter)"
        if row.interval is not None:
            line += f"; intervals at {100 * row.level:.4g} %"
        found.setdefault(line, []).append(row.metric)
        if row.unit != "dialogue":
            found.setdefault(f"{row.dialogues} dialogues", []).append(row.metric)
        if row.note:
            found.setdefault(row.note, []).append(row.metric)
    whole = len(tested)
    return [line if len(names) == whole else f"{line} ({listed(names)})" for line, names in found.items()]


def _entry(row: Comparison) -> dict[str, Any]:
    if row.a is None or row.b is None or row.p_value is None:
        return {"status": "not_compared", "reason": row.reason}
    entry: dict[str, Any] = {"a": row.a, "b": row.b, "difference": row.a - row.b}
    entry |= {"p_value": row.p_value, "p_holm": row.p_holm, "verdict": row.verdict}
    entry |= {"unit": row.unit, "n_units": row.n_units, "smallest_p": row.smallest_p}
    if row.interval is not None:
        entry["interval"] = {"low": row.interval.low, "high": row.interval.high, "level": row.level}
        entry["interval"]["method"] = row.interval.method
    return {**entry, "dialogues": row.dialogues, **({"note": row.note} if row.note else {})}
