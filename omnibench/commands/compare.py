"""``omnibench compare``: is the difference between two runs more than chance?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from omnibench.comparison import Comparison


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--metrics", help="Only these, comma-separated.")
@click.option("--seed", default=0, show_default=True, help="Of the resampling.")
@click.option("--json", "json_file", help="Also write the comparison there; - is stdout.")
def compare(run_a: Path, run_b: Path, metrics: str | None, seed: int, json_file: str | None) -> None:
    """Compare two scored runs on the dialogues that both have: difference, 95 % interval, p by approximate
    randomisation.
    """
    from omnibench.comparison import compare_runs
    from omnibench.media.atomic import write_text
    from omnibench.tables import run_mark

    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None
    rows = compare_runs(run_a, run_b, seed, names)
    quiet = json_file == "-"
    click.echo(f"{'metric':<22} {'A':>10} {'B':>10} {'A - B':>10}  95 % interval          p       n", err=quiet)
    for row in rows:
        click.echo(_line(row), err=quiet)
    click.echo(f"A = {run_a}{run_mark(run_a)}, B = {run_b}{run_mark(run_b)}", err=quiet)
    document = {"a": str(run_a), "b": str(run_b), "seed": seed, "metrics": {row.metric: _entry(row) for row in rows}}
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
    elif json_file is not None:
        write_text(Path(json_file), text)


def _line(row: Comparison) -> str:
    from omnibench.metrics.base import METRICS

    if row.a is None or row.b is None or row.p_value is None:
        return f"{row.metric:<22} not compared: {row.reason}"
    digits = METRICS.get(row.metric).spec.decimals
    interval = f"[{row.interval.low:.{digits}f}, {row.interval.high:.{digits}f}]" if row.interval else "–"
    note = f"  ({row.note})" if row.note else ""
    return (
        f"{row.metric:<22} {row.a:>10.{digits}f} {row.b:>10.{digits}f} {row.a - row.b:>+10.{digits}f}  "
        f"{interval:<22} {row.p_value:<7.4f} {row.dialogues}{note}"
    )


def _entry(row: Comparison) -> dict[str, Any]:
    if row.a is None or row.b is None or row.p_value is None:
        return {"status": "not_compared", "reason": row.reason}
    entry: dict[str, Any] = {"a": row.a, "b": row.b, "difference": row.a - row.b, "p_value": row.p_value}
    if row.interval is not None:
        entry["interval"] = {"low": row.interval.low, "high": row.interval.high, "method": row.interval.method}
    return {**entry, "dialogues": row.dialogues, **({"note": row.note} if row.note else {})}
