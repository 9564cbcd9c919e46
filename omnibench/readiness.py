"""Whether a model can run here, and if not, the line that gets what it lacks."""

from __future__ import annotations

from pathlib import Path

from omnibench.assets import group, how_to_get, locate
from omnibench.responder import ModelEntry, ModelOptions


def lacking(entry: ModelEntry, options: ModelOptions | None = None) -> str:
    """The line that gets what a model lacks here: a package, a key, a checkpoint, weights; ``""`` where it can run.

    Nothing is loaded: files are looked for, not read.

    Args:
        entry: the model.
        options: how it would be built.

    Raises:
        UsageError: options that do not fit, or a card that names weights nobody knows.
    """
    options = options or ModelOptions()
    own = getattr(entry, "missing", None)
    line: str = "" if own is None else own(options)
    if line or options.checkpoint is not None:
        return line
    checkpoint: Path | None = getattr(entry, "default_checkpoint", None)
    if checkpoint is not None and not checkpoint.exists():
        return f"omnibench train {entry.card.name}"
    assets = (asset for name in entry.card.weights for asset in group(name))
    return next((how_to_get(asset) for asset in assets if locate(asset) is None), "")
