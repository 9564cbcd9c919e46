"""``omnibench run``: play a split to a model, keep its answers, score them, print the row."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnibench.commands.model_command import ModelOption
from omnibench.errors import MissingError, OmnibenchError, UsageError
from omnibench.responder import MODELS, ModelEntry, ModelOptions

if TYPE_CHECKING:
    from omnibench.files.score_records import Scores

DEFAULT_WORKERS = min(2, os.cpu_count() or 1)


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip()) if value else ()


@click.command(cls=ModelOption)
@click.option(
    "--model", required=True, help="A name of `omnibench models`, path/to/file.py:Class, several with commas, or `all`."
)
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--protocol", help="paper, strict, offline or a FILE.toml; the data set's own by default.")
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
    from omnibench.files.settings import resolve_settings
    from omnibench.runner.settings import named_config
    from omnibench.scoring.readiness import lacking
    from omnibench.system.environment import check_device

    check_device(options["device"])
    several = _several(model)
    config = options["config"] if several else named_config(model, options["config"])
    settings = resolve_settings(config, options["assignments"])
    if several:
        _run_several(several, options, settings)
        return
    entry = _entry(model)
    settings = _with_server(entry, settings, options["base_url"])
    line = lacking(entry, ModelOptions(options["checkpoint"], options["device"], settings))
    if line:
        raise MissingError(f"{model} lacks what it runs with. Get it with: {line}")
    _run_one(model, options, settings, options["out"])


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


def _run_several(models: tuple[str, ...], options: dict[str, Any], settings: dict[str, Any]) -> None:
    """Each model in processes of its own, its settings under its own name.

    Raises:
        UsageError: options that make sense for one model alone, or settings of no model.
        OmnibenchError: of the class of the first model that failed.
    """
    from omnibench.runner.everyone import format_endings, raise_for_failures, run_everyone
    from omnibench.runner.request import check_transfer
    from omnibench.scoring.readiness import lacking

    if options["checkpoint"] is not None or options["workers"] == 0:
        raise UsageError("--checkpoint and --workers 0 go with one model; several run in processes of their own.")
    strangers = [name for name, value in settings.items() if name not in models or not isinstance(value, dict)]
    if strangers:
        raise UsageError(f'--set "{strangers[0]}": with several models, settings are named MODEL.KEY=VALUE.')

    def own(name: str) -> dict[str, Any]:
        entry, base_url = _entry(name), options["base_url"]
        given = dict(settings.get(name, {}))
        return _with_server(entry, given, base_url) if getattr(entry, "takes_base_url", False) else given

    def run_one(name: str) -> None:
        out: Path | None = options["out"] and options["out"] / _entry(name).card.name
        _run_one(name, options, own(name), out)

    def lacks(name: str) -> str:
        return lacking(_entry(name), ModelOptions(None, options["device"], own(name)))

    def refuse(name: str) -> None:
        check_transfer(_entry(name).card, data, options["allow_transfer"])

    data, _ = _data_and_protocol(options)
    endings = run_everyone(models, lacks, refuse, run_one)
    click.echo(format_endings(endings))
    raise_for_failures(endings)


def _with_server(entry: ModelEntry, settings: dict[str, Any], base_url: str | None) -> dict[str, Any]:
    if base_url is None:
        return settings
    if not getattr(entry, "takes_base_url", False):
        raise UsageError(f"--base-url: {entry.card.name} asks no server.")
    return {**settings, "base_url": base_url}


def _run_one(model: str, options: dict[str, Any], settings: dict[str, Any], out: Path | None) -> None:
    from omnibench.datasets.transcript import parse_transcript
    from omnibench.files.score_records import part_note
    from omnibench.metrics.protocol import PROTOCOLS, keep_protocol, load_protocol
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.timings import described
    from omnibench.runner.request import RunRequest
    from omnibench.runner.run import run_split
    from omnibench.scoring.measuring import require_coverage

    card, (name, protocol) = _entry(model).card, _data_and_protocol(options)
    request = RunRequest(
        model=model,
        data=options["data"],
        split=options["split"],
        out=out or Path("runs") / card.name / f"{name}-{options['split']}",
        seed=options["seed"],
        transcript=parse_transcript(options["transcript"]),
        checkpoint=options["checkpoint"],
        device=options["device"],
        settings=settings,
        ids=options["ids"],
        limit=options["limit"],
        workers=options["workers"],
        threads=options["threads"],
        batch=options["batch"],
        fresh=options["fresh"],
        allow_transfer=options["allow_transfer"],
        memory=options["memory"],
        protocol=protocol,
        **({"renderer": ""} if options["no_video"] else {}),
    )
    summary = run_split(request)
    if protocol not in PROTOCOLS:
        keep_protocol(load_protocol(protocol), request.out)
    scores = None if options["no_score"] else _score(request.out, options["data"], options["split"], protocol)
    if scores is not None:
        click.echo(described(Predictions(request.out).ran.timings))
    elif summary.asked < summary.split_size:
        click.echo(part_note(summary.asked, summary.split_size), err=True)
    try:
        summary.raise_for_coverage()
        if scores is not None:
            require_coverage(scores, allow_partial=False)
    except OmnibenchError as error:
        if not options["allow_partial"]:
            raise
        print(f"omnibench: allowed: {error}", file=sys.stderr)


def _entry(name: str) -> ModelEntry:
    from omnibench.runner.remote import model_entry

    return model_entry(name)


def _data_and_protocol(options: dict[str, Any]) -> tuple[str, str]:
    """The data set's name and the protocol to score under, both there, the split as well.

    Raises:
        UsageError, InputError, MissingError: one of them is not.
    """
    from omnibench.datasets.base import open_dataset
    from omnibench.metrics.protocol import PROTOCOLS, load_protocol
    from omnibench.runner.run import check_split

    dataset = open_dataset(options["data"])
    try:
        check_split(dataset, options["split"])
        protocol = options["protocol"] or dataset.default_protocol
        if not options["no_score"] or protocol not in PROTOCOLS:
            protocol = load_protocol(protocol).name
        return dataset.name, protocol
    finally:
        dataset.close()


def _score(out: Path, data: str, split: str, protocol: str) -> Scores:
    from omnibench.commands.score import score_and_show
    from omnibench.predictions.folder import Predictions
    from omnibench.predictions.origin import open_origin

    answers = Predictions(out)
    origin = open_origin(answers, data, split, protocol)
    try:
        return score_and_show(answers, origin, None, 1, None)
    finally:
        origin.dataset.close()
