"""Face coefficients block by block, so that a long clip is never held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from omnibench.types import Face

FRAMES: Final = 512
"""Frames of a block: 17 s at 30 a second."""


def face_blocks(read: Callable[[int, int], Face], before: int = 0, frames: int = FRAMES) -> Iterator[Face]:
    """All frames in order; every block but the first begins with the last ``before`` frames of the one ahead of it.

    Args:
        read: ``(start, stop)`` to ``(stop - start, 64)``, past the end fewer (`Track.face`).
        before: how many frames two blocks share.
        frames: new frames of a block.

    Yields:
        ``(n, 64)``: one block at least, empty for an empty track.
    """
    start = 0
    while True:
        lead = min(before, start)
        block = read(start - lead, start + frames)
        new = len(block) - lead
        if new > 0 or start == 0:
            yield block
        if new < frames:
            return
        start += frames
