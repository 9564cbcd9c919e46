"""How far a long job is: on a terminal a bar with the time left, elsewhere a line a minute; all of it on stderr."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TextIO, TypeVar

QUIET_SECONDS: Final = 60.0
"""Off a terminal: the time before the first line and between two, so that a short job says nothing."""

Item = TypeVar("Item")

REFRESH_SECONDS: Final = 1.0
"""On a terminal: how often the clock of a bar goes on while nothing is finished."""


UNKNOWN_WIDTH: Final = 80


class Ticker:
    """Counts the units of one job, and says how many are done and when the rest will be.

        with Ticker("score omniresponse", len(ids), "dialogue") as ticker:
            for dialogue in ids:
                ...
                ticker.advance()

    Args:
        label: what is shown first.
        total: units in all.
        unit: one of them, in the singular.
        stream: stderr by default.
        leave: whether a terminal keeps the full bar in the end.
        done: units that an earlier call did.
    """

    def __init__(
        self,
        label: str,
        total: int,
        unit: str = "dialogue",
        stream: TextIO | None = None,
        leave: bool = False,
        done: int = 0,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._label, self._total, self._unit, self._leave = label, total, unit, leave
        self._count = self._first = done
        self._numbers: Mapping[str, float] = {}
        self._begin = 0.0
        self._bar: Any = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)

    def __enter__(self) -> Ticker:
        self._begin = time.perf_counter()
        if self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                desc=self._label, total=self._total, initial=self._first, unit=self._unit, file=self._stream,
                leave=self._leave,
                ncols=None if _width(self._stream) else UNKNOWN_WIDTH, dynamic_ncols=_width(self._stream) > 0,
                smoothing=0.1,
            )  # fmt: skip
        self._thread.start()
        return self

    def advance(self, count: int = 1) -> None:
        """``count`` units more are done; more than there are count as all."""
        count = min(count, self._total - self._count)
        self._count += count
        if self._bar is not None:
            self._bar.update(count)

    def reach(self, count: int, numbers: Mapping[str, float]) -> None:
        """``count`` units are done in all; ``numbers``, like the newest losses, are shown behind them."""
        self._numbers = numbers
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.3f}" for name, value in numbers.items()}, refresh=False)
        self.advance(count - self._count)

    def describe(self, label: str) -> None:
        """Change what is shown first."""
        self._label = label
        if self._bar is not None:
            self._bar.set_description(label)

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._bar is not None:
            self._bar.close()

    def _speak(self) -> None:
        """Of a thread of its own: one unit may take many minutes."""
        while not self._ended.wait(QUIET_SECONDS if self._bar is None else REFRESH_SECONDS):
            if self._bar is not None:
                self._bar.refresh()
                continue
            seconds = time.perf_counter() - self._begin
            line = progress_line(self._label, self._count, self._total, self._unit, seconds, self._first)
            numbers = "".join(f"  {name} {value:.3f}" for name, value in self._numbers.items())
            print(line + numbers, file=self._stream, flush=True)


def _width(stream: TextIO) -> int:
    """Columns of a terminal; 0 where it does not say, which makes a bar of no length of it."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def ticked(items: Iterable[Item], label: str, total: int, unit: str) -> Iterator[Item]:
    """The items, of which there are ``total``, each counted by a `Ticker` as it comes."""
    with Ticker(label, total, unit, leave=True) as ticker:
        for item in items:
            yield item
            ticker.advance()


def progress_line(label: str, count: int, total: int, unit: str, seconds: float, first: int = 0) -> str:
    """Where a job is after ``seconds``, in which it came from ``first``, and how long the rest takes at that pace.

    >>> progress_line("score silence", 6, 24, "dialogue", 90.0)
    'score silence: 6/24 dialogues, 1 min 30 s gone, about 4 min 30 s left'
    """
    left = f", about {_time(seconds * (total - count) / (count - first))} left" if first < count < total else ""
    return f"{label}: {count}/{total} {unit}s, {_time(seconds)} gone{left}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


class Progress:
    """Counts frames and dialogues of one run: a `Ticker` between a line at its start and one at its end.

    Args:
        label: what is shown first, like ``"omniresponse on mini-test"``.
        dialogues: to play in all, with those done before; ``done`` of them were.
        frames: to play now.
        drawn: whether each of them is also drawn for the video, which then counts as much as playing it.
    """

    def __init__(
        self, label: str, dialogues: int, done: int, frames: int, stream: TextIO | None = None, drawn: bool = False
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._label, self._dialogues, self._done = label, dialogues, done
        self._frames, self._drawn = frames, drawn
        self._begin = time.perf_counter()
        self._ticker = Ticker(self._described(), frames * (2 if drawn else 1), "frame", self._stream, leave=True)

    def __enter__(self) -> Progress:
        if not self._stream.isatty():
            resumed = f", {self._done} done before" if self._done else ""
            work = "frames to play and to draw" if self._drawn else "frames to play"
            print(f"{self._label}: {self._dialogues} dialogues{resumed}, {self._frames} {work}", file=self._stream)
        self._ticker.__enter__()
        return self

    def frames(self, count: int) -> None:
        """``count`` frames more have been played or drawn."""
        self._ticker.advance(count)

    def dialogues(self, count: int) -> None:
        """``count`` dialogues more are finished."""
        self._done += count
        self._ticker.describe(self._described())

    def __exit__(self, *_: object) -> None:
        self._ticker.__exit__()
        if not self._stream.isatty():
            seconds = time.perf_counter() - self._begin
            print(f"{self._label}: {self._done}/{self._dialogues} dialogues in {seconds:.1f} s", file=self._stream)

    def _described(self) -> str:
        return f"{self._label} · dialogue {self._done}/{self._dialogues}"
