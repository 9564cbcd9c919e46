"""``omnibench audit``: experiments that prove what a model or a metric claims."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from omnibench.commands.model_command import ModelOption
from omnibench.errors import UsageError

if TYPE_CHECKING:
    from omnibench.audit.causality import CausalityReport

LONGEST_REASON = 200


@click.group()
def audit() -> None:
    """Prove that a model cannot see the future, and that the metrics notice what they must."""


@audit.command(cls=ModelOption)
@click.option("--model", help="A name of `omnibench models`, or path/to/file.py:Class; that of --run by default.")
@click.option("--run", "run_folder", type=click.Path(path_type=Path),
              help="Reproduce the answers of this run, made as it was, instead of a new one.")  # fmt: skip
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--dialogues", type=click.IntRange(min=1), default=4, show_default=True, help="Spread over the split.")
@click.option("--cuts", type=click.IntRange(min=1), default=3, show_default=True, help="Cut points in each dialogue.")
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True,
              help="Dialogues played in lock-step, as `omnibench run --batch` plays them.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--transcript", default="oracle", show_default=True, help="oracle or delayed:MS.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--config", type=click.Path(path_type=Path), help="TOML file with model settings, or a configuration's name."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One model setting; may be repeated.")
@click.pass_context
def causality(
    context: click.Context,
    model: str | None,
    run_folder: Path | None,
    data: str,
    split: str,
    dialogues: int,
    cuts: int,
    batch: int,
    seed: int,
    transcript: str,
    checkpoint: Path | None,
    device: str,
    config: Path | None,
    assignments: tuple[str, ...],
) -> None:
    """Replace the future; no answer up to the cut may move by one bit.

    First the model has to give the answers of a run once more, byte for byte, with the data, the predictions and
    whatever an earlier run may have left out of its reach. Exits 6 where it is not causal, and where it cannot be
    certified.
    """
    from tqdm import tqdm

    from omnibench.audit.causality import audit_causality
    from omnibench.audit.request import AuditRequest, request_of_run
    from omnibench.datasets.transcript import parse_transcript
    from omnibench.files.settings import resolve_settings
    from omnibench.responder import ModelOptions
    from omnibench.runner.remote import model_entry
    from omnibench.runner.settings import named_config
    from omnibench.system.environment import check_device

    check_device(device)
    if run_folder is not None:
        given = data if _is_given(context, "data") else None
        request = request_of_run(run_folder, model, given, checkpoint, dialogues, cuts)
    elif model is None:
        raise UsageError("Name a --model, or the --run whose answers are to be reproduced.")
    else:
        settings = resolve_settings(named_config(model_entry(model), config), assignments)
        options = ModelOptions(checkpoint, device, settings)
        spoken = parse_transcript(transcript)
        request = AuditRequest(model, data, split, dialogues, cuts, seed, spoken, options, batch=batch)
    request = replace(request, predictions=[Path("runs").resolve(), *request.predictions])
    with tqdm(total=cuts + 2, desc=f"audit of {request.model}", unit="pass", disable=None, leave=False) as bar:
        report = audit_causality(request, bar.update)
    click.echo(format_report(report))
    report.raise_for_findings()


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


@audit.command()
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True, help="Nothing is tuned on the outcome.")
@click.option("--protocol", default="offline", show_default=True, help="strict, offline or a FILE.toml.")
@click.option("--metrics", "names", help="Only these, comma-separated.")
@click.option("--damages", help="Only these, comma-separated.")
@click.option("--limit", type=click.IntRange(min=2), help="Only the first N dialogues.")
@click.option(
    "--media-dialogues",
    type=click.IntRange(min=2),
    default=8,
    show_default=True,
    help="As many of them for the metrics that hear or see.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--matrix", type=click.Path(path_type=Path), help="TOML file instead of omnibench's own.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("audit-metrics"),
    show_default=True,
    help="Folder for metrics.json and metrics.png.",
)
def metrics(
    data: str,
    split: str,
    protocol: str,
    names: str | None,
    damages: str | None,
    limit: int | None,
    media_dialogues: int,
    seed: int,
    matrix: Path | None,
    out: Path,
) -> None:
    """Damage the human listeners' own answers grade by grade; each metric must notice what the matrix says.

    Prints the matrix with its outcome, writes every value and a plot; exits 6 where a metric breaks the matrix.
    """
    from tqdm import tqdm

    from omnibench.audit.matrix import load_matrix
    from omnibench.audit.metrics import MetricsAuditRequest, audit_metrics, steps
    from omnibench.audit.metrics_plot import draw_metrics_report
    from omnibench.audit.metrics_report import format_metrics_report, metrics_report_json
    from omnibench.datasets.opening import open_dataset
    from omnibench.files.atomic import write_text

    request = MetricsAuditRequest(
        open_dataset(data),
        split,
        protocol,
        _names(names),
        _names(damages),
        limit,
        media_dialogues,
        seed,
        load_matrix(matrix),
    )
    with tqdm(total=steps(request), desc="audit of the metrics", unit="grade", disable=None, leave=False) as bar:

        def show(label: str) -> None:
            bar.set_postfix_str(label, refresh=False)
            bar.update()

        report = audit_metrics(request, show)
    click.echo(format_metrics_report(report))
    write_text(out / "metrics.json", metrics_report_json(report))
    draw_metrics_report(report, out / "metrics.png")
    click.echo(f"wrote {out / 'metrics.json'} and {out / 'metrics.png'}")
    report.raise_for_breaks()


@audit.command()
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--protocol", help="Scores under it only; by default each run's latest.")
@click.option("--metrics", "names", help="Only these, comma-separated; the correction is then for these only.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "json_file", help="Write the orders there as JSON too; - is stdout, instead of the text.")
def ranking(runs: tuple[Path, ...], protocol: str | None, names: str | None, seed: int, json_file: str | None) -> None:
    """The order of people, models and controls under every metric, in scored RUNS (runs, unless named).

    People are the ground truth, which has to be among them. Exits 6 where a metric that claims to measure listening
    puts a control above people beyond chance.
    """
    from textwrap import fill

    from omnibench.audit.ranking_report import LEGEND, WIDTH, raise_for_broken, ranking_document, rankings
    from omnibench.files.atomic import write_text
    from omnibench.metrics.protocol import load_protocol
    from omnibench.tables.paper_tables import find_runs

    name = None if protocol is None else load_protocol(protocol).name
    found, left_out = rankings(
        [run for root in runs or (Path("runs"),) for run in find_runs(root, name)], _names(names), seed
    )
    for line in left_out:
        click.echo(line, err=True)
    if json_file != "-":
        for one in found:
            click.echo(f"{one.text()}\n")
        click.echo(fill(LEGEND, WIDTH))
    if json_file is not None:
        text = json.dumps(ranking_document(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        click.echo(text, nl=False) if json_file == "-" else write_text(Path(json_file), text)
    raise_for_broken(found)


def _names(listed: str | None) -> list[str] | None:
    return None if listed is None else [name.strip() for name in listed.split(",") if name.strip()]


def format_report(report: CausalityReport) -> str:
    """The report as a table of probes, then what was found."""
    futures = {(found.dialogue, found.cut): found.kind for found in report.findings if found.cut is not None}
    verdict = "causal" if not report.findings else "NOT CAUSAL" if report.violations else "cannot be certified"
    width = max(len("dialogue"), *(len(probe.dialogue) for probe in report.probes))
    lines = [
        f"causality of {report.model} on {report.data}, seed {report.seed}; reproduced: {report.original}",
        f"  {'dialogue':{width}}  {'cut':>5}  {'other length':>12}  {'answers compared':>16}  result",
    ]
    for probe in report.probes:
        found = futures.get((probe.dialogue, probe.cut))
        result = "identical" if found is None else "DIFFERS" if found == "future" else found
        lines.append(f"  {probe.dialogue:{width}}  {probe.cut:>5}  {probe.frames:>12}  {probe.compared:>16}  {result}")
    for finding in report.findings:
        named = "violation" if finding in report.violations else "not certified"
        where = " ".join(filter(None, [finding.dialogue, f"cut {finding.cut}" if finding.cut is not None else ""]))
        what = shorten(finding.what, LONGEST_REASON, placeholder=" …")
        lines.append(f"  {named}, {finding.kind}: {where + ': ' if where else ''}{what}")
    guard = "mounted over and watched" if report.hidden else "watched by audit hooks"
    lines.append(
        f"  {len(report.probes)} probes, {sum(p.compared for p in report.probes)} answers compared, "
        f"{len(report.violations)} violations: {verdict}; original data {guard}"
    )
    return "\n".join(lines)
