"""Loudness of a track over time, and the stretches of it that hold speech. No network: one clean voice a track.

A track is one person close to a microphone, silent where that person is silent, so level alone tells speech from
silence; it would not do for a room with two voices.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.types import Dialogue

HOP: Final = 0.01
"""Seconds between two values of the level curve."""

WINDOW: Final = 0.025
FLOOR_DB: Final = -50.0
RANGE_DB: Final = 30.0
CLOSE: Final = 0.3
SHORTEST: Final = 0.08


class Span(NamedTuple):
    """``start <= t < end`` in seconds."""

    start: float
    end: float


def levels(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Root mean square of the signal around ``n * HOP`` seconds, over a window of 25 ms that is cut at both ends of the
    track.

    Args:
        samples: ``(n,)`` in [-1, 1].
        rate: samples per second.

    Returns:
        ``(floor(duration / HOP) + 1,)`` values >= 0; empty for an empty track.
    """
    signal = np.asarray(samples, dtype=np.float64)
    if signal.size == 0:
        return np.zeros(0)
    energy = np.concatenate([[0.0], np.cumsum(signal**2)])
    centres = np.arange(int(signal.size / rate / HOP) + 1) * HOP * rate
    start = np.clip(np.rint(centres - WINDOW * rate / 2), 0, signal.size).astype(np.int64)
    stop = np.clip(np.rint(centres + WINDOW * rate / 2), 0, signal.size).astype(np.int64)
    power = (energy[stop] - energy[start]) / np.maximum(stop - start, 1)
    root: NDArray[np.float64] = np.sqrt(np.clip(power, 0.0, None))
    return root


def speech_spans(samples: NDArray[Any], rate: int) -> tuple[Span, ...]:
    """Stretches of speech: louder than -50 dBFS and than 30 dB below the track's own speech level (95th percentile of
    what is above -50 dBFS), gaps under 0.3 s closed, stretches under 0.08 s dropped.

    Example:
        >>> tone = np.sin(np.arange(16_000) * 0.3)
        >>> speech_spans(np.concatenate([np.zeros(16_000), tone, np.zeros(16_000)]), 16_000)
        (Span(start=0.99, end=2.02),)
    """
    level = levels(samples, rate)
    floor = 10.0 ** (FLOOR_DB / 20)
    loud = level[level > floor]
    if loud.size == 0:
        return ()
    threshold = max(floor, float(np.percentile(loud, 95)) * 10.0 ** (-RANGE_DB / 20))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], level > threshold, [False]]).astype(np.int8)))
    spans: list[Span] = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start, stop = round(begin * HOP, 6), round(end * HOP, 6)
        if spans and start - spans[-1].end < CLOSE:
            spans[-1] = Span(spans[-1].start, stop)
        else:
            spans.append(Span(start, stop))
    return tuple(span for span in spans if span.end - span.start >= SHORTEST)


def listener_spans(reference: Dialogue) -> tuple[Span, ...]:
    """Where the human listener speaks: by the sound, or by the words where the data has no sound."""
    listener = reference.listener
    if listener.has_audio:
        return speech_spans(listener.audio(), reference.sample_rate)
    return tuple(Span(word.start, word.end) for word in listener.words)
