"""What a model has answered and not yet played: queues of faces, samples and pictures, and how late they run.

An answer to frame ``i`` can be heard and seen from frame ``i + 1`` on. What is not there in time is held (face,
picture) or silent (audio), and each such frame is counted as late.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from omnibench.types import Audio

T = TypeVar("T", bound=NDArray[np.generic])


@dataclass(slots=True)
class HeldQueue(Generic[T]):
    """Items of one frame each; the last one is held while the queue is empty."""

    last: T | None = None
    late: int = 0
    _items: deque[T] = field(default_factory=deque)

    def push(self, items: NDArray[np.generic]) -> None:
        """Append ``(k, …)`` items, to be played one a frame."""
        self._items.extend(items)

    def play(self) -> T | None:
        """The item of the next frame; None only before the very first one."""
        if self._items:
            self.last = self._items.popleft()
        else:
            self.late += 1
        return self.last

    def __len__(self) -> int:
        return len(self._items)


@dataclass(slots=True)
class AudioQueue:
    """Samples in the order they were answered."""

    late: int = 0
    _blocks: deque[Audio] = field(default_factory=deque)
    _queued: int = 0

    def push(self, samples: Audio) -> None:
        """Append samples ``(n,)``."""
        if len(samples):
            self._blocks.append(samples)
            self._queued += len(samples)

    def play(self, count: int) -> Audio:
        """The next ``count`` samples, silent where there are fewer, which counts as one late frame."""
        played = np.zeros(count, np.float32)
        filled = 0
        while filled < count and self._blocks:
            block = self._blocks.popleft()
            taken = min(len(block), count - filled)
            played[filled : filled + taken] = block[:taken]
            if taken < len(block):
                self._blocks.appendleft(block[taken:])
            filled += taken
        self._queued -= filled
        self.late += filled < count
        return played

    def __len__(self) -> int:
        return self._queued
