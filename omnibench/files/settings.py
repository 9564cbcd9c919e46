"""``--config FILE`` and ``--set key=value`` as one set of settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omnibench.errors import InputError, UsageError


def resolve_settings(config: Path | None, assignments: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a TOML file, overridden by assignments like ``sampling.top_p=0.9``, or by values whose names may
    have dots as well.

    An assigned value is read as TOML (``3``, ``true``, ``[1, 2]``); what is no TOML is the string itself.

    Raises:
        InputError: the file is missing or no TOML.
        UsageError: an assignment without ``=``, or into a value that is no table.
    """
    settings = {} if config is None else _read(config)
    if isinstance(assignments, Mapping):
        for name, value in assignments.items():
            _assign(settings, name.split("."), value)
        return settings
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f'--set "{assignment}": expected key=value.')
        _assign(settings, key.strip().split("."), _value(value.strip()))
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as handle:
            return tomllib.load(handle)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; --config expects a TOML file.") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as TOML ({error}).") from error


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _assign(settings: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    *tables, last = keys
    for key in tables:
        settings = settings.setdefault(key, {})
        if not isinstance(settings, dict):
            raise UsageError(f'--set {".".join(keys)}: "{key}" is a value, not a table.')
    settings[last] = value
