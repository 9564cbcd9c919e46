"""The written matrix (``matrix.toml``): what each metric must notice, must not notice, or is blind to by definition."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from omnibench.audit.damage_table import DAMAGES, Damage
from omnibench.errors import InputError
from omnibench.metrics.base import MetricSpec

Expect = Literal["notice", "strongest", "ignore", "blind", "may"]
EXPECTATIONS: Final = ("notice", "strongest", "ignore", "blind", "may")
_BOUNDED: Final = ("strongest", "ignore", "blind")
_RULE_KEYS: Final = {"metrics", "damages", "expect", "why", "within", "within_absolute"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one metric under one damage, and why.

    ``notice``: gets worse from grade to grade. ``strongest``: is worse by more than the bound at the strongest grade.
    ``ignore``: must not change by more than the bound. ``blind``: does not get worse by more than the bound, which is a
    weakness to know. ``may``: not bound either way.

    The bound is ``max(within * |undamaged value|, within_absolute)``.
    """

    expect: Expect
    why: str
    within: float = 0.0
    within_absolute: float = 0.0

    def bound(self, undamaged: float) -> float:
        """The largest change that counts as none."""
        return max(self.within * abs(undamaged), self.within_absolute)


UNTOUCHED: Final = Expectation(
    "ignore", "the damage leaves everything that the metric reads as it was", within=1e-9, within_absolute=1e-9
)
"""Of every metric and every damage that touches none of its needs; no line of the matrix is needed for it."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """``cells`` by (metric, damage); ``outside`` are metrics that no damage can reach, with the reason."""

    cells: Mapping[tuple[str, str], Expectation]
    outside: Mapping[str, str]

    def expectation(self, spec: MetricSpec, damage: Damage) -> Expectation | None:
        """The written line, what follows from the needs where the damage touches none of them, or None: not in the
        matrix.
        """
        written = self.cells.get((spec.name, damage.name))
        if written is not None:
            return written
        return None if touches(damage, spec) else UNTOUCHED

    def missing(self, spec: MetricSpec) -> tuple[str, ...]:
        """Damages that touch what the metric reads without a line in the matrix; none for metrics outside of it."""
        if spec.name in self.outside:
            return ()
        return tuple(name for name, damage in DAMAGES.items() if self.expectation(spec, damage) is None)


def touches(damage: Damage, spec: MetricSpec) -> bool:
    """Whether a damage changes anything that a metric declares to read."""
    return bool(damage.touches & set(spec.needs))


def load_matrix(path: Path | None = None) -> Matrix:
    """The matrix of a file, or the one that ships with omnibench. Raises InputError where the file is none."""
    source = files("omnibench.audit").joinpath("matrix.toml") if path is None else path
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: not readable as TOML ({error}); expected [[rule]] tables.") from error
    return parse_matrix(document, source.name)


def parse_matrix(document: Mapping[str, Any], where: str) -> Matrix:
    """A matrix from a parsed TOML document: tables ``[[rule]]`` and one table ``[outside]``.

    Raises:
        InputError: unknown keys or damages, a bound where none belongs or none where one does, a cell written twice,
            or a line without its reason; the message names the rule.
    """
    unknown = set(document) - {"rule", "outside"}
    if unknown:
        raise InputError(f"{where}: unknown {', '.join(sorted(unknown))}; expected [[rule]] tables and [outside].")
    cells: dict[tuple[str, str], Expectation] = {}
    for number, rule in enumerate(document.get("rule", ()), 1):
        place = f"{where}: rule {number}"
        expectation = _expectation(rule, place)
        for damage in _names(rule, "damages", place):
            if damage not in DAMAGES:
                raise InputError(f'{place}: unknown damage "{damage}"; expected one of {", ".join(DAMAGES)}.')
            for metric in _names(rule, "metrics", place):
                if (metric, damage) in cells:
                    raise InputError(f"{place}: {metric} under {damage} is written twice.")
                cells[metric, damage] = expectation
    outside = dict(document.get("outside", {}))
    both = outside.keys() & {metric for metric, _ in cells}
    if both:
        raise InputError(f"{where}: {', '.join(sorted(both))} stands both in a rule and in [outside].")
    return Matrix(cells, outside)


def _names(rule: Mapping[str, Any], key: str, place: str) -> Iterable[str]:
    names = rule.get(key)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"{place}: {key} is {names!r}; expected a list of names.")
    return names


def _expectation(rule: Mapping[str, Any], place: str) -> Expectation:
    unknown = set(rule) - _RULE_KEYS
    if unknown:
        raise InputError(f"{place}: unknown {', '.join(sorted(unknown))}; expected {', '.join(sorted(_RULE_KEYS))}.")
    expect, why = rule.get("expect"), str(rule.get("why", "")).strip()
    if expect not in EXPECTATIONS:
        raise InputError(f"{place}: expect is {expect!r}; expected one of {', '.join(EXPECTATIONS)}.")
    if not why:
        raise InputError(f"{place}: no reason; every line of the matrix says why.")
    bounds = {key: float(rule[key]) for key in ("within", "within_absolute") if key in rule}
    if bool(bounds) != (expect in _BOUNDED):
        raise InputError(
            f"{place}: {expect} with bounds {bounds}; {', '.join(_BOUNDED)} have one, notice and may have none."
        )
    return Expectation(expect, why, **bounds)
