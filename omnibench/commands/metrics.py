"""``omnibench metrics``: what is measured, and how."""

from __future__ import annotations

import click


@click.command()
def metrics() -> None:
    """List the metrics: direction, level, what they need, and the protocols that hold them."""
    from omnibench.metrics.base import METRICS
    from omnibench.metrics.protocol import COMING, PROTOCOLS, load_protocol

    held = {name: load_protocol(name).metrics for name in PROTOCOLS}
    for name in METRICS.names():
        spec = METRICS.get(name).spec
        protocols = ", ".join(p for p in PROTOCOLS if name in held[p])
        better = {"higher": "higher is better", "lower": "lower is better", "none": "no direction"}[spec.direction]
        click.echo(f"{name:<22} {spec.title}: {spec.summary}")
        needs = ", ".join(spec.needs)
        click.echo(
            f"{'':<22} {better}; {spec.level} level; needs {needs}; protocols {protocols or 'none'}; {spec.section}"
        )
    for name, title in COMING.items():
        click.echo(f"{name:<22} {title}: not there yet")
