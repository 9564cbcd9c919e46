"""How far a run is: a bar over dialogues and frames on a terminal, a line at its start and end elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO


class Progress:
    """Counts frames and dialogues of one run.

    Args:
        label: what is shown first, like ``"omniresponse on mini-test"``.
        dialogues: to play in all, with those done before; ``done`` of them were.
        frames: to play now.
    """

    def __init__(self, label: str, dialogues: int, done: int, frames: int, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._label, self._dialogues, self._done, self._frames = label, dialogues, done, frames
        self._begin = time.perf_counter()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=self._frames, unit="frame", file=self._stream, dynamic_ncols=True, smoothing=0.1)
            self._describe()
        else:
            resumed = f", {self._done} done before" if self._done else ""
            print(
                f"{self._label}: {self._dialogues} dialogues{resumed}, {self._frames} frames to play", file=self._stream
            )
        return self

    def frames(self, count: int) -> None:
        """``count`` frames more have been played."""
        if self._bar is not None:
            self._bar.update(count)

    def dialogues(self, count: int) -> None:
        """``count`` dialogues more are finished."""
        self._done += count
        if self._bar is not None:
            self._describe()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        else:
            seconds = time.perf_counter() - self._begin
            print(f"{self._label}: {self._done}/{self._dialogues} dialogues in {seconds:.1f} s", file=self._stream)

    def _describe(self) -> None:
        self._bar.set_description(f"{self._label} · dialogue {self._done}/{self._dialogues}")
