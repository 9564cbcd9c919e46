"""What a listener in the room hears of a track: its units of speech, and the words that a recogniser finds in each.

A hum is no answer: sound that the detector takes for a voice and in which the recogniser finds no word has units of 0
words, which take no turn (`omnibench.features.turns.floor_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnibench.features.activity import Span
from omnibench.features.recogniser import NAME, load_recogniser, pieces
from omnibench.features.sound import RATE, Sound, at_16_khz
from omnibench.features.turns import Unit, units_of
from omnibench.features.voice import media_voice
from omnibench.types import Word

if TYPE_CHECKING:
    from omnibench.features.media import Media
    from omnibench.features.store import FeatureStore

RECOGNISER: Final = NAME
MARGIN: Final = 0.1
"""Seconds of sound that the recogniser gets on both sides of a unit, so that soft edges are not cut."""

SHORTEST_WORD: Final = 0.2
"""Seconds: in less no word is looked for; the recogniser has one ("you") for a tenth of a second of any hum."""


def spoken_units(spans: Iterable[tuple[float, float]], pause: float) -> tuple[Unit, ...]:
    """Stretches of a voice joined over pauses shorter than ``pause`` seconds, ``words`` being the stretches.

    Example:
        >>> spoken_units([Span(0.0, 0.5), Span(0.75, 1.0), Span(2.0, 3.0)], pause=0.5)
        (Unit(start=0.0, end=1.0, words=2), Unit(start=2.0, end=3.0, words=1))
    """
    return units_of((Word("", *span) for span in spans), pause)


def unit_texts(media: Media, features: FeatureStore, hearing: Mapping[str, Any], pause: float) -> tuple[str, ...]:
    """What the recogniser hears in each of the clip's `spoken_units`, kept; ``""`` where it is no word.

    Raises:
        MissingError: the recogniser (extra ``recogniser``) or the detector is not installed.
        MetricError: the clip has no sound.
    """
    units = spoken_units(media_voice(media, features, hearing), pause)
    settings = "|".join(f"{name} {hearing[name]}" for name in ("detector", "threshold", "onset", "end"))
    key = f"{settings}|pause {pause}|{RECOGNISER}|texts-1"
    made = features.computed(media, key, lambda: {"texts": np.array(_recognised(media.sound, units), dtype=str)})
    return tuple(str(text) for text in np.atleast_1d(made["texts"]).tolist())


def _recognised(sound: Sound, units: Sequence[Unit]) -> list[str]:
    recogniser, sound = load_recogniser(), at_16_khz(sound)
    texts = []
    for unit in units:
        if unit.seconds < SHORTEST_WORD:
            texts.append("")
            continue
        samples, _ = sound(round(max(0.0, unit.start - MARGIN) * RATE), round((unit.end + MARGIN) * RATE))
        whole = (Span(0.0, len(samples) / RATE),)
        texts.append(" ".join(filter(None, (recogniser.recognise(piece) for piece in pieces(samples, whole)))))
    return texts
