"""More speech to read aloud from the same recordings: each said again faster and higher, and slower and lower.

Changing the speed of recordings is the plainest augmentation of speech there is (Ko et al. 2015). Both the tokens and
the voiceprint of such a voice are new; its words and their order are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import resample_poly

from baselines.omniresponse.training.corpus import Notation, Side, swapped
from baselines.shared.audio_tokens import REFERENCE_SECONDS, loudest_stretch, tokens_of
from omnibench.system.progress import Ticker
from omnibench.types import Dialogue, Word

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


def respoken_sides(sides: Sequence[Side], dataset: DataSet, split: str, notation: Notation) -> list[Side]:
    """Every side of ``dataset``'s ``split`` at every ratio of ``training.respoken``."""
    ratios = [Fraction(ratio) for ratio in notation.settings.training.respoken]
    found: list[Side] = []
    with Ticker("audio tokens of other speeds", len(sides) * len(ratios), "track", leave=True) as progress:
        for side in sides:
            dialogue = dataset.dialogue(split, side.dialogue)
            for ratio in ratios:
                found.append(respoken(side, dialogue, ratio, notation))
                progress.reach(len(found), {})
    return found


def respoken(side: Side, dialogue: Dialogue, ratio: Fraction, notation: Notation) -> Side:
    """A side as somebody would have said it who takes ``ratio`` times as long and has a voice as much lower.

    For reading aloud alone: its faces are zero, and nobody is heard.
    """
    codec = notation.codec
    person = (dialogue if side.role == "listener" else swapped(dialogue)).listener
    audio = person.audio() if person.has_audio else np.zeros(1, dtype=np.float32)
    stretched = resample_poly(audio, ratio.numerator, ratio.denominator).astype(np.float32)
    words = [Word(w.text, w.start * float(ratio), w.end * float(ratio)) for w in person.words]
    frames = int(len(stretched) * side.fps / codec.sample_rate)
    reference = loudest_stretch(stretched, REFERENCE_SECONDS * codec.sample_rate)
    sound = tokens_of(stretched, reference, codec, notation.cache)
    return notation.read_aloud(side, words, frames, sound)
