"""``omnibench picture``: one dialogue as one picture."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--id", "dialogue", required=True, help="The dialogue, as in the data set.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The PNG file to write.")
@click.option("--data", help="Where the speaker is: a data set's name, or a folder; by default what run.json names.")
@click.option("--split", help="That of run.json by default, else test.")
@click.option("--start", default=0.0, show_default=True, type=click.FloatRange(min=0), help="First second shown.")
@click.option("--stop", type=click.FloatRange(min=0), help="Last second shown; the end by default.")
@click.option("--every", default=0.7, show_default=True, type=click.FloatRange(min=0.1, max=60),
              help="Seconds between frames.")  # fmt: skip
@click.option("--title", help="Name of the answering side; the model's by default.")
def picture(
    predictions: Path,
    dialogue: str,
    out: Path,
    data: str | None,
    split: str | None,
    start: float,
    stop: float | None,
    every: float,
    title: str | None,
) -> None:
    """Draw one dialogue: frames of both people, their words and voices on a common time line."""
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.origin import open_origin
    from omnibench.report.picture import draw_picture
    from omnibench.report.scene import gather

    answers = Predictions(predictions)
    origin = open_origin(answers, data, split)
    if origin.note:
        click.echo(origin.note, err=True)
    try:
        name = title or answers.model() or "Answer"
        shown = origin.dataset.dialogue(origin.split, dialogue)
        draw_picture(gather(answers, shown, name, start, stop, every), out)
    finally:
        origin.dataset.close()
    click.echo(f"{out}")
