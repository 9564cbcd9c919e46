"""``omnibench models``: the models that can be run, what they read and answer with, and what is missing for them."""

from __future__ import annotations

import click

from omnibench.readiness import lacking
from omnibench.responder import MODELS, ModelCard, ModelEntry

HEADINGS = ("model", "kind", "reads", "answers with", "parameters", "licence", "weights, or the line that gets them")


@click.command()
def models() -> None:
    """List the models."""
    rows = [HEADINGS, *(_row(name) for name in MODELS.names())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(name: str) -> tuple[str, ...]:
    try:
        entry = MODELS.get(name)
        card = entry.card
        return (
            name,
            card.kind,
            " ".join(card.inputs) or "-",
            " ".join(card.outputs),
            _count(card),
            card.licence or "-",
            lacking(entry) or _weights(entry),
        )
    except Exception as error:  # a stranger's package that cannot be imported leaves the others in the list
        return (name, "-", "-", "-", "-", "-", f"broken ({type(error).__name__}: {error})")


def _count(card: ModelCard) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if card.parameters >= size:
            return f"{card.parameters / size:.1f} {unit}"
    return str(card.parameters) if card.parameters else "-"


def _weights(entry: ModelEntry) -> str:
    return "here" if entry.card.weights or getattr(entry, "default_checkpoint", None) else "none needed"
