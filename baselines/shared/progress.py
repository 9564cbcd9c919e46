"""How far a training stage is: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, TextIO

SECONDS_BETWEEN_LINES: Final = 30.0


class StageProgress:
    """Counts updates of one stage.

    Args:
        label: what is shown first.
        total: updates of the stage.
        done: those of an earlier call.
        stream: where to write; stderr by default.
    """

    def __init__(self, label: str, total: int, done: int = 0, stream: TextIO | None = None) -> None:
        self._label, self._total, self._first, self._done = label, total, done, done
        self._stream = sys.stderr if stream is None else stream
        self._begin = self._last_line = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> StageProgress:
        if self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self._total, initial=self._done, desc=self._label, file=self._stream, dynamic_ncols=True
            )
        return self

    def update(self, done: int, numbers: Mapping[str, float]) -> None:
        """``done`` updates are finished; ``numbers`` are the newest losses."""
        step, self._done = done - self._done, done
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.3f}" for name, value in numbers.items()}, refresh=False)
            self._bar.update(step)
            return
        now = time.monotonic()
        if now - self._last_line >= SECONDS_BETWEEN_LINES or done == self._total:
            self._last_line = now
            self._line(now, numbers)

    def _line(self, now: float, numbers: Mapping[str, float]) -> None:
        left = (self._total - self._done) * (now - self._begin) / max(self._done - self._first, 1)
        losses = " ".join(f"{name} {value:.3f}" for name, value in numbers.items())
        print(
            f"{self._label}: {self._done}/{self._total}, about {left / 60:.1f} min left  {losses}",
            file=self._stream,
            flush=True,
        )

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
