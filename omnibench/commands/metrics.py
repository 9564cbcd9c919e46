"""``omnibench metrics``: what is measured, and how."""

from __future__ import annotations

import click


@click.command()
def metrics() -> None:
    """List the metrics: direction, level, what they need, and the protocols that hold them."""
    from omnibench.metrics.base import METRICS
    from omnibench.metrics.protocol import PROTOCOLS, STAND_INS, load_protocol

    stands_in = {name: dropped for dropped, names in STAND_INS.items() for name in names}
    held = {name: load_protocol(name).metrics for name in PROTOCOLS}
    for name in METRICS.names():
        spec = METRICS.get(name).spec
        protocols = ", ".join(p for p in PROTOCOLS if name in held[p])
        better = {"higher": "higher is better", "lower": "lower is better", "none": "no direction"}[spec.direction]
        place = f" (where {stands_in[name]} is not measured)" if name in stands_in else ""
        click.echo(f"{name:<22} {spec.title}: {spec.summary}{place}")
        needs = ", ".join(spec.needs)
        click.echo(
            f"{'':<22} {better}; {spec.level} level; needs {needs}; protocols {protocols or 'none'}; {spec.section}"
        )
