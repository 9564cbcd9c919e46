"""Step a model through minutes of dialogue and describe what it took. Wall and processor time; nothing is asserted.

An *ordinary* step appends one frame. A *hop* step is one at which the session's counter ``hop_steps`` rises: a model
with a moving window shows it there when it had to recompute. A session without that attribute has ordinary steps only.
The very first step is told apart too. With several dialogues in lock-step, a step is one frame of all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import ModelFailure, OmnibenchError, UsageError
from omnibench.profiling.memory import resident_bytes
from omnibench.profiling.report import Minute, Report, Throughput, times
from omnibench.profiling.speaker import bench_context, speaker_frames
from omnibench.responder import BatchResponder, Control, LockStep, Responder, Session
from omnibench.types import SpeakerFrame

MEMORY_MINUTES: Final = (1.0, 5.0, 15.0)
MEMORY_STEPS: Final = (10_000,)
Model = Responder | BatchResponder | Control


@dataclass(frozen=True, slots=True)
class _Measured:
    """Per step ``(n,)``: seconds of wall and of processor time, and whether it was a hop; memory by name."""

    seconds: NDArray[np.float64]
    processor: NDArray[np.float64]
    hops: NDArray[np.bool_]
    memory: Mapping[str, float]


def open_sessions(model: Model, fps: Fraction, seed: int, batch: int) -> Sequence[Session]:
    """Open dialogues. Raises UsageError for a control that needs the human listener's recording, and for several
    dialogues of a model that has no ``open_batch``.
    """
    contexts = [bench_context(fps, seed, number) for number in range(batch)]
    if isinstance(model, BatchResponder) and (batch > 1 or not isinstance(model, Responder)):
        return model.open_batch(contexts)
    if batch > 1:
        raise UsageError(f"{model.card.name} does not step several dialogues together; leave --batch away.")
    if isinstance(model, Responder):
        return [model.open(contexts[0])]
    raise UsageError(
        f"{model.card.name} replays the human listener and computes nothing; `omnibench models` lists the others."
    )


def bench_model(
    build: Callable[[], Model],
    minutes: float,
    fps: Fraction,
    seed: int,
    on_frame: Callable[[int], object],
    batch: int = 1,
) -> Report:
    """Build, open and step a model through ``minutes`` of made-up dialogue.

    Args:
        build: loads the model.
        minutes: of dialogue, > 0.
        fps: frames a second.
        seed: of the sessions.
        on_frame: called with 1 after each step, for a progress bar.
        batch: dialogues in lock-step; with more than one, as many steps of a single dialogue are measured before them,
            for the throughput.
    """
    begin = time.perf_counter()
    model = build()
    build_seconds = time.perf_counter() - begin
    built = _mebibytes()
    count = max(2, round(minutes * 60 * fps))
    alone = _measure(model, open_sessions(model, fps, seed, 1), fps, count, on_frame) if batch > 1 else None
    begin = time.perf_counter()
    sessions = open_sessions(model, fps, seed, batch)
    open_seconds = time.perf_counter() - begin
    opened = _mebibytes()
    found = _measure(model, sessions, fps, count, on_frame)
    conditions = getattr(model, "conditions", None)
    ordinary = ~found.hops
    ordinary[0] = False
    minute = min(round(60 * fps), count)
    early, late = ordinary.copy(), ordinary.copy()
    early[minute:] = False
    late[: count - minute] = False
    seconds, length = found.seconds, float(count / fps)
    return Report(
        model=model.card.name,
        summary=model.card.summary,
        conditions={} if conditions is None else dict(conditions(fps)),
        minutes=length / 60,
        fps=str(fps),
        batch=batch,
        build_seconds=round(build_seconds, 3),
        open_ms=round(1000 * open_seconds, 3),
        first_step_ms=round(1000 * float(seconds[0]), 3),
        ordinary=times(seconds[ordinary]),
        hop=times(seconds[found.hops]),
        first_minute=times(seconds[early]),
        last_minute=times(seconds[late]),
        real_time_factor=round(float(seconds.sum() / length), 5),
        processor_factor=round(float(found.processor.sum() / length), 5),
        throughput=None if alone is None else _throughput(alone, found, batch, count),
        memory_mib={"built": built, "opened": opened, **found.memory},
        growth_mib=round(found.memory["end"] - found.memory.get("minute 1", opened), 1),
        curve=_curve(found, minute),
    )


def _measure(
    model: Model, sessions: Sequence[Session], fps: Fraction, count: int, on_frame: Callable[[int], object]
) -> _Measured:
    """Step ``sessions`` through ``count`` frames, all with the same speaker, and close them."""
    marks = {round(m * 60 * fps): f"minute {m:g}" for m in MEMORY_MINUTES}
    marks |= {steps: f"step {steps}" for steps in MEMORY_STEPS}
    seconds, processor, hops = np.zeros(count), np.zeros(count), np.zeros(count, dtype=bool)
    memory = {}
    source = speaker_frames(bench_context(fps, 0), "image" in model.card.inputs)
    try:
        for index in range(count):
            frame, before = next(source), getattr(sessions[0], "hop_steps", 0)
            begin, begin_processor = time.perf_counter(), time.process_time()
            _step(sessions, frame)
            seconds[index], processor[index] = time.perf_counter() - begin, time.process_time() - begin_processor
            hops[index] = getattr(sessions[0], "hop_steps", 0) > before
            on_frame(1)
            if index + 1 in marks:
                memory[marks[index + 1]] = _mebibytes()
    finally:
        for session in sessions:
            session.close()
    return _Measured(seconds, processor, hops, {**memory, "end": _mebibytes()})


def _throughput(alone: _Measured, together: _Measured, batch: int, count: int) -> Throughput:
    rates = [batch * count / together.seconds.sum(), count / alone.seconds.sum()]
    processor = [batch * count / together.processor.sum(), count / alone.processor.sum()]
    return Throughput(
        frames_per_second=round(rates[0], 2),
        alone_frames_per_second=round(rates[1], 2),
        gain=round(rates[0] / rates[1], 3),
        processor_gain=round(processor[0] / processor[1], 3),
    )


def _curve(found: _Measured, minute: int) -> tuple[Minute, ...]:
    """Ordinary steps and hops, minute by minute; a last minute that is not whole counts as one."""
    rows = []
    for number, first in enumerate(range(0, len(found.seconds), minute)):
        here = slice(first, first + minute)
        hops, seconds = found.hops[here], found.seconds[here]
        plain = ~hops
        plain[0] &= number > 0  # the very first step is told apart
        rows.append(
            Minute(
                minute=number + 1,
                ordinary=times(seconds[plain]),
                hop=times(seconds[hops]),
                processor_ms=round(1000 * float(found.processor[here].mean()), 4),
            )
        )
    return tuple(rows)


def _step(sessions: Sequence[Session], frame: SpeakerFrame) -> None:
    try:
        if len(sessions) > 1 and isinstance(sessions, LockStep):
            sessions.step_batch([frame] * len(sessions))
        else:
            for session in sessions:
                session.step(frame)
    except OmnibenchError:
        raise
    except Exception as error:
        raise ModelFailure(f"step {frame.index} raised {type(error).__name__}: {error}") from error


def _mebibytes() -> float:
    return round(resident_bytes() / 2**20, 1)
