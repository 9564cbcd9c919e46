"""When the speaker has come to a stop, heard from the sound of the frames so far."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import numpy as np

from omnibench.types import Audio

LOUD: Final = 0.01
"""Root mean square that speech is above at least: -40 dB of full scale."""

ABOVE_THE_QUIETEST, BELOW_THE_LOUDEST = 2.0, 0.25


class Ear:
    """Tells speech from quiet by each frame's root mean square, and a stop by how long the quiet lasts.

    A frame is speech where it is above `LOUD` and above twice the quietest frame so far, or above a quarter of the
    loudest one: in steady noise the threshold rises with it, and a voice that never pauses stays a voice.

    Args:
        fps: of the dialogue.
        speech: seconds of speech since the last stop that a stop needs before it; one frame at least.
        pause: seconds of quiet that make a stop, in whole frames, rounded up.
    """

    def __init__(self, fps: Fraction, speech: float, pause: float) -> None:
        self._least, self._pause = max(1, math.ceil(speech * fps)), math.ceil(pause * fps)
        self._quietest, self._loudest = math.inf, 0.0
        self.speech = self.quiet = 0
        """Frames of speech since the last stop, and of quiet since the last speech."""

    def hear(self, audio: Audio) -> bool:
        """Whether the speaker has come to a stop with this frame, which is said once."""
        if self._is_speech(float(np.sqrt(np.mean(audio**2))) if len(audio) else 0.0):
            self.speech, self.quiet = self.speech + 1, 0
        else:
            self.quiet += 1
        stopped = self.speech >= self._least and self.quiet >= self._pause
        if stopped:
            self.speech = self.quiet = 0
        return stopped

    def _is_speech(self, level: float) -> bool:
        self._quietest, self._loudest = min(self._quietest, level), max(self._loudest, level)
        noise = min(ABOVE_THE_QUIETEST * self._quietest, BELOW_THE_LOUDEST * self._loudest)
        return level > max(LOUD, noise)
