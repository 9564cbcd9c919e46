"""Loudness of a track over time, and the stretches of it that hold speech. No network: one clean voice a track.

A track is one person close to a microphone, silent where that person is silent, so level alone tells speech from
silence; it would not do for a room with two voices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnibench.features.sound import Sound, blocks, whole
from omnibench.types import Dialogue

if TYPE_CHECKING:
    from omnibench.features.media import Media
    from omnibench.features.store import FeatureStore

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
    return sound_levels(whole(samples, rate))


def sound_levels(sound: Sound) -> NDArray[np.float64]:
    """The same of a track that is read piece by piece."""
    rate = sound(0, 1)[1]
    return block_levels(blocks(sound), rate)


def block_levels(parts: Iterable[NDArray[Any]], rate: int) -> NDArray[np.float64]:
    """The same of a track that comes in parts; how it is cut changes no bit of the curve."""
    curve: list[NDArray[np.float64]] = []
    # Energy of all samples before sample ``first``, ``first + 1``, ...: the sum goes on from part to part.
    energy, first, done = np.zeros(1), 0, 0
    for part in parts:
        power = np.asarray(part, dtype=np.float64) ** 2
        energy = np.concatenate([energy[:-1], np.cumsum(np.concatenate([energy[-1:], power]))])
        size = first + len(energy) - 1
        _, stop = _windows(done, int(size / rate / HOP) + 1, rate)
        ready = done + int(np.searchsorted(stop, size, side="right"))
        curve.append(_roots(energy, first, size, done, ready, rate))
        done = ready
        behind = max(0, int(_windows(done, done + 1, rate)[0][0]))
        energy, first = energy[behind - first :], behind
    size = first + len(energy) - 1
    if size == 0:
        return np.zeros(0)
    return np.concatenate([*curve, _roots(energy, first, size, done, int(size / rate / HOP) + 1, rate)])


def _windows(begin: int, end: int, rate: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and one past last sample of windows ``begin`` to ``end - 1``, before they are cut."""
    centres = np.arange(begin, end) * HOP * rate
    half = WINDOW * rate / 2
    return np.rint(centres - half).astype(np.int64), np.rint(centres + half).astype(np.int64)


def _roots(energy: NDArray[np.float64], first: int, size: int, begin: int, end: int, rate: int) -> NDArray[np.float64]:
    start, stop = (np.clip(edge, 0, size) for edge in _windows(begin, end, rate))
    power = (energy[stop - first] - energy[start - first]) / np.maximum(stop - start, 1)
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
    return loud_spans(levels(samples, rate))


def loud_spans(level: NDArray[np.float64]) -> tuple[Span, ...]:
    """`speech_spans` of a level curve."""
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


def media_levels(media: Media, features: FeatureStore) -> NDArray[np.float64]:
    """The level curve of a clip's sound, kept for all metrics. Raises MetricError where there is no sound."""
    made = features.computed(media, "levels-1", lambda: {"levels": sound_levels(media.sound)})
    return np.asarray(made["levels"], dtype=np.float64)


def listener_spans(reference: Dialogue) -> tuple[Span, ...]:
    """Where the human listener speaks: by the sound, or by the words where the data has no sound."""
    listener = reference.listener
    if listener.has_audio:
        return loud_spans(sound_levels(lambda start, stop: (listener.audio(start, stop), reference.sample_rate)))
    return tuple(Span(word.start, word.end) for word in listener.words)
