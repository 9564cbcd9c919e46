"""``omnibench table``: the paper's tables with our rows beside them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click


@click.command()
@click.argument("number", type=click.Choice(["2", "3"]), default="2")
@click.option(
    "--runs",
    "root",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where the scored runs are.",
)
@click.option("--format", "form", type=click.Choice(["md", "latex", "html", "csv"]), default="md", show_default=True,
              help="csv: one row a model and metric, with numbers in columns of their own.")  # fmt: skip
@click.option("--protocol", help="Rows scored under this protocol, by name or FILE.toml; each run's latest otherwise.")
@click.option("--paper/--no-paper", default=True, show_default=True, help="The paper's reported rows.")
def table(number: str, root: Path, form: str, protocol: str | None, paper: bool) -> None:
    """Print the paper's Table 2 (all systems) or 3 (ablations) in its groups, our runs beside it."""
    from omnibench.metrics.protocol import load_protocol
    from omnibench.tables.formats import Form, render
    from omnibench.tables.paper_tables import LEGEND, find_runs, long_frame, text_table

    if protocol is not None:
        protocol = load_protocol(protocol).name
    explicit = click.get_current_context().get_parameter_source("root") is click.core.ParameterSource.COMMANDLINE
    runs = find_runs(root, protocol) if explicit or root.is_dir() else []
    if form == "csv":
        click.echo(long_frame(int(number), runs, paper).to_csv(index=False), nl=False)
    else:
        click.echo(render(text_table(int(number), runs, paper), cast(Form, form)), nl=False)
    click.echo(LEGEND, err=form != "md")
    if number == "3":
        from omnibench.tables.ablations import ablation_notes

        for note in ablation_notes(runs):
            click.echo(f"\n{note}", err=form != "md")
    if not runs:
        click.echo(f"No scored runs in {root}/: `omnibench run --model omniresponse` makes one.", err=True)
