"""The stretches of a track that hold speech, joined, at 16 kHz: what speech-quality networks should hear.

A listener is silent most of the time. A network that hears the silence too rates it as part of the speech, so padding
an answer would change its quality; here it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import Span, block_levels, loud_spans
from omnibench.features.sound import RATE, Sound, at_16_khz, blocks

MARGIN: Final = 0.1
"""Seconds kept on both sides of a stretch, so that soft onsets and endings are not cut."""

NAME: Final = f"activity-1+{MARGIN}s@{RATE}"
"""What defines the result, for keys and signatures."""


class VoiceActive:
    """The speech of one person's track: the stretches of `speech_spans` with their margins, in order, joined, at 16 kHz
    in [-1, 1]. Empty where nothing is loud enough to be speech.

    `Samples`: what a slice asks for is read and resampled then, so a long track is never held whole.

    Args:
        sound: samples beyond [-1, 1] are clipped.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = at_16_khz(sound)
        samples = 0

        def counted() -> Iterator[NDArray[np.float32]]:
            nonlocal samples
            for block in blocks(self._sound):
                samples += len(block)
                yield block

        spans = loud_spans(block_levels(counted(), RATE))
        self._parts = [(round(start * RATE), round(end * RATE)) for start, end in _widened(spans, samples / RATE)]
        self._length = sum(end - start for start, end in self._parts)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice, /) -> NDArray[np.float32]:
        first, last, _ = part.indices(self._length)
        pieces = [np.zeros(0, np.float32)]
        at = 0
        for start, end in self._parts:
            begin, stop = max(first - at, 0), min(last - at, end - start)
            if begin < stop:
                pieces.append(self._sound(start + begin, start + stop)[0])
            at += end - start
        return np.concatenate(pieces)


def _widened(spans: tuple[Span, ...], duration: float) -> list[Span]:
    """The spans with their margins, those that then touch joined."""
    widened: list[Span] = []
    for start, end in spans:
        begin, stop = max(0.0, start - MARGIN), min(duration, end + MARGIN)
        if widened and begin <= widened[-1].end:
            widened[-1] = Span(widened[-1].start, stop)
        else:
            widened.append(Span(begin, stop))
    return widened
