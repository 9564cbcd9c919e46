"""``omnibench score``: score a folder of predictions, whoever made it."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from omnibench.files.score_records import Scores
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.origin import Origin

_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


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
@click.option("--allow-partial", is_flag=True, help="Exit 0 although some expected dialogues are not scored.")
def score(
    predictions: Path,
    data: str | None,
    split: str | None,
    protocol: str | None,
    metrics: str | None,
    json_file: str | None,
    workers: int,
    allow_partial: bool,
) -> None:
    """Score PREDICTIONS, a folder with any of text/, audio/, vector/, video/, against the human listeners of a data
    set.
    """
    from omnibench.errors import InputError
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.origin import open_origin
    from omnibench.scoring.measuring import require_coverage

    if not predictions.is_dir():
        raise InputError(
            f"{predictions}: no such folder; expected predictions with any of text/, audio/, vector/, video/."
        )
    answers = Predictions(predictions)
    origin = open_origin(answers, data, split, protocol)
    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None
    require_coverage(score_and_show(answers, origin, names, workers, json_file), allow_partial)


def score_and_show(
    answers: Predictions, origin: Origin, metrics: Sequence[str] | None, workers: int, json_file: str | None
) -> Scores:
    """Score a folder under a bar, keep the scores in it and print them; ``json_file`` gets them too (``-`` is stdout,
    and the rest then goes to stderr).

    Raises:
        InputError: the folder answers none of these dialogues, or cannot be written and no file was named.
    """
    from omnibench.errors import InputError
    from omnibench.files.atomic import write_text
    from omnibench.metrics.base import METRICS
    from omnibench.metrics.protocol import broken
    from omnibench.predictions.origin import asked_for, check_matched
    from omnibench.scoring.measuring import measure_predictions
    from omnibench.scoring.reasons import footnotes
    from omnibench.system.progress import Ticker
    from omnibench.tables.paper_tables import run_mark
    from omnibench.tables.run_table import format_scores

    if origin.note:
        click.echo(origin.note, err=True)
    for name in METRICS.names():
        if broken(name):
            click.echo(f"left out: the metric {name} cannot be used ({broken(name)})", err=True)
    check_matched(answers, origin.dataset, origin.split)
    steps = len(asked_for(answers, origin.dataset, origin.split)) * min(workers, 2)
    label = f"score {answers.model() or answers.root.resolve().name}"
    with Ticker(label, steps) as ticker:
        measured = measure_predictions(
            answers.root,
            origin.dataset,
            origin.split,
            origin.protocol,
            metrics,
            workers,
            ticker.advance,
            planning=lambda metric: ticker.describe(f"{label} · {metric}" if metric else label),
        )
    scores = measured.scores
    lines = [format_scores(scores, run_mark(answers.root)), *footnotes(scores, answers.root)]
    click.echo("\n".join(lines), err=json_file == "-")
    if json_file == "-":
        click.echo(scores.to_json(), nl=False)
    elif json_file is not None:
        write_text(Path(json_file), scores.to_json())
    try:
        note = measured.keep(origin.chosen)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        note = f"{answers.root}: not writable ({error.strerror}), so the scores are not kept there"
        if json_file is None:
            raise InputError(f"{note}. Add --json FILE to keep them elsewhere.") from error
        note += "."
    if note:
        click.echo(note, err=True)
    return scores
