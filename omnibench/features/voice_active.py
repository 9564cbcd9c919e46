"""The stretches of a track that hold speech, joined, at 16 kHz: what speech-quality networks should hear.

A listener is silent most of the time. A network that hears the silence too rates it as part of the speech, so padding
an answer would change its quality; here it does not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import Span, speech_spans

RATE: Final = 16_000
MARGIN: Final = 0.1
"""Seconds kept on both sides of a stretch, so that soft onsets and endings are not cut."""

NAME: Final = f"activity-1+{MARGIN}s@{RATE}"
"""What defines the result, for keys and signatures."""


def voice_active(samples: NDArray[Any], rate: int) -> NDArray[np.float32]:
    """The speech of one person's track.

    Args:
        samples: ``(n,)`` in [-1, 1]; values beyond are clipped.
        rate: samples per second.

    Returns:
        ``(m,)`` float32 in [-1, 1] at 16 kHz: the stretches of `speech_spans` with their margins, in order, joined;
        empty where nothing is loud enough to be speech.
    """
    at_rate = resampled(samples, rate)
    spans = _widened(speech_spans(at_rate, RATE), len(at_rate) / RATE)
    parts = [at_rate[round(start * RATE) : round(end * RATE)] for start, end in spans]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def resampled(samples: NDArray[Any], rate: int) -> NDArray[np.float32]:
    """``samples`` at 16 kHz by a polyphase filter, ``ceil(n * 16000 / rate)`` of them, in [-1, 1]."""
    signal = np.asarray(samples, dtype=np.float32)
    if rate != RATE and signal.size:
        from scipy.signal import resample_poly

        common = int(np.gcd(RATE, rate))
        signal = resample_poly(signal, RATE // common, rate // common).astype(np.float32)
    return np.clip(signal, -1.0, 1.0)


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
