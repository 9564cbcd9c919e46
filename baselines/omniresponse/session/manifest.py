"""What ``run.json`` says of a run besides its checkpoint's hash: how answers were drawn and computed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from baselines.omniresponse.config import from_json, override


def run_time_settings(path: Path, changes: Mapping[str, object]) -> dict[str, str]:
    """The sections ``sampling`` and ``runtime`` of a checkpoint, after ``changes``; empty for what is no checkpoint,
    which building the model says better.

    Raises:
        UsageError: a change of something that is no setting.
        InputError: a value of another type, or out of range.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            stored = (file.metadata() or {}).get("settings")
    except (OSError, SafetensorError):
        return {}
    if stored is None:
        return {}
    settings = override(from_json(stored), changes)
    sections = settings.model_dump(include={"sampling", "runtime"})
    return {name: ",".join(f"{key}={value}" for key, value in section.items()) for name, section in sections.items()}
