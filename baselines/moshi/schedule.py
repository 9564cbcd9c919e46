"""When Moshi's sound plays: one constant delay that covers its 80 ms steps, the video frames and both resamplers.

A step needs 1920 whole samples at 24 kHz, a video frame brings as many as it lasts, and what is answered plays from the
next frame on. Sound that was handed out as it comes would stop for a part of a frame now and then; behind a constant
silence it never does, whatever the frame rate.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Final

import numpy as np

from omnibench.types import Audio, samples_before

SAMPLE_RATE: Final = 24_000
STEP_SAMPLES: Final = 1920
STEP_SECONDS: Final = Fraction(STEP_SAMPLES, SAMPLE_RATE)
ROUNDING_SAMPLES: Final = 2


def playing_delay(fps: Fraction, sample_rate: int, latency: Fraction) -> int:
    """Samples at ``sample_rate`` from the clip's begin to the first of Moshi's own.

    A step's 80 ms are heard, wait at most one video frame for their answer to be asked for and play while the next
    80 ms are heard.

    Args:
        fps: video frames per second.
        sample_rate: of the session.
        latency: seconds, of both resamplers together.
    """
    return ceil(sample_rate * (STEP_SECONDS + 1 / fps + latency)) + ROUNDING_SAMPLES


class FrameSound:
    """Cuts sound into what each video frame plays.

    Args:
        fps, sample_rate: of the session.
        delay: samples of silence before the sound, as `playing_delay` says.
    """

    def __init__(self, fps: Fraction, sample_rate: int, delay: int) -> None:
        self._fps, self._sample_rate = fps, sample_rate
        # Nothing can be played in frame 0: the first answer plays in frame 1.
        self._waiting = np.zeros(delay - samples_before(1, fps, sample_rate), np.float32)

    def push(self, samples: Audio) -> None:
        """More sound ``(n,)``, at the session's rate."""
        self._waiting = np.concatenate([self._waiting, samples])

    def play(self, frame: int) -> Audio:
        """All samples of ``frame``, which is called for frames 1, 2, 3, … in order."""
        before = samples_before(frame, self._fps, self._sample_rate)
        count = samples_before(frame + 1, self._fps, self._sample_rate) - before
        played, self._waiting = self._waiting[:count], self._waiting[count:]
        return played
