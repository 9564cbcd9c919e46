"""Step-time curves as a picture."""

from __future__ import annotations

from pathlib import Path

from omnibench.files.atomic import atomic_path
from omnibench.profiling.report import Report
from omnibench.system.drawing import new_figure


def draw_curve(report: Report, path: Path) -> None:
    """Step times minute by minute as PNG: median and 99th percentile of ordinary steps and of hops, and the length of a
    frame, above which a step is too slow.
    """
    figure = new_figure(figsize=(8, 4.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    for kind, colour in (("ordinary", "tab:blue"), ("hop", "tab:orange")):
        rows = [(row.minute, getattr(row, kind)) for row in report.curve if getattr(row, kind) is not None]
        minutes = [minute for minute, _ in rows]
        axes.plot(minutes, [found.p50_ms for _, found in rows], "o-", color=colour, label=f"{kind}, median")
        axes.plot(minutes, [found.p99_ms for _, found in rows], "o:", color=colour, label=f"{kind}, p99")
    minutes = [row.minute for row in report.curve]
    axes.plot(minutes, [row.processor_ms for row in report.curve], "s--", color="tab:green", label="processor, mean")
    frame = 1000 * report.minutes * 60 / sum(_steps(report))
    axes.axhline(frame, color="grey", linewidth=1, label=f"one frame, {frame:.1f} ms")
    axes.set(xlabel="minute of dialogue", ylabel="milliseconds a step", title=report.title)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="small")
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png")


def _steps(report: Report) -> list[int]:
    """Steps of each kind, the very first one included."""
    return [1, *(found.steps for found in (report.ordinary, report.hop) if found is not None)]
