"""Column help: what a reader of a table has to know of each metric. Written for people, in ``metric_help.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from omnibench.metrics.protocol import STAND_INS
from omnibench.tables.paper import COLUMNS

OTHER: Final = "other"


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
    return {**_texts()["families"], OTHER: "Other"}


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


@cache
def _installed(name: str) -> Help | None:
    from omnibench.metrics.base import METRICS

    if name not in METRICS.names():
        return None
    spec, text = METRICS.get(name).spec, _texts().get(name, {})
    return Help(
        name,
        spec.title,
        spec.direction,
        spec.unit,
        COLUMNS[name].decimals if name in COLUMNS else spec.decimals,
        text.get("family", OTHER),
        text.get("definition", spec.summary),
        text.get("pitfalls", ""),
    )


def in_reading_order(names: Iterable[str]) -> list[str]:
    """The paper's columns or what stands in for them first, in the paper's order, then the others by family."""
    found = set(names)
    first = main_columns(found)
    order = list(families())
    texts = _texts()
    listed = list(texts)

    def place(name: str) -> tuple[int, int, str]:
        family = texts.get(name, {}).get("family", OTHER)
        return order.index(family), listed.index(name) if name in texts else len(listed), name

    return [*first, *sorted(found - set(first), key=place)]


def main_columns(names: Iterable[str]) -> list[str]:
    """Of these metrics the eight of the paper's Table 2, or what stands in for them."""
    found = set(names)
    return [name for column in COLUMNS for name in (column, *STAND_INS.get(column, ())) if name in found]


@cache
def _texts() -> dict[str, dict[str, str]]:
    text = files("omnibench.report").joinpath("metric_help.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
