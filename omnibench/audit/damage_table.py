"""The damages that `omnibench audit metrics` deals out, each with its grades, weakest first, and what it touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.audit import damage
from omnibench.metrics.base import Need
from omnibench.types import Audio, Face, Image, Word

Rng = np.random.Generator
SHARES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Damage:
    """One way to spoil a listener's answer, part by part; a part without a function stays the file it was.

    Attributes:
        name: as in the matrix.
        summary: what is done, for readers of the table.
        unit: of the grades.
        grades: from the weakest to the strongest; each damages what the one before it damages, and more.
        touches: what a metric would have to read to see any of it.
        words: ``(words, grade, rng)``.
        audio: ``(samples, rate, grade, rng)``.
        face: ``(coefficients, grade, rng)``.
        order: ``(frames, grade, rng)``, which frame is shown when, for coefficients and pictures alike.
        picture: ``(image, grade)``.
        partners: ``(ids, persons, grade, rng)``, whose answer a dialogue gets.
    """

    name: str
    summary: str
    unit: str
    grades: tuple[float, ...]
    touches: frozenset[Need]
    words: Callable[[Sequence[Word], float, Rng], tuple[Word, ...]] | None = None
    audio: Callable[[Audio, int, float, Rng], Audio] | None = None
    face: Callable[[Face, float, Rng], Face] | None = None
    order: Callable[[int, float, Rng], NDArray[Any]] | None = None
    picture: Callable[[Image, float], Image] | None = None
    partners: Callable[[Sequence[str], Mapping[str, str], float, Rng], dict[str, str]] | None = None


_TEXT: Final[frozenset[Need]] = frozenset({"text", "words"})
_MOTION: Final[frozenset[Need]] = frozenset({"face", "video"})
_ALL: Final[frozenset[Need]] = frozenset({"text", "words", "face", "audio", "video"})

_TABLE: Final = (
    Damage(
        name="audio_shift",
        summary="the voice comes late",
        unit="ms",
        grades=(40, 120, 240, 400, 600),
        touches=frozenset({"audio"}),
        audio=lambda samples, rate, grade, rng: damage.delayed(samples, rate, grade / 1000),
    ),
    Damage(
        name="audio_noise",
        summary="white noise at a signal-to-noise ratio",
        unit="dB",
        grades=(30, 22, 15, 7, 0),
        touches=frozenset({"audio"}),
        audio=damage.noisy,
    ),
    Damage(
        name="dropouts",
        summary="share of the sound replaced with silence in holes of 0.1 s",
        unit="share",
        grades=(0.05, 0.1, 0.2, 0.4, 0.7),
        touches=frozenset({"audio"}),
        audio=damage.holed,
    ),
    Damage(
        name="silence_padding",
        summary="silence after the end of the voice track",
        unit="s",
        grades=(0.5, 1, 2, 4, 8),
        touches=frozenset({"audio"}),
        audio=lambda samples, rate, grade, rng: damage.padded(samples, rate, grade),
    ),
    Damage(
        name="word_drop",
        summary="share of the words left out",
        unit="share",
        grades=(0.1, 0.3, 0.5, 0.7, 0.9),
        touches=_TEXT,
        words=damage.without_words,
    ),
    Damage(
        name="word_shuffle",
        summary="share of the words that change places",
        unit="share",
        grades=SHARES,
        touches=frozenset({"text"}),
        words=damage.shuffled_words,
    ),
    Damage(
        name="late_words",
        summary="the words come late, the same words",
        unit="s",
        grades=(1, 2, 3, 4, 6),
        touches=frozenset({"words"}),
        words=lambda words, grade, rng: damage.delayed_words(words, grade),
    ),
    Damage(
        name="frozen_face",
        summary="share of the clip in which the face stands still",
        unit="share",
        grades=SHARES,
        touches=_MOTION,
        order=damage.frozen_order,
    ),
    Damage(
        name="reversed_face",
        summary="share of the clip in which the face runs backwards",
        unit="share",
        grades=SHARES,
        touches=_MOTION,
        order=damage.reversed_order,
    ),
    Damage(
        name="face_jitter",
        summary="noise on every coefficient, in units of its own motion",
        unit="x motion",
        grades=(0.1, 0.25, 0.5, 1, 2),
        touches=frozenset({"face"}),
        face=damage.jittered,
    ),
    Damage(
        name="video_blur",
        summary="squares of one colour",
        unit="pixels",
        grades=(2, 4, 8, 16, 32),
        touches=frozenset({"video"}),
        picture=damage.blurred,
    ),
    Damage(
        name="other_answer",
        summary="share of the dialogues that get another person's answer",
        unit="share",
        grades=SHARES,
        touches=_ALL,
        partners=damage.exchanged,
    ),
)
DAMAGES: Final[dict[str, Damage]] = {entry.name: entry for entry in _TABLE}


def generator(seed: int, name: str, dialogue: str = "") -> Rng:
    """The generator of one damage in one dialogue: the same for every grade, so that grades are nested."""
    return np.random.default_rng([seed, *name.encode(), 0, *dialogue.encode()])
