"""The metrics audit as a table for people and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from omnibench.audit.damage_table import DAMAGES
from omnibench.audit.matrix import UNTOUCHED
from omnibench.audit.metrics import Cell, MetricsReport, Reading

SCHEMA_VERSION: Final = 1
MARKS: Final = {"notice": "N", "strongest": "s", "ignore": "=", "blind": "b", "may": "."}
_LEGEND: Final = (
    "N must notice (Spearman of grade and harm, at least 0.9)   s must notice the strongest grade   = must not change\n"
    "  b blind by definition   . may or may not   blank: not touched, did not move   ! breaks it   ? not in the matrix"
)
_WIDTH: Final = 9


def format_metrics_report(report: MetricsReport) -> str:
    """The matrix with its outcome, then what breaks it, what it does not hold, and what could not be measured."""
    damages = list(dict.fromkeys(cell.damage for cell in report.cells))
    width = max([len("metric"), *(len(cell.metric) for cell in report.cells)])
    read, seen = (len(ids) for ids in report.panels.values())
    lines = [
        f"metrics of the protocol {report.protocol} on {report.data} {report.split}: {read} dialogues, "
        f"{seen} for the metrics that hear or see; seed {report.seed}",
        f"  {_LEGEND}",
        *_heading(damages, width),
    ]
    by_metric: dict[str, dict[str, Cell]] = {}
    for cell in report.cells:
        by_metric.setdefault(cell.metric, {})[cell.damage] = cell
    for metric, cells in by_metric.items():
        lines.append(f"  {metric:{width}}" + "".join(f"{_mark(cells[d]):>{_WIDTH}}" for d in damages))
    lines += ["", "  damages, and who notices:", *(_noticed(report, damage) for damage in damages)]
    lines += _section("breaks the matrix", [_broken(cell) for cell in report.broken])
    lines += _section("not in the matrix", [f"{cell.metric} under {cell.damage}" for cell in report.unwritten])
    lines += _section("not measured", [f"{name}: {reason}" for name, reason in report.silent.items()])
    lines += _section("no damage here reaches", [f"{name}: {why}" for name, why in report.outside.items()])
    bound = sum(cell.verdict.kept is not None for cell in report.cells)
    lines.append(
        f"  {len(report.cells)} cells, {bound} of them bound, {len(report.broken)} broken, "
        f"{len(report.unwritten)} not in the matrix"
    )
    return "\n".join(lines)


def _heading(damages: Sequence[str], width: int) -> list[str]:
    if not damages:
        return ["  nothing to show: no metric has a number on undamaged answers"]
    upper, lower = zip(*(damage.split("_", 1) if "_" in damage else ("", damage) for damage in damages), strict=True)
    return [
        f"  {'':{width}}" + "".join(f"{word:>{_WIDTH}}" for word in upper),
        f"  {'metric':{width}}" + "".join(f"{word:>{_WIDTH}}" for word in lower),
    ]


def _mark(cell: Cell) -> str:
    broken = "!" if cell.verdict.kept is False else ""
    if cell.expectation is None:
        return "?"
    if cell.expectation is UNTOUCHED:
        return broken
    mark = MARKS[cell.expectation.expect]
    if cell.expectation.expect in ("notice", "strongest", "may") and cell.verdict.correlation is not None:
        mark += f" {cell.verdict.correlation:.2f}"
    return mark + broken


def _noticed(report: MetricsReport, damage: str) -> str:
    entry = DAMAGES[damage]
    grades = ", ".join(f"{grade:g}" for grade in entry.grades)
    noticing = [
        cell.metric
        for cell in report.cells
        if cell.damage == damage
        and cell.verdict.kept
        and cell.expectation
        and cell.expectation.expect in ("notice", "strongest")
    ]
    return f"    {damage} ({entry.summary}; {grades} {entry.unit}): {', '.join(noticing) or 'nobody'}"


def _broken(cell: Cell) -> str:
    values = " ".join("-" if reading.value is None else f"{reading.value:.4g}" for reading in cell.readings)
    expect = cell.expectation.expect if cell.expectation else ""
    return f"{cell.metric} under {cell.damage}: {expect}; {cell.verdict.remark}; values {values}"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"  {title}:", *(f"    {line}" for line in lines)] if lines else []


def metrics_report_json(report: MetricsReport) -> str:
    """Every value of every cell, with what was expected and why. Raises ValueError should a NaN have slipped in."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "protocol": report.protocol,
        "data": {"name": report.data, "split": report.split},
        "seed": report.seed,
        "dialogues": {panel: list(ids) for panel, ids in report.panels.items()},
        "damages": {
            name: {"summary": damage.summary, "unit": damage.unit, "touches": sorted(damage.touches)}
            for name, damage in DAMAGES.items()
            if any(cell.damage == name for cell in report.cells)
        },
        "broken": len(report.broken),
        "cells": [_cell_document(cell) for cell in report.cells],
        "not_measured": dict(report.silent),
        "outside": dict(report.outside),
    }
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _cell_document(cell: Cell) -> dict[str, Any]:
    document: dict[str, Any] = {
        "metric": cell.metric,
        "damage": cell.damage,
        "verdict": {True: "kept", False: "broken", None: "not bound"}[cell.verdict.kept],
        "undamaged": _reading_document(cell.readings[0]),
        "grades": [
            {"grade": grade, **_reading_document(reading)}
            for grade, reading in zip(cell.grades, cell.readings[1:], strict=True)
        ],
    }
    if cell.expectation is None:
        document["expect"] = "not in the matrix"
    else:
        document |= {"expect": cell.expectation.expect, "why": cell.expectation.why}
    if cell.verdict.correlation is not None:
        document["spearman"] = cell.verdict.correlation
    if cell.verdict.change is not None:
        document["largest_change"] = cell.verdict.change
    if cell.verdict.remark:
        document["remark"] = cell.verdict.remark
    return document


def _reading_document(reading: Reading) -> dict[str, Any]:
    if reading.value is None:
        return {"status": "no number", "reason": reading.reason}
    return {"value": reading.value, "n_scored": reading.scored, "n_expected": reading.expected}
