"""Which pictures ffmpeg shows twice or leaves out when it writes at a constant rate (``-r 25``, or numbered files).

Source: ``video_sync_process`` in ffmpeg's ``fftools/ffmpeg_enc.c`` (7.0), the case VSYNC_CFR.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

_DRIFT: Final = 1.1
_PREVIOUS: Final = 0.6


class ConstantRate:
    """One run over one video.

    Args:
        fps: pictures per second of the result.
    """

    def __init__(self, fps: Fraction) -> None:
        self._fps = fps
        self._next = 0
        self._history = [0, 0, 0]

    def of(self, frames: Iterable[Any], start: float = 0.0) -> Iterator[Any]:
        """The pictures to write, each as often as it is written.

        Args:
            frames: ``av.VideoFrame`` in order.
            start: seconds that the file begins with, taken off every time.
        """
        previous: Any = None
        for frame in frames:
            time = (float(frame.pts * frame.time_base) - start) * float(self._fps)
            length = float(frame.duration * frame.time_base * self._fps) if frame.duration else 1.0
            before, total = self.counts(time, length)
            for index in range(total):
                yield previous if index < before and previous is not None else frame
            previous = frame
        for _ in range(sorted(self._history)[1] if previous is not None else 0):
            yield previous

    def counts(self, time: float, length: float) -> tuple[int, int]:
        """How many pictures are written now, and how many of them, first, are the last one again.

        Args:
            time: of the picture, in pictures of the result.
            length: likewise.

        Returns:
            ``(again, all)``.
        """
        early = time - self._next
        late = early + length
        if early < 0 < late:
            early = 0.0
        again, total = 0, 1
        if late < -_DRIFT:
            total = 0
        elif late > _DRIFT:
            total = round(late)
            if early > _DRIFT:
                again = round(early - _PREVIOUS)
        self._history = [again, *self._history[:2]]
        self._next += total
        return again, total
