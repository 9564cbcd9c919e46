"""The report as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.omniresponse.quality.figures import Figure


def to_json(about: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """Everything, numbers unrounded."""
    content = {**about, "figures": {figure.name: figure.as_json() for figure in figures}}
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def to_markdown(about: Mapping[str, Any], figures: Sequence[Figure]) -> str:
    """A table for people."""
    head = ", ".join(f"{key} {value}" for key, value in about.items())
    lines = [
        f"OmniResponse, quality: {head}",
        "",
        "| figure | value | 95 % interval | human | chance | from | note |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    for f in figures:
        interval = "" if f.interval is None else f"{_number(f.interval.low)} to {_number(f.interval.high)}"
        value = "–" if f.value is None else f"{_number(f.value)} {f.unit}".strip()
        cells = (f.name, value, interval, _number(f.human), _number(f.chance))
        lines.append(f"| {' | '.join(cells)} | {f'{f.count} {f.counted}' if f.counted else ''} | {f.note} |")
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
