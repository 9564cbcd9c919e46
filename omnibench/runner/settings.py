"""``--config NAME``: one of the configurations that a model brings."""

from __future__ import annotations

from pathlib import Path

from omnibench.errors import InputError
from omnibench.responder import ModelEntry


def named_config(entry: ModelEntry, config: Path | None) -> Path | None:
    """The file that ``--config`` means: a bare name is that of one of the model's own configurations.

    Raises InputError where the model has no configuration of that name.
    """
    if config is None or config.suffix == ".toml" or config.exists() or len(config.parts) != 1:
        return config
    folder = entry.configurations
    if folder is None:
        return config
    path = folder / f"{config}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        name = entry.card.name
        raise InputError(f"--config {config}: no configuration of {name}; expected a TOML file or one of: {known}.")
    return path
