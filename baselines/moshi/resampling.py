"""Sound from one rate to another while it arrives: scipy's polyphase filter, block by block.

The samples are those of ``scipy.signal.resample_poly`` on the whole signal. An output sample waits for the half of the
filter that lies ahead of it and no longer: ten periods of the lower rate, 0.6 ms between 16 and 24 kHz. (soxr's stream
hands its samples out in bursts, up to 38 ms late at these rates.)
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Final

import numpy as np

from omnibench.types import Audio

HALF_PERIODS: Final = 10
KAISER_BETA: Final = 5.0


class StreamingResampler:
    """One channel of sound, from ``source`` to ``target`` samples per second.

    ``latency`` is how many seconds of input have to follow an instant before its output is there.
    """

    def __init__(self, source: int, target: int) -> None:
        from scipy.signal import firwin

        ratio = Fraction(target, source)
        self._up, self._down = ratio.numerator, ratio.denominator
        if ratio == 1:
            self.latency = Fraction(0)
            return
        longest = max(self._up, self._down)
        half = HALF_PERIODS * longest
        self.latency = Fraction(half, self._up * source)
        filter_ = firwin(2 * half + 1, 1 / longest, window=("kaiser", KAISER_BETA)) * self._up
        lead = -half % self._down
        self._filter = np.concatenate([np.zeros(lead), filter_])
        self._recent = np.zeros(0)
        # Outputs of the filter so far, counted from the first kept input; those of before the begin are no sound.
        self._done = (half + lead) // self._down

    def push(self, samples: Audio) -> Audio:
        """The output that ``(n,)`` more samples complete, float32; often a sample more or fewer than in proportion."""
        if self._up == self._down:
            return samples.astype(np.float32)
        from scipy.signal import upfirdn

        self._recent = np.concatenate([self._recent, samples])
        complete = ceil(Fraction(len(self._recent) * self._up, self._down))
        if complete <= self._done:
            return np.zeros(0, np.float32)
        output = upfirdn(self._filter, self._recent, self._up, self._down)[self._done : complete]
        self._done = complete
        self._forget()
        return output.astype(np.float32)

    def _forget(self) -> None:
        """Drop inputs that the next output does not reach, in steps that keep the filter's phase."""
        first = (self._done * self._down - len(self._filter) + 1) // self._up
        steps = max(0, first) // self._down
        self._recent = self._recent[steps * self._down :]
        self._done -= steps * self._up
