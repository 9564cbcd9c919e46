"""``omnibench run``: play a split to a model, keep its answers, score them, print the row."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnibench.errors import CoverageError, MissingError, OmnibenchError, UsageError
from omnibench.responder import MODELS

DEFAULT_WORKERS = min(2, os.cpu_count() or 1)


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if value else ()


@click.command()
@click.option("--model", required=True, help="A name of `omnibench models`, path/to/file.py:Class, or `all`.")
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--protocol", help="paper, strict or offline; the data set's own by default.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; runs/<model>/<dataset>-<split> by default.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--limit", type=click.IntRange(min=1), help="Play only the first N dialogues.")
@click.option("--ids", callback=_names, help="Play only these dialogues, A,B,C.")
@click.option("--workers", type=click.IntRange(min=0), default=DEFAULT_WORKERS, show_default=True,
              help="Processes; they do not change the answers. 0: in this process.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True,
              help="Threads of each process's numeric libraries; part of what defines the answers.")  # fmt: skip
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True,
              help="Dialogues stepped in lock-step, for models that can.")  # fmt: skip
@click.option("--device", default="cpu", show_default=True)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file with model settings.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One model setting; may be repeated.")
@click.option("--transcript", default="oracle", show_default=True, help="oracle or delayed:MS.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--fresh", is_flag=True, help="Start over instead of going on.")
@click.option("--no-video", is_flag=True, help="Do not render the faces.")
@click.option("--no-score", is_flag=True, help="Keep the answers and stop.")
@click.option("--allow-partial", is_flag=True, help="Exit 0 without an answer to every dialogue.")
@click.option("--allow-transfer", is_flag=True, help="Use a checkpoint on data that it was not trained for.")
def run(model: str, **options: Any) -> None:
    """Play a data set to a model, keep its answers, score them.

    Goes on where an earlier run of the same command stopped.
    """
    if model != "all":
        _run_one(model, options, options["out"])
        return
    _each(MODELS.names(), lambda name: _run_one(name, options, options["out"] and options["out"] / name))


def _run_one(model: str, options: dict[str, Any], out: Path | None) -> None:
    from omnibench.datasets.base import open_dataset
    from omnibench.responder import find_model
    from omnibench.runner.request import RunRequest
    from omnibench.runner.run import run_split
    from omnibench.runner.settings import resolve_settings
    from omnibench.runner.transcript import parse_transcript

    card, dataset = find_model(model).card, open_dataset(options["data"])
    name, protocol = dataset.name, options["protocol"] or dataset.default_protocol
    dataset.close()
    if not options["no_score"]:
        _check_protocol(protocol)
    request = RunRequest(
        model=model,
        data=options["data"],
        split=options["split"],
        out=out or Path("runs") / card.name / f"{name}-{options['split']}",
        seed=options["seed"],
        transcript=parse_transcript(options["transcript"]),
        checkpoint=options["checkpoint"],
        device=options["device"],
        settings=resolve_settings(options["config"], options["assignments"]),
        ids=options["ids"],
        limit=options["limit"],
        workers=options["workers"],
        threads=options["threads"],
        batch=options["batch"],
        fresh=options["fresh"],
        allow_transfer=options["allow_transfer"],
        **({"renderer": ""} if options["no_video"] else {}),
    )
    summary = run_split(request)
    if not options["no_score"]:
        _score(request.out, options["data"], options["split"], protocol)
    try:
        summary.raise_for_coverage()
    except OmnibenchError as error:
        if not options["allow_partial"]:
            raise
        print(f"omnibench: allowed: {error}", file=sys.stderr)


def _check_protocol(name: str) -> None:
    from omnibench.metrics.protocol import load_protocol

    load_protocol(name)


def _score(out: Path, data: str, split: str, protocol: str) -> None:
    from omnibench.datasets.base import open_dataset
    from omnibench.scoring import score_predictions
    from omnibench.tables import format_scores

    dataset = open_dataset(data)
    try:
        click.echo(format_scores(score_predictions(out, dataset, split, protocol)))
    finally:
        dataset.close()


def _each(names: tuple[str, ...], run_one: Callable[[str], None]) -> None:
    """Run all models; one that lacks weights or fails on a dialogue does not keep the others from their turn.

    Raises:
        OmnibenchError: of the class of the first failure, naming them all.
    """
    failures: list[tuple[str, OmnibenchError]] = []
    for name in names:
        try:
            run_one(name)
        except (MissingError, CoverageError, UsageError) as error:
            failures.append((name, error))
            print(f"omnibench: {name}: {error}", file=sys.stderr)
    if failures:
        listed = ", ".join(name for name, _ in failures)
        raise type(failures[0][1])(f"{len(failures)} of {len(names)} models did not finish: {listed}.")
