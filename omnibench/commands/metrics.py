"""``omnibench metrics``: what is measured, and how."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from omnibench.metrics.base import Metric, Parameters

WIDTH: Final = 100
"""Columns of a line."""

INDENT: Final = 38


@dataclass(frozen=True, slots=True)
class _Shown:
    """A metric in the list: ``parameters`` by the protocols that hold it; ``metric`` is None where it is ``broken``."""

    name: str
    metric: Metric | None
    parameters: Mapping[str, Parameters]
    stands_in_for: str
    broken: str = ""


@click.command()
@click.option("--protocol", help="Only what paper, strict, offline or a protocol FILE.toml measures.")
@click.option("--json", "json_file", help="Write the list there as JSON instead, with each protocol's parameters; - is "
              "stdout.")  # fmt: skip
@click.option("--power", "runs", is_flag=False, flag_value="runs", metavar="[RUNS]",
              help="Instead of the list: how small a difference each metric shows at 24, 60 and 120 dialogues, by "
              "the scored runs in this folder (runs, unless named).")  # fmt: skip
def metrics(protocol: str | None, json_file: str | None, runs: str | None) -> None:
    """List the metrics by what they are about: direction, the protocols that hold them, what each is."""
    from omnibench.files.atomic import write_text
    from omnibench.metrics.protocol import PROTOCOLS
    from omnibench.report.metric_help import families, in_reading_order, metric_help

    if runs is not None:
        _power(Path(runs), protocol, json_file)
        return
    shown = {one.name: one for one in _metrics(protocol)}
    order = in_reading_order(shown)
    family = {name: metric_help(name).family if not shown[name].broken else "other" for name in order}
    if json_file is not None:
        text = json.dumps([_entry(shown[name], family[name]) for name in order], indent=2, ensure_ascii=False) + "\n"
        click.echo(text, nl=False) if json_file == "-" else write_text(Path(json_file), text)
        return
    if protocol is None:
        letters = ", ".join(f"{name[0]} {name}" for name in PROTOCOLS)
        click.echo(f"↑ higher is better, ↓ lower is better; protocols: {letters} (--protocol NAME shows one)")
    for key, heading in families().items():
        own = [shown[name] for name in order if family[name] == key]
        if own:
            click.echo(f"\n{heading}")
        for one in own:
            click.echo("\n".join(_lines(one, protocol is None)))


def _power(root: Path, protocol: str | None, json_file: str | None) -> None:
    from omnibench.files.atomic import write_text
    from omnibench.metrics.protocol import load_protocol
    from omnibench.tables.paper_tables import find_runs
    from omnibench.tables.power_table import LEGEND, power_document, power_tables

    name = None if protocol is None else load_protocol(protocol).name
    tables, left_out = power_tables(find_runs(root), name)
    for line in left_out:
        click.echo(line, err=True)
    if json_file != "-":
        for table in tables:
            click.echo(f"{table.text()}\n")
        for line in LEGEND:
            click.echo(textwrap.fill(line, WIDTH))
    if json_file is not None:
        text = json.dumps(power_document(tables), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        click.echo(text, nl=False) if json_file == "-" else write_text(Path(json_file), text)


def _metrics(protocol: str | None) -> list[_Shown]:
    from omnibench.metrics.base import METRICS
    from omnibench.metrics.protocol import PROTOCOLS, STAND_INS, broken, load_protocol

    stands_in = {name: dropped for dropped, names in STAND_INS.items() for name in names}
    protocols = [load_protocol(name) for name in ((protocol,) if protocol is not None else PROTOCOLS)]
    found = []
    for name in METRICS.names() if protocol is None else protocols[0].metrics:
        parameters = {one.name: one.metrics[name] for one in protocols if name in one.metrics}
        fault = broken(name)
        metric = None if fault else METRICS.get(name)
        found.append(_Shown(name, metric, parameters, stands_in.get(name, ""), fault))
    return found


def _lines(one: _Shown, letters: bool) -> Sequence[str]:
    from omnibench.metrics.protocol import PROTOCOLS
    from omnibench.tables.paper_tables import ARROWS

    if one.metric is None:
        return [f"  {one.name:<22} broken ({one.broken})"]
    place = f" (where {one.stands_in_for} is not measured)" if one.stands_in_for else ""
    protocols = " ".join(name[0] if name in one.parameters else " " for name in PROTOCOLS) if letters else ""
    spec = one.metric.spec
    unit = f" [{spec.unit}]" if spec.unit else ""
    text = f"{spec.title}{unit}: {spec.summary}{place}"
    head = f"  {one.name:<22} {ARROWS[spec.direction] or ' '}  {protocols}".ljust(INDENT if letters else 28)
    indent = " " * len(head)
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=indent, break_long_words=False)


def _entry(one: _Shown, family: str) -> dict[str, Any]:
    if one.metric is None:
        return {"name": one.name, "family": family, "broken": one.broken}
    spec = one.metric.spec
    limits = {"worst": spec.worst, "minimum": spec.minimum, "maximum": spec.maximum}
    return {
        "name": one.name,
        "title": spec.title,
        "family": family,
        "direction": spec.direction,
        "unit": spec.unit,
        "level": one.metric.aggregation.level,
        "needs": list(spec.needs),
        "reference_needs": list(spec.reference_needs),
        "summary": spec.summary,
        "section": spec.section,
        "stands_in_for": one.stands_in_for,
        **{key: value for key, value in limits.items() if value is not None and math.isfinite(value)},
        "protocols": {name: dict(parameters.values) for name, parameters in one.parameters.items()},
    }
