"""Settings of a model: pydantic models in sections, read from TOML and ``--set section.field=value``, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from omnibench.errors import InputError, OmnibenchError, UsageError, did_you_mean
from omnibench.files.decoding import parse_toml

Count = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(ge=1)]
Amount = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PartOfAll = Annotated[float, Field(gt=0, le=1)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]

_KINDS: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
_BOUNDS: Final = {"ge": "{} or more", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}
_LISTS: Final = {int: "a list of whole numbers", float: "a list of numbers", str: "a list of texts"}


class Section(BaseModel):
    """Settings that belong together: values, or sections of values. Text is read as the field's type, as ``--set`` and
    TOML give it; a number is never a switch, nor a switch a number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _as_meant(cls, value: object, info: ValidationInfo) -> object:
        kind = cls.model_fields[info.field_name or ""].annotation
        if kind is bool and isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(value, bool) != (kind is bool):
            raise ValueError("a switch for a number, or a number for a switch")
        return value

    def to_json(self) -> str:
        """All settings as one line of JSON, keys sorted."""
        return json.dumps(self.model_dump(), sort_keys=True)

    def differences(self, other: Section) -> tuple[str, ...]:
        """Names like ``memory.layers`` of the fields that differ."""
        mine, theirs = flatten(self.model_dump()), flatten(other.model_dump())
        return tuple(key for key in mine if mine[key] != theirs[key])


S = TypeVar("S", bound=Section)


def load_config(default: S, folder: Path, name_or_file: str, model: str, advice: str = "") -> S:
    """A configuration by its name in ``folder`` or by the path of a TOML file, on top of ``default``. A name may have a
    dot.

    Raises:
        InputError: no such file, not TOML, or a value of the wrong type or out of range.
        UsageError: an unknown setting.
    """
    path = Path(name_or_file)
    if path.suffix != ".toml":
        path = folder / f"{name_or_file}.toml"
    try:
        values = parse_toml(path.read_bytes())
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise InputError(f"{name_or_file}: no such configuration; expected a TOML file or one of: {known}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected TOML: {error}.") from error
    try:
        return override(default, values, model, advice)
    except OmnibenchError as error:
        raise type(error)(f"{path}: {error}") from None


def override(
    settings: S, values: Mapping[str, Any], model: str, advice: str = "", refusal: type[OmnibenchError] = InputError
) -> S:
    """``settings`` with other values.

    Args:
        settings: values, or sections of values.
        values: nested or dotted names to values.
        model: whose settings these are, for messages.
        advice: ends the message about an unknown name; without it, all names do.
        refusal: raised for a value of another type or out of range.

    Raises:
        UsageError: a name that is no setting, with "did you mean".
    """
    nested = settings.model_dump()
    known, given = flatten(nested), flatten(values)
    for key, value in given.items():
        if key not in known:
            names = advice or f"Settings: {', '.join(known)}."
            raise UsageError(f'{model} has no setting "{key}".{did_you_mean(key, known)} {names}')
        section, _, name = key.rpartition(".")
        (nested[section] if section else nested)[name] = value
    try:
        return type(settings).model_validate(nested)
    except ValidationError as error:
        place = error.errors()[0]["loc"]
    key = next(key for key in known if place[: key.count(".") + 1] == tuple(key.split(".")))
    raise refusal(f"The setting {key} is {_shown(given.get(key))}, expected {_expected(_field(type(settings), key))}.")


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """``{"memory": {"layers": 4}}`` as ``{"memory.layers": 4}``; dotted keys stay."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat.update({f"{key}.{inner}": v for inner, v in value.items()})
        else:
            flat[key] = value
    return flat


def _field(settings: type[Section], key: str) -> FieldInfo:
    section, _, name = key.rpartition(".")
    kind = settings.model_fields[section].annotation if section else settings
    return cast("type[Section]", kind).model_fields[name]


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _expected(field: FieldInfo) -> str:
    kind, origin = field.annotation, get_origin(field.annotation)
    if origin is Literal:
        return " or ".join(map(str, get_args(kind)))
    if origin is tuple:
        return _LISTS[get_args(kind)[0]]
    plain = next(known for known in _KINDS if known in (kind, *get_args(kind)))
    return ", ".join(filter(None, (_KINDS[plain], _range(field))))


def _range(field: FieldInfo) -> str:
    bounds = {name: getattr(bound, name) for bound in field.metadata for name in _BOUNDS if hasattr(bound, name)}
    if bounds.keys() == {"ge", "le"}:
        return f"{bounds['ge']:g} to {bounds['le']:g}"
    return ", ".join(_BOUNDS[name].format(f"{bound:g}") for name, bound in bounds.items())
