"""``omnibench compare``: is the difference between two runs more than chance?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Of the resampling.")
def compare(run_a: Path, run_b: Path, seed: int) -> None:
    """Compare two scored runs, dialogue by dialogue: difference, 95 % interval, p by approximate randomisation."""
    from omnibench.comparison import compare_runs
    from omnibench.metrics.base import METRICS

    click.echo(f"{'metric':<22} {'A':>10} {'B':>10} {'A - B':>10}  95 % interval          p       n")
    for row in compare_runs(run_a, run_b, seed):
        if row.a is None or row.b is None or row.p_value is None:
            click.echo(f"{row.metric:<22} not compared: {row.reason}")
            continue
        digits = METRICS.get(row.metric).spec.decimals
        interval = f"[{row.interval.low:.{digits}f}, {row.interval.high:.{digits}f}]" if row.interval else "–"
        click.echo(
            f"{row.metric:<22} {row.a:>10.{digits}f} {row.b:>10.{digits}f} {row.a - row.b:>+10.{digits}f}  "
            f"{interval:<22} {row.p_value:<7.4f} {row.dialogues}"
        )
    click.echo(f"A = {run_a}, B = {run_b}")
