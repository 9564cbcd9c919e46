"""Settings of a model: frozen dataclasses in sections, read from TOML and ``--set section.field=value``, kept as
JSON.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from omnibench.errors import InputError, UsageError, closest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    S = TypeVar("S", bound=DataclassInstance)
else:
    S = TypeVar("S")

_EXPECTED = {bool: "true or false", int: "a whole number", float: "a number", str: "text", tuple: "a list"}


def load_config(default: S, folder: Path, name_or_file: str, model: str) -> S:
    """A configuration by its name in ``folder`` or by the path of a TOML file, on top of ``default``.

    Raises:
        InputError: no such file, not TOML, or a value of the wrong type.
        UsageError: an unknown setting.
    """
    return override(default, read_config(folder, name_or_file)[1], model)


def read_config(folder: Path, name_or_file: str) -> tuple[Path, dict[str, Any]]:
    """The file of a configuration and what it holds, as `load_config` finds it. A name may have a dot.

    Raises:
        InputError: no such file, or not TOML.
    """
    path = Path(name_or_file)
    if path.suffix != ".toml":
        path = folder / f"{name_or_file}.toml"
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise InputError(f"{name_or_file}: no such configuration; expected a TOML file or one of: {known}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected TOML: {error}.") from error


def override(settings: S, values: Mapping[str, Any], model: str, advice: str = "") -> S:
    """``settings`` with other values.

    Args:
        settings: a dataclass whose fields are values or dataclasses of values.
        values: nested or dotted names to values; text is read as the field's type, as ``--set`` gives it.
        model: whose settings these are, for messages.
        advice: ends the message about an unknown name; without it, all names do.

    Raises:
        UsageError: a name that is no setting, with "did you mean".
        InputError: a value of another type.
    """
    nested = asdict(settings)
    known = flatten(nested)
    for key, value in flatten(values).items():
        if key not in known:
            meant = closest(key, known)
            hint = f' Did you mean "{meant}"?' if meant else ""
            names = advice or f"Settings: {', '.join(known)}."
            raise UsageError(f'{model} has no setting "{key}".{hint} {names}')
        section, _, name = key.rpartition(".")
        (nested[section] if section else nested)[name] = _convert(key, value, type(known[key]))
    changed = {
        name: type(getattr(settings, name))(**value) if isinstance(value, dict) else value
        for name, value in nested.items()
    }
    return type(settings)(**changed)


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """``{"memory": {"layers": 4}}`` as ``{"memory.layers": 4}``; dotted keys stay."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat.update({f"{key}.{inner}": v for inner, v in value.items()})
        else:
            flat[key] = value
    return flat


def to_json(settings: DataclassInstance) -> str:
    """All settings as one line of JSON, keys sorted."""
    return json.dumps(asdict(settings), sort_keys=True)


def differences(mine: DataclassInstance, theirs: DataclassInstance) -> tuple[str, ...]:
    """Names like ``memory.layers`` of the fields that differ."""
    first, second = flatten(asdict(mine)), flatten(asdict(theirs))
    return tuple(key for key in first if first[key] != second[key])


def _convert(key: str, value: Any, kind: type) -> Any:
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind is tuple and isinstance(value, list):
        return tuple(value)
    if type(value) is kind:
        return value
    if kind in (int, float) and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if math.isfinite(number) and (kind is float or number.is_integer()):
            return kind(number)
    raise InputError(f"The setting {key} is {value!r}, expected {_EXPECTED[kind]}.")
