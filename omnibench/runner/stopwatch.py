"""What the clock measures of one dialogue: its steps, and what the model does between them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from omnibench.system.process_tree import Spent


class Stopwatch:
    """Times of one dialogue, taken outside the model's process. A child's processor time is told in ticks once its
    parent has waited for it, so a sum can fall by a part of one: that counts as nothing.

    Args:
        frames: of the dialogue.
        fps: frames per second.
        waits: whether a frame's step begins no earlier than the frame is complete by the wall clock; the first one is
            when the dialogue is opened. That clock stands still while a model that is late waits for the harness.
    """

    def __init__(self, frames: int, fps: Fraction, waits: bool) -> None:
        self._fps, self._waits = float(fps), waits
        self._step, self._processor, self._waited = (np.zeros(frames) for _ in range(3))
        self._between, self._gap, self._ready = (np.full(frames, np.nan) for _ in range(3))
        self._start, self._opening = np.nan, Spent(np.nan, np.nan)
        self._idle_from = (np.nan, np.nan)

    def opened(self, begin: float, end: float, before: Spent, after: Spent) -> None:
        """The dialogue was opened from ``begin`` to ``end``, for what the model had spent ``after`` it more than
        ``before``.
        """
        self._start, self._idle_from = begin - 1 / self._fps, (end, after.processor)
        self._opening = after.since(before)

    def wait(self, index: int) -> None:
        """Until frame ``index`` is complete, where this waits."""
        if self._waits and np.isfinite(self._start):
            time.sleep(max(0.0, self._start + (index + 1) / self._fps - time.perf_counter()))

    def begun(self, index: int, now: float, processor: float) -> None:
        """The model is handed frame ``index``."""
        idle, before = self._idle_from
        self._gap[index], self._between[index] = now - idle, np.maximum(0.0, processor - before)
        # No frame is complete before its time, and the model's own work goes on; what is left is the harness's.
        due = np.fmax(self._start + (index + 1) / self._fps, idle + self._between[index])
        self._start += np.fmax(0.0, now - due)

    def ended(self, index: int, now: float, processor: float) -> None:
        """The answer to frame ``index`` is there."""
        self._ready[index], self._idle_from = now - self._start, (now, processor)

    def took(self, index: int, seconds: float, spent: Spent) -> None:
        """What step ``index`` took by the wall clock, and what was ``spent`` in it (`Spent.since`)."""
        self._step[index] = seconds
        self._processor[index], self._waited[index] = spent.processor, spent.waited

    def times(self) -> Mapping[str, NDArray[np.float64]]:
        """By name, ``(T,)`` seconds, NaN where nobody measured or the system does not say.

        ``step_seconds``, ``processor_seconds`` and ``waited_seconds``, for a processor that others had: of each step;
        ``between_seconds``, processor time, and ``gap_seconds``, wall time: since the answer before, or since opening;
        ``ready_seconds``, of a clock that waits: from the dialogue's beginning to the answer. ``open_processor`` and
        ``open_waited`` are of opening.
        """
        waited = {"ready_seconds": self._ready} if self._waits else {}
        return {
            "step_seconds": self._step,
            "processor_seconds": self._processor,
            "waited_seconds": self._waited,
            "between_seconds": self._between,
            "gap_seconds": self._gap,
            "open_processor": np.array(self._opening.processor),
            "open_waited": np.array(self._opening.waited),
            **waited,
        }
