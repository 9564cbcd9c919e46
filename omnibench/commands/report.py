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
@click.option("--data", default="mini", show_default=True, help="Where the speaker is: a data set's name, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--ids", help="Only these dialogues, comma-separated.")
@click.option("--media", type=click.Choice(["embed", "beside", "none"]), default="embed", show_default=True,
              help="Clips inside the page, in a folder beside it, or not at all.")  # fmt: skip
def report(predictions: Path, out: Path | None, data: str, split: str, ids: str | None, media: str) -> None:
    """Make one HTML page of a run: speaker and answer side by side, their words, voices, faces and step times, the
    dialogues sorted by any metric.
    """
    from omnibench.datasets.base import open_dataset
    from omnibench.report.build import build_report
    from omnibench.runner.predictions import Predictions

    answers = Predictions(predictions)
    dataset = open_dataset(data)
    target = out if out is not None else predictions / "report.html"
    wanted = [name.strip() for name in ids.split(",") if name.strip()] if ids is not None else None
    try:
        shown = build_report(answers, dataset, split, target, wanted, cast("Media", media))
    finally:
        dataset.close()
    click.echo(f"{target} ({len(shown)} dialogues, {target.stat().st_size / 1e6:.1f} MB)")
