"""``omnibench bench``: what a step costs, and whether it stays that way."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import click

from omnibench.commands.model_command import ModelArgument


def _fps(_: click.Context, __: click.Parameter, value: str) -> Fraction:
    try:
        fps = Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise click.BadParameter(f'"{value}": expected frames a second, like 25, 29.97 or 30000/1001.') from error
    if not 1 <= fps <= 1000:
        raise click.BadParameter(f'"{value}": expected 1 to 1000 frames a second.')
    return fps


@click.command(cls=ModelArgument)
@click.argument("model")
@click.option("--minutes", default=15.0, show_default=True, type=click.FloatRange(min=0, min_open=True),
              help="Minutes of dialogue.")  # fmt: skip
@click.option("--fps", default="25", show_default=True, callback=_fps)
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--config", type=click.Path(path_type=Path), help="TOML file with model settings, or a configuration's name."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One model setting; may be repeated.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True,
              help="Dialogues in lock-step; with several, one alone is measured too.")  # fmt: skip
@click.option("--curve", type=click.Path(path_type=Path), metavar="FILE",
              help="Also write step times minute by minute: .csv, or .png for a picture.")  # fmt: skip
@click.option("--json", "json_file", metavar="FILE", help="Also write the figures as JSON; `-` prints them instead.")
def bench(
    model: str,
    minutes: float,
    fps: Fraction,
    checkpoint: Path | None,
    device: str,
    config: Path | None,
    assignments: tuple[str, ...],
    threads: int,
    seed: int,
    batch: int,
    curve: Path | None,
    json_file: str | None,
) -> None:
    """Measure a model's step time, real-time factor and memory on a made-up speaker. Asserts nothing.

    A configuration without a checkpoint is measured with random weights. Times are wall times; factors and the
    throughput's gain are given by processor time as well, which other work on the machine hardly moves.
    """
    import sys

    from tqdm import tqdm

    from omnibench.files.atomic import write_text
    from omnibench.files.settings import resolve_settings
    from omnibench.profiling.plot import draw_curve
    from omnibench.profiling.report import format_curve, format_report
    from omnibench.profiling.stepping import bench_model
    from omnibench.responder import ModelOptions, find_model
    from omnibench.runner.building import build_model
    from omnibench.runner.settings import named_config
    from omnibench.system.environment import check_device

    check_device(device)
    entry = find_model(model)
    options = ModelOptions(checkpoint, device, resolve_settings(named_config(entry, config), assignments))
    if curve is not None and curve.suffix not in (".csv", ".png"):
        raise click.BadParameter(f'"{curve}": expected a file that ends in .csv or .png.', param_hint="--curve")
    frames = round(minutes * 60 * fps)
    with tqdm(
        total=frames * (2 if batch > 1 else 1), unit="frame", leave=False, disable=not sys.stderr.isatty()
    ) as bar:
        report = bench_model(
            lambda: build_model(entry, model, options, threads, measuring=True),
            minutes,
            fps,
            seed,
            bar.update,
            batch,
        )
    if curve is not None and curve.suffix == ".csv":
        write_text(curve, format_curve(report))
    elif curve is not None:
        draw_curve(report, curve)
    document = json.dumps({**report.as_json(), "threads": threads, "device": device}, indent=2, allow_nan=False)
    if json_file == "-":
        click.echo(document)
        return
    if json_file is not None:
        write_text(Path(json_file), document + "\n")
    click.echo(format_report(report, threads, device))
