"""``omnibench score``: score a folder of predictions, whoever made it."""

from __future__ import annotations

import errno
from pathlib import Path

import click

_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option(
    "--data", default="mini", show_default=True, help="A registered data set, or a folder in ResponseNet layout."
)
@click.option("--split", default="test", show_default=True)
@click.option("--protocol", help="paper, strict or offline; the data set's default otherwise.")
@click.option("--metrics", help="Only these, comma-separated.")
@click.option("--json", "json_file", help="Also write the scores there; - is stdout.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes for what networks see and hear; no score depends on it.",
)
@click.option("--allow-partial", is_flag=True, help="Exit 0 although some expected dialogues are not scored.")
def score(
    predictions: Path,
    data: str,
    split: str,
    protocol: str | None,
    metrics: str | None,
    json_file: str | None,
    workers: int,
    allow_partial: bool,
) -> None:
    """Score PREDICTIONS, a folder with any of text/, audio/, vector/, video/, against the human listeners of a data
    set.
    """
    from omnibench.datasets.base import open_dataset
    from omnibench.errors import InputError
    from omnibench.media.atomic import write_text
    from omnibench.scoring import require_coverage, score_predictions
    from omnibench.tables import format_scores, run_mark

    if not predictions.is_dir():
        raise InputError(
            f"{predictions}: no such folder; expected predictions with any of text/, audio/, vector/, video/."
        )
    dataset = open_dataset(data)
    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None
    try:
        scores = score_predictions(
            predictions, dataset, split, protocol or dataset.default_protocol, names, workers=workers
        )
    except OSError as error:
        if error.errno not in _UNWRITABLE or json_file is None:
            raise
        click.echo(f"{predictions} is not writable: the scores are left in {json_file} alone.", err=True)
        scores = score_predictions(
            predictions, dataset, split, protocol or dataset.default_protocol, names, write=False
        )
    click.echo(format_scores(scores, run_mark(predictions)), err=json_file == "-")
    if json_file == "-":
        click.echo(scores.to_json(), nl=False)
    elif json_file is not None:
        write_text(Path(json_file), scores.to_json())
    require_coverage(scores, allow_partial)
