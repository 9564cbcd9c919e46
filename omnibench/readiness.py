"""Whether a model can run here, and if not, the line that gets all that it lacks."""

from __future__ import annotations

from pathlib import Path

from omnibench.assets import group, how_to_get, locate
from omnibench.responder import ModelEntry, ModelOptions


def lacking(entry: ModelEntry, options: ModelOptions | None = None) -> str:
    """The line that gets all that a model lacks here, its parts joined by ``&&``: a checkpoint, weights, packages, a
    key; ``""`` where it can run.

    Nothing is loaded: files are looked for, not read.

    Args:
        entry: the model.
        options: how it would be built.

    Raises:
        UsageError: options that do not fit, or a card that names weights nobody knows.
    """
    options = options or ModelOptions()
    own = getattr(entry, "missing", None)
    lines: list[str] = []
    if options.checkpoint is None:
        checkpoint: Path | None = getattr(entry, "default_checkpoint", None)
        if checkpoint is not None and not checkpoint.exists():
            lines.append(f"omnibench train {entry.card.name}")
        assets = (asset for name in entry.card.weights for asset in group(name))
        lines += [how_to_get(asset) for asset in assets if locate(asset) is None]
    lines.append("" if own is None else own(options))
    return " && ".join(dict.fromkeys(filter(None, lines)))
