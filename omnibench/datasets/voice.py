"""Speech of one person cut out of a track, as a voice reference: no silence, no more than some seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from omnibench.datasets.tracks import FileTrack
from omnibench.types import Audio, Track

REFERENCE_SECONDS: Final = 10.0
OWN_CLIP_SECONDS: Final = 3.0
_JOIN_GAPS: Final = 0.3
_BLOCK_SECONDS: Final = 0.02
_SILENCE_BELOW: Final = 0.1  # of the loudest block: 20 dB down


def collect_speech(track: FileTrack, seconds: float) -> Audio:
    """The first ``seconds`` of a track in which its person speaks, pauses left out, float32 at the file's rate.

    Speech is where the words are; in a track without text, the 20 ms blocks within 20 dB of the loudest one. Only these
    pieces are read, but a track without text is read once through to find its loudest block.
    """
    if track.has("text"):
        return spoken(track, track.audio_rate, seconds)
    return _cut(track, _loud(track, track.audio_rate), round(seconds * track.audio_rate))


def spoken(track: Track, rate: int, seconds: float) -> Audio:
    """The first ``seconds`` of a track in which its words are, pauses left out, float32 at ``rate``, its own one."""
    spans: list[tuple[float, float]] = []
    for word in track.words:
        if spans and word.start - spans[-1][1] <= _JOIN_GAPS:
            spans[-1] = (spans[-1][0], max(spans[-1][1], word.end))
        else:
            spans.append((word.start, word.end))
    return _cut(track, ((round(start * rate), round(end * rate)) for start, end in spans), round(seconds * rate))


def _cut(track: Track, spans: Iterable[tuple[int, int]], wanted: int) -> Audio:
    pieces: list[Audio] = []
    for start, stop in spans:
        piece = track.audio(start, min(stop, start + wanted))
        wanted -= len(piece)
        pieces.append(piece)
        if wanted <= 0:
            break
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _loud(track: FileTrack, rate: int) -> Iterator[tuple[int, int]]:
    block = round(_BLOCK_SECONDS * rate)
    threshold = _SILENCE_BELOW * max((level for _, level in _levels(track, block)), default=0.0)
    for start, level in _levels(track, block):
        if level > 0 and level >= threshold:
            yield start, start + block


def _levels(track: FileTrack, block: int) -> Iterator[tuple[int, float]]:
    start = 0
    while len(samples := track.audio(start, start + block)):
        yield start, float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
        start += len(samples)
