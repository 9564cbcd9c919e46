"""The metrics audit as one picture: a square for each metric and damage, coloured by outcome, with the metric's course
over the grades drawn into it. Needs the extra ``plots``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from omnibench.audit.grading import harm
from omnibench.audit.matrix import UNTOUCHED
from omnibench.audit.metrics import Cell, MetricsReport
from omnibench.files.atomic import atomic_path
from omnibench.metrics.base import METRICS
from omnibench.system.drawing import new_figure

_INK, _FAINT = "#22303c", "#8a96a0"
_COLOURS: Final = {
    "notice": "#cfe8d5",
    "strongest": "#e4f1dc",
    "ignore": "#dbe7f3",
    "blind": "#f3ead2",
    "may": "#f1f1f1",
    "untouched": "#ffffff",
    "broken": "#f0a8a0",
    "not in the matrix": "#e5c8ee",
}
_LABELS: Final = {
    "notice": "must notice, does",
    "strongest": "must notice the strongest grade, does",
    "ignore": "must not change, does not",
    "blind": "blind by definition",
    "may": "not bound",
    "broken": "breaks the matrix",
    "not in the matrix": "not in the matrix",
}
_DPI: Final = 130
_CELL_WIDTH, _CELL_HEIGHT = 0.95, 0.34


def draw_metrics_report(report: MetricsReport, path: Path) -> None:
    """Write a PNG; an empty frame where no metric has a number on undamaged answers.

    The curve in a square is the harm over the grades, no damage first, upwards being worse; its height is the metric's
    largest harm under any damage.
    """
    damages = list(dict.fromkeys(cell.damage for cell in report.cells))
    metrics = list(dict.fromkeys(cell.metric for cell in report.cells))
    size = (2.6 + _CELL_WIDTH * len(damages), 1.7 + _CELL_HEIGHT * len(metrics))
    figure = new_figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    tallest = {metric: _tallest(report, metric) for metric in metrics}
    for cell in report.cells:
        _draw_cell(axes, cell, damages.index(cell.damage), metrics.index(cell.metric), tallest[cell.metric])
    axes.set(xlim=(0, len(damages) or 1), ylim=(len(metrics) or 1, 0))
    axes.set_xticks(np.arange(len(damages)) + 0.5, [name.replace("_", "\n") for name in damages])
    axes.set_yticks(np.arange(len(metrics)) + 0.5, metrics)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelsize=8, colors=_INK)
    axes.spines[:].set_visible(False)
    axes.set_title(f"{report.protocol} on {report.data} {report.split}", fontsize=10, color=_INK)
    _legend(axes, columns=max(1, len(damages) // 2))
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=_DPI, metadata={"Software": None})


def _worse(cell: Cell) -> list[float | None]:
    values = [reading.value for reading in cell.readings]
    numbers = [value for value in values if value is not None]
    course = iter(harm(numbers, METRICS.get(cell.metric).spec.direction))
    return [None if value is None else next(course) for value in values]


def _tallest(report: MetricsReport, metric: str) -> float:
    found = [abs(w) for cell in report.cells if cell.metric == metric for w in _worse(cell) if w is not None]
    return max(found, default=0.0) or 1.0


def _draw_cell(axes: Any, cell: Cell, column: int, row: int, tallest: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=_COLOURS[_outcome(cell)], edgecolor="white", linewidth=2))
    if cell.expectation is UNTOUCHED:
        return
    worse = _worse(cell)
    x = column + np.linspace(0.1, 0.9, len(worse))
    y = [np.nan if w is None else row + 0.85 - 0.7 * max(w, -0.2 * tallest) / tallest for w in worse]
    axes.plot(x, y, color=_INK, linewidth=1.1, marker=".", markersize=2.5)


def _outcome(cell: Cell) -> str:
    if cell.verdict.kept is False:
        return "broken"
    if cell.expectation is None:
        return "not in the matrix"
    return "untouched" if cell.expectation is UNTOUCHED else cell.expectation.expect


def _legend(axes: Any, columns: int) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=_COLOURS[name], label=label) for name, label in _LABELS.items()]
    axes.figure.legend(
        handles=patches,
        loc="outside lower center",
        ncols=min(columns, len(patches)),
        frameon=False,
        fontsize=8,
        labelcolor=_FAINT,
    )
