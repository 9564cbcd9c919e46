"""What a condition is made of: a recipe with its parameters, which gives the damage of one dialogue.

A damage is called once a frame, in order, and knows nothing of a later frame. All that is drawn is drawn by the
dialogue's id and the kind of the condition, never by the run's seed, the level or the model: two models meet the very
same damage, and what is drawn for one level of a kind is drawn for the others as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibench.media.audio import to_pcm16
from omnibench.types import Audio, Dialogue, SpeakerFrame

Damage = Callable[[SpeakerFrame, Audio], SpeakerFrame]
"""``damage(frame, heard)``: what becomes of the next frame of the speaker; ``heard`` is what the listener sounds during
that frame, as many samples.
"""


class Recipe(Protocol):
    """One level of a kind of condition; its fields are its parameters."""

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue; everything that is drawn comes from ``rng``."""


def differ(frame: SpeakerFrame, other: SpeakerFrame, parts: Iterable[str]) -> bool:
    """Whether one of the ``parts``, fields of a frame, is another in the one than in the other."""
    return frame is not other and any(not np.array_equal(getattr(frame, p), getattr(other, p)) for p in parts)


def microphone(samples: NDArray[np.floating]) -> Audio:
    """Samples as a microphone of 16 bits gives them, cut at full scale.

    What sums and transforms leave in the last bits differs between processors; 16 bits of it hardly do.
    """
    return (to_pcm16(samples) / np.float32(32768)).astype(np.float32)
