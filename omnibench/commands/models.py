"""``omnibench models``: the models that can be run, what they answer with and whether their weights are there."""

from __future__ import annotations

from pathlib import Path

import click

from omnibench.responder import MODELS, ModelCard, ModelEntry


@click.command()
def models() -> None:
    """List the models."""
    rows = [("model", "kind", "answers with", "parameters", "licence", "weights")]
    for name in MODELS.names():
        entry = MODELS.get(name)
        card = entry.card
        rows.append((name, card.kind, " ".join(card.outputs), _count(card), card.licence or "-", _weights(entry)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _count(card: ModelCard) -> str:
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if card.parameters >= size:
            return f"{card.parameters / size:.1f} {unit}"
    return str(card.parameters) if card.parameters else "-"


def _weights(entry: ModelEntry) -> str:
    """Whether a model's own checkpoint is here, else the command that makes it; or the names of its assets."""
    checkpoint: Path | None = getattr(entry, "default_checkpoint", None)
    if checkpoint is not None:
        return "here" if checkpoint.exists() else f"omnibench train {entry.card.name}"
    return f"assets: {' '.join(entry.card.weights)}" if entry.card.weights else "none needed"
