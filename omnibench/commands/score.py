"""``omnibench score``: score a folder of predictions, whoever made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from omnibench.api.scored import Pace, Source


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--data", help="A registered data set, or a folder in ResponseNet layout; by default what run.json "
              "names, and mini where there is none.")  # fmt: skip
@click.option("--split", help="That of run.json by default, else test.")
@click.option(
    "--protocol", help="paper, strict, offline or a FILE.toml; that of run.json by default, else the data set's."
)
@click.option("--metrics", help="Only these, comma-separated; their values join those that the folder has.")
@click.option("--json", "json_file", help="Also write the scores there; - is stdout.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes for what networks see and hear; no score depends on it.",
)
@click.option("--pace", type=click.Choice(("virtual", "real")), default="virtual", show_default=True,
              help="real: lateness costs; what came late is moved, in paced/ below PREDICTIONS.")  # fmt: skip
@click.option("--from", "source", type=click.Choice(("answers", "media")), default="answers", show_default=True,
              help="media: read words from audio/ and faces from video/, in read_back/ below PREDICTIONS.")  # fmt: skip
@click.option("--allow-partial", is_flag=True, help="Exit 0 although some expected dialogues are not scored.")
def score(
    predictions: Path,
    data: str | None,
    split: str | None,
    protocol: str | None,
    metrics: str | None,
    json_file: str | None,
    workers: int,
    pace: Pace,
    source: Source,
    allow_partial: bool,
) -> None:
    """Score PREDICTIONS, a folder with any of text/, audio/, vector/, video/, against the human listeners of a data
    set.
    """
    from omnibench.api.scored import UNWRITABLE, unwritable
    from omnibench.api.scored import score as score_folder
    from omnibench.errors import InputError
    from omnibench.files.atomic import write_text

    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None

    found = score_folder(
        predictions, data, split, protocol, metrics=names, workers=workers, write=False, pace=pace, source=source
    )
    click.echo(str(found), err=json_file == "-")
    if json_file == "-":
        click.echo(found.scores.to_json(), nl=False)
    elif json_file is not None:
        write_text(Path(json_file), found.scores.to_json())
    try:
        note = found.keep()
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        note = unwritable(found.folder, error)
        if json_file is None:
            raise InputError(f"{note}. Add --json FILE to keep them elsewhere.") from error
        note += "."
    if note:
        click.echo(note, err=True)
    if not allow_partial:
        found.check()
