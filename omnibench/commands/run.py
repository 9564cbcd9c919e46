"""``omnibench run``: play a split to a model, keep its answers, score them, print the row."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from omnibench.commands.model_command import ModelOption
from omnibench.conditions.catalogue import CLEAN, KINDS, LEVELS
from omnibench.errors import OmnibenchError, UsageError
from omnibench.responder import MODELS, ModelEntry, ModelOptions
from omnibench.system.share import usable_cores

DEFAULT_WORKERS = min(2, usable_cores())


@click.command(cls=ModelOption)
@click.option(
    "--model", required=True, help="A name of `omnibench models`, path/to/file.py:Class, several with commas, or `all`."
)
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--protocol", help="paper, strict, offline or a FILE.toml; the data set's own by default.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder; runs/<model>/<dataset>-<split> by default, with -<condition> behind it under one.",
)
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--limit", type=click.IntRange(min=1), help="Play only the first N dialogues.")
@click.option(
    "--ids", multiple=True, help="Play only these dialogues, A,B,C; may be repeated, as for an id with a comma."
)
@click.option("--workers", type=click.IntRange(min=0), show_default=f"{DEFAULT_WORKERS}, 1 with --pace real",
              help="Processes; they do not change the answers. 0: in this process.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True,
              help="Threads of each process's numeric libraries; part of what defines the answers.")  # fmt: skip
@click.option("--memory", type=click.FloatRange(min=0, min_open=True), metavar="GB",
              help="Most memory of each process; a dialogue that needs more fails, and the run goes on.")  # fmt: skip
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True,
              help="Dialogues stepped in lock-step, for models that can.")  # fmt: skip
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--config", type=click.Path(path_type=Path), help="TOML file with model settings, or a configuration's name."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE",
              help="One model setting; may be repeated. With several models: MODEL.KEY=VALUE.")  # fmt: skip
@click.option("--base-url", metavar="URL", help="The server of a model that asks one, like http://127.0.0.1:8000/v1.")
@click.option("--transcript", default="oracle", show_default=True, help="oracle or delayed:MS.")
@click.option("--condition", default=CLEAN, show_default=True, metavar="NAME",
              help=f"What the speaker's side goes through on its way to the model: {', '.join(KINDS)}, each with "
              f"-{', -'.join(LEVELS)} behind it.")  # fmt: skip
@click.option("--pace", type=click.Choice(("virtual", "real")), default="virtual", show_default=True,
              help="real: the clock waits for each frame, and lateness costs in the scores (in paced/).")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--fresh", is_flag=True, help="Start over instead of going on.")
@click.option("--no-video", is_flag=True, help="Do not render the faces.")
@click.option("--no-score", is_flag=True, help="Keep the answers and stop.")
@click.option("--allow-partial", is_flag=True, help="Exit 0 without an answer to every dialogue.")
@click.option("--allow-transfer", is_flag=True, help="Use a checkpoint on data that it was not trained for.")
def run(model: str, **options: Any) -> None:
    """Play a data set to a model, keep its answers, score them.

    Goes on where an earlier run of the same command stopped. Of several models, one that lacks something is listed with
    the line that gets it, one that was trained on other data is refused, and one that fails does not stop the others.
    """
    from omnibench.system.environment import check_device

    check_device(options["device"])
    several = _several(model)
    if several:
        _run_several(several, options)
    else:
        _run_one(model, options, options["assignments"])


def _several(model: str) -> tuple[str, ...]:
    """The names that ``--model`` lists, none where it is one model."""
    if model == "all":
        return MODELS.names()
    path, _, last = model.rpartition(":")
    if "," not in model or ("," not in last and Path(path).is_file()):
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in model.split(",") if name.strip()))
    for name in names:
        _entry(name)
    return names


def _run_several(models: tuple[str, ...], options: dict[str, Any]) -> None:
    """Each model in processes of its own, its settings under its own name.

    Raises:
        UsageError: options that make sense for one model alone, or settings of no model.
        OmnibenchError: of the class of the first model that failed.
    """
    from omnibench.api.running import open_for_run, with_server
    from omnibench.files.settings import resolve_settings
    from omnibench.runner.everyone import format_endings, raise_for_failures, run_everyone
    from omnibench.runner.transfer import check_transfer
    from omnibench.scoring.readiness import lacking

    settings = resolve_settings(options["config"], options["assignments"])
    if options["checkpoint"] is not None or options["workers"] == 0:
        raise UsageError("--checkpoint and --workers 0 go with one model; several run in processes of their own.")
    strangers = [name for name, value in settings.items() if name not in models or not isinstance(value, dict)]
    if strangers:
        raise UsageError(f'--set "{strangers[0]}": with several models, settings are named MODEL.KEY=VALUE.')

    def own(name: str) -> dict[str, Any]:
        entry, given = _entry(name), dict(settings.get(name, {}))
        return with_server(entry, given, options["base_url"]) if entry.takes_base_url else given

    def run_one(name: str) -> None:
        out: Path | None = options["out"] and options["out"] / _entry(name).card.name
        _run_one(name, {**options, "data": dataset, "out": out, "config": None, "base_url": None}, own(name))

    def lacks(name: str) -> str:
        return lacking(_entry(name), ModelOptions(None, options["device"], own(name)))

    def refuse(name: str) -> None:
        check_transfer(_entry(name).card, dataset.name, options["allow_transfer"])

    with open_for_run(options["data"], options["split"], options["protocol"], not options["no_score"]) as (dataset, _):
        endings = run_everyone(models, lacks, refuse, run_one)
    click.echo(format_endings(endings))
    raise_for_failures(endings)


def _run_one(model: str, options: dict[str, Any], settings: Sequence[str] | Mapping[str, Any]) -> None:
    from omnibench.api.running import run as run_model

    same = ("data", "split", "protocol", "out", "checkpoint", "limit", "ids", "workers", "threads", "memory", "batch",
            "device", "config", "base_url", "transcript", "condition", "pace", "seed", "fresh",
            "allow_transfer")  # fmt: skip
    given = {name: options[name] for name in same}
    video, score = not options["no_video"], not options["no_score"]
    ended = run_model(model, settings=settings, video=video, score=score, **given)
    if ended.scores is not None:
        click.echo(str(ended))
    elif ended.part:
        click.echo(ended.part, err=True)
    try:
        ended.check()
    except OmnibenchError as error:
        if not options["allow_partial"]:
            raise
        print(f"omnibench: allowed: {error}", file=sys.stderr)


def _entry(name: str) -> ModelEntry:
    from omnibench.runner.remote import model_entry

    return model_entry(name)
