"""Which audio tokens belong to which frame, in exact rational arithmetic.

Frame ``t`` brings ``floor((t + 1) * rate / fps) - floor(t * rate / fps)`` tokens (25 fps: two; 30 fps: one or two).
Where the token rate is no multiple of the frame rate, these alone would end up to one token before the frame does. So
such streams start one token early: the first token, always silent, is there before frame 0. Every frame then has its
samples in time, and the latency is zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from omnibench.errors import InputError


@dataclass(frozen=True, slots=True)
class TokenSchedule:
    """``fps`` frames a second against ``token_rate`` audio tokens a second.

    Raises:
        InputError: more frames than tokens a second: some frames would get no speech of their own.
    """

    fps: Fraction
    token_rate: int

    def __post_init__(self) -> None:
        if not 0 < self.fps <= self.token_rate:
            raise InputError(
                f"OmniResponse was opened at {self.fps} frames a second; expected more than 0 and at most "
                f"{self.token_rate}, the audio tokens of its codec a second. Convert the data set to 25 or 30 fps."
            )

    @property
    def early(self) -> int:
        """Tokens before frame 0: 0 or 1."""
        return 0 if (self.token_rate / self.fps).denominator == 1 else 1

    def tokens_before(self, frame: int) -> int:
        """Index of the first audio token that frame ``frame`` brings."""
        return self.early + math.floor(frame * self.token_rate / self.fps)

    def start(self, frame: int) -> float:
        """When frame ``frame`` begins, in audio tokens."""
        return float(frame * self.token_rate / self.fps)
