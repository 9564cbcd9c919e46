"""What a bench run found, as numbers, as a table and as curves."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Times:
    """Quantiles of step times in milliseconds over ``steps`` steps."""

    steps: int
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of dialogue; ``processor_ms`` is the mean over all its steps."""

    minute: int
    ordinary: Times | None
    hop: Times | None
    processor_ms: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Frames answered a second, of all dialogues together and of one alone; ``gain`` is their ratio, ``processor_gain``
    the same by processor time, which other work on the machine hardly moves.
    """

    frames_per_second: float
    alone_frames_per_second: float
    gain: float
    processor_gain: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench run found. ``ordinary``, ``hop`` and ``throughput`` are None where there was no such thing.

    ``conditions`` are the model's own, like its window and precision. ``memory_mib`` holds resident memory ``built``,
    ``opened`` and at each mark reached; ``growth_mib`` is the end minus the first minute mark (or ``opened`` in shorter
    runs). ``first_minute`` and ``last_minute`` are ordinary steps. ``processor_factor`` is the real-time factor by
    processor time.
    """

    model: str
    summary: str
    conditions: Mapping[str, str]
    minutes: float
    fps: str
    batch: int
    build_seconds: float
    open_ms: float
    first_step_ms: float
    ordinary: Times | None
    hop: Times | None
    first_minute: Times | None
    last_minute: Times | None
    real_time_factor: float
    processor_factor: float
    throughput: Throughput | None
    memory_mib: Mapping[str, float]
    growth_mib: float
    curve: tuple[Minute, ...]

    def as_json(self) -> dict[str, Any]:
        """Numbers by name; what there was none of is left out."""
        found = {key: value for key, value in asdict(self).items() if value is not None}
        found["curve"] = [{k: v for k, v in minute.items() if v is not None} for minute in found["curve"]]
        return found

    @property
    def title(self) -> str:
        """Model, frame rate, dialogues and conditions: what every figure is to be read with."""
        own = [f"{name} {value}" for name, value in self.conditions.items()]
        dialogues = [f"{self.batch} dialogues in lock-step"] if self.batch > 1 else []
        return ", ".join([self.model, f"{self.fps} fps", *own, *dialogues])


def times(seconds: NDArray[np.float64]) -> Times | None:
    """Quantiles of ``(n,)`` seconds, None for none.

    Example:
        >>> times(np.array([0.01, 0.03]))
        Times(steps=2, p50_ms=20.0, p90_ms=28.0, p95_ms=29.0, p99_ms=29.8, longest_ms=30.0)
    """
    if seconds.size == 0:
        return None
    quantiles = [round(float(q), 4) for q in 1000 * np.quantile(seconds, [0.5, 0.9, 0.95, 0.99, 1.0])]
    return Times(int(seconds.size), *quantiles)


def format_report(report: Report, threads: int, device: str) -> str:
    """The table that the command prints."""
    rows = {
        "ordinary steps": report.ordinary,
        "hop steps": report.hop,
        "minute 1": report.first_minute,
        "last minute": report.last_minute,
    }
    lines = [
        f"{report.title}, {device}, threads {threads}: {report.minutes:g} minutes",
        f"{'':<16}{'steps':>8}{'p50':>9}{'p90':>9}{'p95':>9}{'p99':>9}{'max':>9}  ms",
        *(_row(name, found) for name, found in rows.items() if found is not None),
        f"build {report.build_seconds:.2f} s, open {report.open_ms:.1f} ms, first step {report.first_step_ms:.1f} ms",
        f"real-time factor {report.real_time_factor:.4f}; by processor time {report.processor_factor:.4f}",
    ]
    if report.throughput is not None:
        found = report.throughput
        lines.append(
            f"throughput {found.frames_per_second:.1f} frames a second, {found.alone_frames_per_second:.1f} of one "
            f"dialogue alone: {found.gain:.2f} times as many, by processor time {found.processor_gain:.2f}"
        )
    memory = ", ".join(f"{where} {mib:.0f}" for where, mib in report.memory_mib.items())
    return "\n".join([*lines, f"memory MiB: {memory}; growth after minute 1: {report.growth_mib:+.1f}"])


def format_curve(report: Report) -> str:
    """Step times minute by minute, as CSV; what a minute has none of is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ("p50_ms", "p95_ms", "p99_ms", "longest_ms")
    kinds = ("ordinary", "hop")
    writer.writerow(["minute", *(f"{kind}_{name}" for kind in kinds for name in names), "processor_ms"])
    for row in report.curve:
        found = [getattr(row, kind) for kind in kinds]
        values = ["" if times is None else getattr(times, name) for times in found for name in names]
        writer.writerow([row.minute, *values, row.processor_ms])
    return text.getvalue()


def _row(name: str, found: Times) -> str:
    values = (found.p50_ms, found.p90_ms, found.p95_ms, found.p99_ms, found.longest_ms)
    return f"{name:<16}{found.steps:>8}" + "".join(f"{value:>9.2f}" for value in values)
