"""Step a model through minutes of dialogue and describe what it took. Wall time; nothing is asserted.

An *ordinary* step appends one frame. A *hop* step is one at which the session's counter ``hop_steps`` rises: a model
with a moving window shows it there when it had to recompute. A session without that attribute has ordinary steps only.
The very first step is told apart too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.benchmark.memory import resident_bytes
from omnibench.benchmark.speaker import bench_context, speaker_frames
from omnibench.errors import OmnibenchError, UsageError
from omnibench.responder import BatchResponder, Control, Responder, Session
from omnibench.runner.answers import ModelFailure
from omnibench.types import DialogueContext, SpeakerFrame

MEMORY_MINUTES: Final = (1.0, 5.0, 15.0)
Model = Responder | BatchResponder | Control


@dataclass(frozen=True, slots=True)
class Times:
    """Quantiles of step times in milliseconds over ``steps`` steps."""

    steps: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench run found. ``ordinary`` and ``hop`` are None where there was no such step.

    ``memory_mib`` holds resident memory ``built``, ``opened`` and at each minute mark reached; ``growth_mib`` is the
    end minus the first minute mark (or ``opened`` in shorter runs). ``first_minute`` and ``last_minute`` are ordinary
    steps.
    """

    model: str
    minutes: float
    fps: str
    build_seconds: float
    open_ms: float
    first_step_ms: float
    ordinary: Times | None
    hop: Times | None
    first_minute: Times | None
    last_minute: Times | None
    real_time_factor: float
    memory_mib: Mapping[str, float]
    growth_mib: float

    def as_json(self) -> dict[str, Any]:
        """Numbers by name; what there was none of is left out."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def times(seconds: NDArray[np.float64]) -> Times | None:
    """Quantiles of ``(n,)`` seconds, None for none.

    Example:
        >>> times(np.array([0.01, 0.03]))
        Times(steps=2, p50_ms=20.0, p90_ms=28.0, p99_ms=29.8, longest_ms=30.0)
    """
    if seconds.size == 0:
        return None
    quantiles = [round(float(q), 4) for q in 1000 * np.quantile(seconds, [0.5, 0.9, 0.99, 1.0])]
    return Times(int(seconds.size), *quantiles)


def open_session(model: Model, context: DialogueContext) -> Session:
    """Open one session. Raises UsageError for a control that needs the human listener's recording."""
    if isinstance(model, Responder):
        return model.open(context)
    if isinstance(model, BatchResponder):
        return model.open_batch([context])[0]
    raise UsageError(
        f"{model.card.name} replays the human listener and computes nothing; `omnibench models` lists the others."
    )


def bench_model(
    build: Callable[[], Model], minutes: float, fps: Fraction, seed: int, on_frame: Callable[[int], object]
) -> Report:
    """Build, open and step a model through ``minutes`` of made-up dialogue.

    Args:
        build: loads the model.
        minutes: of dialogue, > 0.
        fps: frames a second.
        seed: of the session.
        on_frame: called with 1 after each step, for a progress bar.
    """
    begin = time.perf_counter()
    model = build()
    build_seconds = time.perf_counter() - begin
    memory = {"built": _mebibytes()}
    context = bench_context(fps, seed)
    begin = time.perf_counter()
    session = open_session(model, context)
    open_seconds = time.perf_counter() - begin
    memory["opened"] = _mebibytes()

    count = max(2, round(minutes * 60 * fps))
    marks = {round(m * 60 * fps): f"minute {m:g}" for m in MEMORY_MINUTES if m <= minutes}
    seconds, hops = np.zeros(count), np.zeros(count, dtype=bool)
    source = speaker_frames(context, "image" in model.card.inputs)
    try:
        for index in range(count):
            frame, before = next(source), getattr(session, "hop_steps", 0)
            begin = time.perf_counter()
            _step(session, frame)
            seconds[index] = time.perf_counter() - begin
            hops[index] = getattr(session, "hop_steps", 0) > before
            on_frame(1)
            if index + 1 in marks:
                memory[marks[index + 1]] = _mebibytes()
    finally:
        session.close()
    memory["end"] = _mebibytes()
    ordinary = ~hops
    ordinary[0] = False
    minute = min(round(60 * fps), count)
    early, late = ordinary.copy(), ordinary.copy()
    early[minute:] = False
    late[: count - minute] = False
    return Report(
        model=model.card.name,
        minutes=float(count / fps / 60),
        fps=str(fps),
        build_seconds=round(build_seconds, 3),
        open_ms=round(1000 * open_seconds, 3),
        first_step_ms=round(1000 * float(seconds[0]), 3),
        ordinary=times(seconds[ordinary]),
        hop=times(seconds[hops]),
        first_minute=times(seconds[early]),
        last_minute=times(seconds[late]),
        real_time_factor=round(float(seconds.sum() / (count / fps)), 5),
        memory_mib=memory,
        growth_mib=round(memory["end"] - memory.get("minute 1", memory["opened"]), 1),
    )


def _step(session: Session, frame: SpeakerFrame) -> None:
    try:
        session.step(frame)
    except OmnibenchError:
        raise
    except Exception as error:
        raise ModelFailure(f"step {frame.index} raised {type(error).__name__}: {error}") from error


def _mebibytes() -> float:
    return round(resident_bytes() / 2**20, 1)
