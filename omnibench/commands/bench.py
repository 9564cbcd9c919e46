"""``omnibench bench``: what a step costs, and whether it stays that way."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from omnibench.benchmark.stepping import Report, Times


def _fps(_: click.Context, __: click.Parameter, value: str) -> Fraction:
    try:
        fps = Fraction(value)
    except (ValueError, ZeroDivisionError) as error:
        raise click.BadParameter(f'"{value}": expected frames a second, like 25, 29.97 or 30000/1001.') from error
    if not 1 <= fps <= 1000:
        raise click.BadParameter(f'"{value}": expected 1 to 1000 frames a second.')
    return fps


@click.command()
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
    json_file: str | None,
) -> None:
    """Measure a model's step time, real-time factor and memory on a made-up speaker. Asserts nothing."""
    import sys

    from tqdm import tqdm

    from omnibench.benchmark.stepping import bench_model
    from omnibench.media.atomic import write_text
    from omnibench.responder import ModelOptions
    from omnibench.runner.play import build_model
    from omnibench.runner.settings import named_config, resolve_settings

    options = ModelOptions(checkpoint, device, resolve_settings(named_config(model, config), assignments))
    frames = round(minutes * 60 * fps)
    with tqdm(total=frames, unit="frame", leave=False, disable=not sys.stderr.isatty()) as bar:
        report = bench_model(
            lambda: build_model(model, options, threads, measuring=True), minutes, fps, seed, bar.update
        )
    document = json.dumps({**report.as_json(), "threads": threads, "device": device}, indent=2, allow_nan=False)
    if json_file == "-":
        click.echo(document)
        return
    if json_file is not None:
        write_text(Path(json_file), document + "\n")
    click.echo("\n".join(_table(report, threads, device)))


def _table(report: Report, threads: int, device: str) -> list[str]:
    rows = {
        "ordinary steps": report.ordinary,
        "hop steps": report.hop,
        "minute 1": report.first_minute,
        "last minute": report.last_minute,
    }
    memory = ", ".join(f"{where} {mib:.0f}" for where, mib in report.memory_mib.items())
    return [
        f"{report.model}: {report.minutes:g} minutes at {report.fps} fps, {device}, threads {threads}",
        f"{'':<16}{'steps':>8}{'p50':>9}{'p90':>9}{'p99':>9}{'max':>9}  ms",
        *(_row(name, found) for name, found in rows.items() if found is not None),
        f"build {report.build_seconds:.2f} s, open {report.open_ms:.1f} ms, first step {report.first_step_ms:.1f} ms",
        f"real-time factor {report.real_time_factor:.4f}",
        f"memory MiB: {memory}; growth after minute 1: {report.growth_mib:+.1f}",
    ]


def _row(name: str, found: Times) -> str:
    values = (found.p50_ms, found.p90_ms, found.p99_ms, found.longest_ms)
    return f"{name:<16}{found.steps:>8}" + "".join(f"{value:>9.2f}" for value in values)
