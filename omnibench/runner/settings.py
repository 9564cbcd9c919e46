"""``--config NAME``: one of the configurations that a model brings."""

from __future__ import annotations

from pathlib import Path

from omnibench.errors import InputError
from omnibench.runner.remote import model_entry


def named_config(model: str, config: Path | None) -> Path | None:
    """The file that ``--config`` means: a bare name is that of one of the model's own configurations.

    Raises:
        UsageError: nobody registered that model.
        InputError: the model has no configuration of that name.
    """
    if config is None or config.suffix == ".toml" or config.exists() or len(config.parts) != 1:
        return config
    folder: Path | None = getattr(model_entry(model), "configurations", None)
    if folder is None:
        return config
    path = folder / f"{config}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise InputError(f"--config {config}: no configuration of {model}; expected a TOML file or one of: {known}.")
    return path
