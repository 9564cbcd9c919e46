"""The file of a protocol: what departs from the metrics' defaults under one way of measuring.

extends = "strict"            # takes over that protocol's metrics with their parameters
drop = ["bertscore_f1"]       # of what it took over, these are not measured here
absent = "worst"              # a dialogue without a score: at its metric's worst value, or "left_out" of the mean

[metrics.bertscore_minilm]    # parameters that differ, which all go into the signature; measured, if it was not yet
layer = 5
drop = ["baseline"]           # parameters that it does not have here
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from omnibench.errors import InputError, did_you_mean
from omnibench.files.decoding import TextFault, parse_toml
from omnibench.metrics.base import Metric

Absent = Literal["worst", "left_out"]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
Values = Mapping[str, Any]


class ProtocolFile(BaseModel):
    """The shape of the file; the module says what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    extends: Literal["paper", "strict", "offline"] | None = None
    drop: tuple[StrictStr, ...] = ()
    absent: Absent | None = None
    metrics: dict[str, dict[str, Scalar | list[Scalar]]] = {}


def parse_protocol(text: str, where: str) -> ProtocolFile:
    """Read the file's text; ``where`` names it in messages. Raises InputError with the field and what was expected."""
    try:
        return ProtocolFile.model_validate(parse_toml(text.encode()))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"][:3]))  # behind it stands which kind of value did not fit
        raise InputError(f"{where}: {field}: {_expected(first)}") from error
    except TextFault as error:
        raise InputError(f"{where}: not readable as TOML ({error}).") from error


def _expected(error: Any) -> str:
    given = repr(error["input"])
    if error["type"] == "extra_forbidden":
        meant = did_you_mean(str(error["loc"][-1]), ProtocolFile.model_fields)
        return f"no such field; expected {', '.join(ProtocolFile.model_fields)}.{meant}"
    if error["type"] == "literal_error":
        return f"{given}; expected {error['ctx']['expected']}."
    return f"{given}; expected {'a table' if 'dict' in error['type'] else 'a text, number, true or false, or a list'}."


def merged(
    file: ProtocolFile,
    where: str,
    base: Mapping[str, Values],
    members: Sequence[str],
    installed: Mapping[str, Metric],
    known: Mapping[str, Values] | None = None,
) -> dict[str, Values]:
    """Every metric of a protocol with its parameters.

    Args:
        file: the protocol's.
        where: its name in messages.
        base: metrics and parameters of the protocol that it extends; none where it extends none.
        members: the metrics that say themselves that this protocol measures them.
        installed: every metric.
        known: every parameter that a metric has under a protocol of ours, with its value, for the check of a file of
            somebody else's.

    Raises:
        InputError: a metric is dropped that is not there, or not installed, or a parameter is none of the metric's.
    """
    for metric in file.drop:
        if metric not in base:
            raise InputError(
                f'{where}: drop: "{metric}" is no metric of the protocol that it extends; '
                f"expected some of {', '.join(base) or 'none'}.{did_you_mean(metric, base)}"
            )
    names = [name for name in dict.fromkeys([*base, *members, *file.metrics]) if name not in file.drop]
    found = {}
    for name in names:
        if name not in installed:
            meant = did_you_mean(name, installed)
            raise InputError(f"{where}: metrics.{name}: no such metric; `omnibench metrics` lists them.{meant}")
        section = file.metrics.get(name, {})
        own = base.get(name, installed[name].parameters)
        if known is not None:
            _check(section, f"{where}: metrics.{name}", {**installed[name].parameters, **known.get(name, {}), **own})
        found[name] = departed(own, section)
    return found


def departed(defaults: Values, section: Values) -> Values:
    """Parameters with a section's departures.

    Example:
        >>> departed({"draw": "seeded", "windows": 1}, {"draw": "official", "videos": 140, "drop": ["windows"]})
        {'videos': 140, 'draw': 'official'}
    """
    dropped = section.get("drop", [])
    new = {key: value for key, value in section.items() if key not in defaults and key != "drop"}
    return {**new, **{key: section.get(key, value) for key, value in defaults.items() if key not in dropped}}


def _check(section: Values, where: str, known: Values) -> None:
    for key, value in section.items():
        if key == "drop":
            unknown = [name for name in value if name not in known] if isinstance(value, list) else [value]
            if unknown:
                raise InputError(f"{where}.drop: {unknown[0]!r}; expected some of {', '.join(known) or 'none'}.")
        elif key not in known:
            among = ", ".join(known) or "none"
            raise InputError(f"{where}.{key}: no parameter of it; expected some of {among}.{did_you_mean(key, known)}")
        elif not _alike(value, known[key]):
            raise InputError(f"{where}.{key}: {value!r}; expected something like {known[key]!r}.")


def _alike(value: object, example: object) -> bool:
    if isinstance(value, bool) or isinstance(example, bool):
        return isinstance(value, bool) and isinstance(example, bool)
    if isinstance(example, list):
        return isinstance(value, list) and len(value) > 0 and all(_alike(item, example[0]) for item in value)
    if isinstance(example, int):
        return isinstance(value, int)
    return isinstance(value, int | float) if isinstance(example, float) else isinstance(value, str)
