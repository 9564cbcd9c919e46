"""Conditions in which the call breaks off for a while: the sound alone, or everything."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from omnibench.conditions.base import Damage
from omnibench.conditions.gaps import Stretches
from omnibench.conditions.sight import seen_as
from omnibench.types import Audio, Dialogue, SpeakerFrame


@dataclass(frozen=True, slots=True)
class Mute:
    """The speaker's sound is off for ``seconds`` of every ten; nobody knows the words that were said meanwhile."""

    seconds: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        off = Stretches(self.seconds, rng)

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            silenced = off.silenced(frame, dialogue.fps, dialogue.sample_rate)
            return replace(frame, audio=silenced, words=off.known(frame.words))

        return damage


@dataclass(frozen=True, slots=True)
class Freeze:
    """Everything freezes for ``seconds`` of every ten: picture and face are held, the sound is off, and nobody knows
    the words that were said meanwhile. Afterwards the call goes on in the present.
    """

    seconds: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        frozen = Stretches(self.seconds, rng)
        shown: SpeakerFrame | None = None

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal shown
            held = frozen.hold(float(frame.index / dialogue.fps))
            shown = shown if held and shown is not None else frame
            silenced = frozen.silenced(frame, dialogue.fps, dialogue.sample_rate)
            return replace(seen_as(frame, shown), audio=silenced, words=frozen.known(frame.words))

        return damage
