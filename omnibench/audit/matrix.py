"""The written matrix: what each metric must notice, must not notice, or is blind to by definition, as the metrics
declare it (`omnibench.metrics.expectation`) or a file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from omnibench.audit.damage_table import DAMAGES, Damage
from omnibench.errors import InputError
from omnibench.files.decoding import parse_toml
from omnibench.metrics.base import Metric, MetricSpec
from omnibench.metrics.expectation import BOUNDED, EXPECTATIONS, Expectation
from omnibench.metrics.protocol import installed_metrics

_RULE_KEYS: Final = {"metrics", "damages", "expect", "why", "within", "within_absolute"}

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
    """The matrix of a file, or what the installed metrics declare. Raises InputError where one of them is wrong."""
    if path is None:
        return declared_matrix(installed_metrics())
    try:
        document = parse_toml(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable as TOML ({error}); expected [[rule]] tables.") from error
    return parse_matrix(document, path.name)


def declared_matrix(metrics: Mapping[str, Metric]) -> Matrix:
    """What metrics declare themselves.

    Raises:
        InputError: a rule names no damage that there is, stands twice, gives no reason, or a bound where none belongs
            or none where one does; the message names the metric.
    """
    cells: dict[tuple[str, str], Expectation] = {}
    for name, metric in metrics.items():
        place = f"audit of {name}"
        for rule in () if isinstance(metric.audit, str) else metric.audit:
            own = rule.expectation
            bounds = {key: value for key in ("within", "within_absolute") if (value := getattr(own, key))}
            _place(cells, [name], rule.damages, _checked(own, bounds, place), place)
    return Matrix(cells, {name: own.audit for name, own in metrics.items() if isinstance(own.audit, str)})


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
        _place(cells, _names(rule, "metrics", place), _names(rule, "damages", place), expectation, place)
    outside = dict(document.get("outside", {}))
    both = outside.keys() & {metric for metric, _ in cells}
    if both:
        raise InputError(f"{where}: {', '.join(sorted(both))} stands both in a rule and in [outside].")
    return Matrix(cells, outside)


def _place(
    cells: dict[tuple[str, str], Expectation],
    metrics: Iterable[str],
    damages: Iterable[str],
    expectation: Expectation,
    place: str,
) -> None:
    for damage in damages:
        if damage not in DAMAGES:
            raise InputError(f'{place}: unknown damage "{damage}"; expected one of {", ".join(DAMAGES)}.')
        for metric in metrics:
            if (metric, damage) in cells:
                raise InputError(f"{place}: {metric} under {damage} is written twice.")
            cells[metric, damage] = expectation


def _names(rule: Mapping[str, Any], key: str, place: str) -> Iterable[str]:
    names = rule.get(key)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"{place}: {key} is {names!r}; expected a list of names.")
    return names


def _expectation(rule: Mapping[str, Any], place: str) -> Expectation:
    unknown = set(rule) - _RULE_KEYS
    if unknown:
        raise InputError(f"{place}: unknown {', '.join(sorted(unknown))}; expected {', '.join(sorted(_RULE_KEYS))}.")
    bounds = {key: float(rule[key]) for key in ("within", "within_absolute") if key in rule}
    return _checked(Expectation(rule.get("expect", "none"), str(rule.get("why", "")).strip(), **bounds), bounds, place)


def _checked(found: Expectation, bounds: Mapping[str, float], place: str) -> Expectation:
    if found.expect not in EXPECTATIONS:
        raise InputError(f"{place}: expect is {found.expect!r}; expected one of {', '.join(EXPECTATIONS)}.")
    if not found.why:
        raise InputError(f"{place}: no reason; every line of the matrix says why.")
    if bool(bounds) != (found.expect in BOUNDED):
        raise InputError(
            f"{place}: {found.expect} with bounds {bounds}; {', '.join(BOUNDED)} have one, notice and may have none."
        )
    return found
