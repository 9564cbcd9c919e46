"""``omnibench audit``: experiments that prove what a model or a metric claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from omnibench.audit.causality import CausalityReport


@click.group()
def audit() -> None:
    """Prove that a model cannot see the future."""


@audit.command()
@click.option("--model", required=True, help="A name of `omnibench models`, or path/to/file.py:Class.")
@click.option("--data", default="mini", show_default=True, help="A name of `omnibench data list`, or a folder.")
@click.option("--split", default="test", show_default=True)
@click.option("--dialogues", type=click.IntRange(min=1), default=4, show_default=True, help="Spread over the split.")
@click.option("--cuts", type=click.IntRange(min=1), default=3, show_default=True, help="Cut points in each dialogue.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--transcript", default="oracle", show_default=True, help="oracle or delayed:MS.")
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="Weights instead of those that come with the model."
)
@click.option("--device", default="cpu", show_default=True)
@click.option("--config", type=click.Path(path_type=Path), help="TOML file with model settings.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One model setting; may be repeated.")
def causality(
    model: str,
    data: str,
    split: str,
    dialogues: int,
    cuts: int,
    seed: int,
    transcript: str,
    checkpoint: Path | None,
    device: str,
    config: Path | None,
    assignments: tuple[str, ...],
) -> None:
    """Replace the future; no answer up to the cut may move by one bit.

    Prints every probe and violation; exits 6 on a violation.
    """
    from tqdm import tqdm

    from omnibench.audit.causality import AuditRequest, audit_causality
    from omnibench.responder import ModelOptions
    from omnibench.runner.settings import resolve_settings
    from omnibench.runner.transcript import parse_transcript

    options = ModelOptions(checkpoint, device, resolve_settings(config, assignments))
    request = AuditRequest(
        model, data, split, dialogues, cuts, seed, parse_transcript(transcript), options, [Path("runs").resolve()]
    )
    with tqdm(total=cuts + 2, desc=f"audit of {model}", unit="pass", disable=None, leave=False) as bar:
        report = audit_causality(request, bar.update)
    click.echo(format_report(report))
    report.raise_for_violations()


def format_report(report: CausalityReport) -> str:
    """The report as a table of probes, then the violations."""
    futures = {(v.dialogue, v.cut) for v in report.violations if v.kind in ("future", "failed")}
    width = max(len("dialogue"), *(len(probe.dialogue) for probe in report.probes))
    lines = [
        f"causality of {report.model} on {report.data}, seed {report.seed}",
        f"  {'dialogue':{width}}  {'cut':>5}  {'other length':>12}  {'answers compared':>16}  result",
    ]
    for probe in report.probes:
        result = "DIFFERS" if (probe.dialogue, probe.cut) in futures else "identical"
        lines.append(f"  {probe.dialogue:{width}}  {probe.cut:>5}  {probe.frames:>12}  {probe.compared:>16}  {result}")
    for violation in report.violations:
        where = " ".join(
            filter(None, [violation.dialogue, f"cut {violation.cut}" if violation.cut is not None else ""])
        )
        lines.append(f"  violation, {violation.kind}: {where + ': ' if where else ''}{violation.what}")
    guard = "mounted over and watched" if report.hidden else "watched by audit hooks"
    lines.append(
        f"  {len(report.probes)} probes, {sum(p.compared for p in report.probes)} answers compared, "
        f"{len(report.violations)} violations; original data {guard}"
    )
    return "\n".join(lines)
