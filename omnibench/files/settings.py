"""``--config FILE`` and ``--set key=value`` as one set of settings."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omnibench.errors import InputError, UsageError
from omnibench.files.checked import parse_json
from omnibench.files.decoding import TextFault, parse_toml


def resolve_settings(config: Path | None, assignments: Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a TOML file, overridden by assignments like ``sampling.top_p=0.9``, or by values whose names may
    have dots as well.

    An assigned value is read as TOML (``3``, ``true``, ``[1, 2]``); what is no TOML is the string itself.

    Raises:
        InputError: the file is missing or no TOML.
        UsageError: an assignment without ``=``, into a value that is no table, or of what ``run.json`` cannot keep.
    """
    settings = {} if config is None else _read(config)
    if isinstance(assignments, Mapping):
        for name, value in assignments.items():
            _assign(settings, name.split("."), value)
        return _kept(settings)
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not key.strip():
            raise UsageError(f'--set "{assignment}": expected key=value.')
        _assign(settings, key.strip().split("."), _value(value.strip()))
    return _kept(settings)


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; --config expects a TOML file.") from error
    except OSError as error:
        raise InputError(f"{path}: not readable ({error.strerror or error}); --config expects a TOML file.") from error
    except TextFault as error:
        raise InputError(f"{path}: not readable as TOML ({error}). {error.cure}".rstrip()) from error


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _assign(settings: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    *tables, last = keys
    for key in tables:
        settings = settings.setdefault(key, {})
        if not isinstance(settings, dict):
            raise UsageError(f'--set {".".join(keys)}: "{key}" is a value, not a table.')
    settings[last] = value


def _kept(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, whose values a run's own file can hold: no time of day, no infinity, no half of a character."""
    try:
        parse_json(json.dumps(settings).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"A setting cannot be kept ({error}); expected texts, finite numbers, lists and tables."
        ) from error
    return settings
