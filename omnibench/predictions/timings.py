"""What a run's steps took, for ``run.json`` and for a line below the scores."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from omnibench.files.records import Timings
from omnibench.predictions.folder import Predictions


def summary(answers: Predictions, dialogues: Sequence[str], seconds: float) -> Timings:
    """Medians and 99th percentiles over all steps, milliseconds, by the wall clock and by the processor's count, and
    the machine's highest load.

    Args:
        answers: of the run.
        dialogues: those that were asked for.
        seconds: of wall time that the run took.
    """
    times = [answers.times(dialogue) for dialogue in dialogues]
    found: dict[str, float | int] = {"seconds": round(seconds, 3)}
    for name, key in (("step", "step_seconds"), ("processor", "processor_seconds")):
        each = [kept[key] for kept in times if key in kept]
        together = np.concatenate(each) if each else np.zeros(0)
        together = together[np.isfinite(together)]
        if name == "step":
            found["steps"] = len(together)
        if len(together):
            p50, p99 = np.percentile(together, [50, 99])
            found |= {f"{name}_p50_ms": round(float(p50) * 1e3, 3), f"{name}_p99_ms": round(float(p99) * 1e3, 3)}
    loads = [float(kept["load"].max()) for kept in times if "load" in kept and np.isfinite(kept["load"]).all()]
    return Timings.model_validate({**found, "load": round(max(loads), 2)} if loads else found)


def described(timings: Timings) -> str:
    """The line below the scores, or ``""`` where nothing was measured.

    Example:
        >>> described(Timings(step_p50_ms=11.04, step_p99_ms=24.4, processor_p50_ms=10.9, processor_p99_ms=20.0))
        'steps: wall p50/p99 11.0/24.4 ms, processor 10.9/20.0 ms'
    """
    if timings.step_p50_ms is None or timings.step_p99_ms is None:
        return ""
    line = f"steps: wall p50/p99 {timings.step_p50_ms:.1f}/{timings.step_p99_ms:.1f} ms"
    if timings.processor_p50_ms is not None and timings.processor_p99_ms is not None:
        line += f", processor {timings.processor_p50_ms:.1f}/{timings.processor_p99_ms:.1f} ms"
    return line if timings.load is None else f"{line}; load {timings.load:g} on {os.cpu_count()} cores"
