"""``omnibench report``: one run as one page with synchronized players."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from omnibench.report.build import Media


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="The HTML file; report.html in the predictions by default."
)
@click.option("--data", help="Where the speaker is: a data set's name, or a folder; by default what run.json names.")
@click.option("--split", help="That of run.json by default, else test.")
@click.option("--ids", multiple=True, help="Only these dialogues, A,B,C; may be repeated, as for an id with a comma.")
@click.option("--media", type=click.Choice(["embed", "beside", "none"]), default="embed", show_default=True,
              help="Clips inside the page, in a folder beside it, or not at all.")  # fmt: skip
def report(
    predictions: Path, out: Path | None, data: str | None, split: str | None, ids: tuple[str, ...], media: str
) -> None:
    """Make one HTML page of a run: speaker and answer side by side, their words, voices, faces and step times, the
    dialogues sorted by any metric.
    """
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.origin import open_origin
    from omnibench.report.build import build_report, shown_dialogues
    from omnibench.system.progress import Ticker

    answers = Predictions(predictions)
    origin = open_origin(answers, data, split)
    if origin.note:
        click.echo(origin.note, err=True)
    target = out if out is not None else predictions / "report.html"
    try:
        chosen = shown_dialogues(answers, origin.dataset.ids(origin.split), ids)
        with Ticker(f"report {answers.model() or predictions.name}", len(chosen)) as ticker:
            shown = build_report(
                answers, origin.dataset, origin.split, target, chosen, cast("Media", media), progress=ticker.advance
            )
    finally:
        origin.dataset.close()
    click.echo(f"{target} ({len(shown)} dialogues, {target.stat().st_size / 1e6:.1f} MB)")
