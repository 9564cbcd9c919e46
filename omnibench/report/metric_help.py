"""Column help: what a reader of a table has to know of each metric, as the metric declares it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from omnibench.metrics.base import FAMILIES, METRICS, MetricSpec
from omnibench.metrics.protocol import STAND_INS, broken
from omnibench.tables.paper import COLUMNS

OTHER: Final = "other"
_LAST: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Help:
    """One metric for readers. ``direction`` is ``higher``, ``lower`` or ``none``."""

    name: str
    title: str
    direction: str
    unit: str
    decimals: int
    family: str
    definition: str
    pitfalls: str

    def as_json(self) -> dict[str, Any]:
        """For the pages' data blocks."""
        return {
            "title": self.title,
            "direction": self.direction,
            "unit": self.unit,
            "decimals": self.decimals,
            "family": self.family,
            "definition": self.definition,
            "pitfalls": self.pitfalls,
        }


def families() -> Mapping[str, str]:
    """Headings of the families, in the order in which tables show them."""
    return FAMILIES


def metric_help(name: str, entry: Mapping[str, Any] | None = None) -> Help:
    """What to know of a metric.

    Args:
        name: of the metric.
        entry: its part of a ``scores.json``, which says the direction and unit of a metric that is not installed here.
    """
    found = _installed(name)
    if found is not None:
        return found
    unknown = entry or {}
    return Help(
        name,
        title=name,
        direction=str(unknown.get("direction", "none")),
        unit=str(unknown.get("unit", "")),
        decimals=3,
        family=OTHER,
        definition="A metric that is not installed here.",
        pitfalls="",
    )


def _installed(name: str) -> Help | None:
    spec = _spec(name)
    if spec is None:
        return None
    return Help(
        name,
        spec.title,
        spec.direction,
        spec.unit,
        COLUMNS[name].decimals if name in COLUMNS else spec.decimals,
        spec.family,
        spec.definition or spec.summary,
        spec.pitfalls,
    )


def _spec(name: str) -> MetricSpec | None:
    """What an installed metric declares; None where there is none of that name, or it cannot be imported."""
    return None if name not in METRICS.names() or broken(name) else METRICS.get(name).spec


def in_reading_order(names: Iterable[str]) -> list[str]:
    """The paper's columns or what stands in for them first, in the paper's order, then the others by family."""
    found = set(names)
    first = main_columns(found)
    order = list(families())

    def place(name: str) -> tuple[int, int, str]:
        spec = _spec(name)
        return (order.index(OTHER), _LAST, name) if spec is None else (order.index(spec.family), spec.order, name)

    return [*first, *sorted(found - set(first), key=place)]


def main_columns(names: Iterable[str]) -> list[str]:
    """Of these metrics the eight of the paper's Table 2, or what stands in for them."""
    found = set(names)
    return [name for column in COLUMNS for name in (column, *STAND_INS.get(column, ())) if name in found]
