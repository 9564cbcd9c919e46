"""What recordings alone tell of an answer: the face's coefficients by its pictures, words and their times by its sound.

Both are kept by content. Faces are MediaPipe's (`omnibench.media.landmarker`). Words are what the recogniser finds in
the speech of the whole track, which it hears better than its units one by one (5.6 against 9.3 % of words wrong on
mini's val split); those say which words belong to which unit (`dealt`). It gives no times, so a unit's words share the
voiced time of the unit by their letters: the first begins and the last ends with the voice (`placed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from rapidfuzz.distance import Levenshtein

from omnibench.errors import MetricError
from omnibench.features.activity import Span
from omnibench.features.heard import MARGIN, RECOGNISER, spoken_units, unit_texts
from omnibench.features.recogniser import load_recogniser, pieces
from omnibench.features.sound import RATE, Sound, at_16_khz
from omnibench.features.turns import Unit
from omnibench.features.voice import HEARING, media_voice
from omnibench.media.face import held, lost
from omnibench.media.landmarker import Landmarker, landmarker_name
from omnibench.types import Face, Image, Word

if TYPE_CHECKING:
    from omnibench.features.media import Media
    from omnibench.features.store import Arrays, FeatureStore

WORD_READER: Final = f"{RECOGNISER}+{HEARING['detector']}"
"""What reads the words; with `omnibench.media.landmarker.landmarker_name` it defines what is read."""

PAUSE: Final = 0.5
"""Seconds of silence that part two units, as everywhere (`omnibench.features.turns`)."""

_BETWEEN: Final = 1
"""Letters that the gap between two words counts as."""


class FaceReader:
    """The extractor of coefficients: ``face`` (T, 64) float32, NaN where no face is seen.

    Making one raises MissingError without the package.
    """

    def __init__(self) -> None:
        self.key = f"{landmarker_name()}|coefficients-1"

    def open(self, media: Media) -> _Reading:
        """Start on a clip. Raises MissingError or InputError as `omnibench.media.landmarker.landmarker_model`."""
        return _Reading(Landmarker(media.rate()))


class _Reading:
    def __init__(self, landmarker: Landmarker) -> None:
        self._landmarker = landmarker
        self._faces: list[Face] = []

    def push(self, image: Image) -> None:
        self._faces.append(self._landmarker.read(image))

    def finish(self) -> Arrays:
        self._landmarker.close()
        return {"face": np.stack(self._faces)}


def read_faces(media: Media, features: FeatureStore) -> tuple[Face, int]:
    """The coefficients ``(T, 64)`` of a clip's pictures, and in how many no face was seen: there the last one that was
    stays, before the first the first.

    Raises:
        MissingError: the landmarker (extra ``readback``) is not installed.
        MetricError: no pictures, or no face in any of them.
        InputError: the clip cannot be decoded.
    """
    face = np.asarray(features.frames(media, FaceReader())["face"], np.float32)
    gone = lost(face)
    if gone.all():
        raise MetricError(f"no face is seen in any of its {len(face)} pictures")
    return held(face, face[int(np.argmin(gone))]), int(gone.sum())


def read_words(media: Media, features: FeatureStore) -> tuple[Word, ...]:
    """The words of a clip's sound with their times, in order.

    Raises:
        MissingError: the recogniser or the detector is not installed.
        MetricError: no sound.
    """
    spans = media_voice(media, features)
    units = spoken_units(spans, PAUSE)
    alone = [text.split() for text in unit_texts(media, features, HEARING, PAUSE)]
    key = f"{WORD_READER}|pause {PAUSE}|whole-1"
    made = features.computed(media, key, lambda: {"text": np.array(_recognised(media.sound, units))})
    words = dealt(str(made["text"]).split(), alone)
    return tuple(word for unit, own in zip(units, words, strict=True) for word in placed(own, _voiced(unit, spans)))


def _recognised(sound: Sound, units: Sequence[Unit]) -> str:
    recogniser, (samples, _) = load_recogniser(), at_16_khz(sound)(0, None)
    end = len(samples) / RATE
    spans = tuple(Span(max(0.0, unit.start - MARGIN), min(end, unit.end + MARGIN)) for unit in units)
    return " ".join(filter(None, (recogniser.recognise(piece) for piece in pieces(samples, spans))))


def dealt(words: Sequence[str], alone: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The words of a whole track, unit by unit: each goes to the unit that has its counterpart where the units were
    heard ``alone``, by the fewest edits between the two (Levenshtein 1966), or to that of the word before it. A unit
    of words that gets none keeps its own, one without words gets none.

    Example:
        >>> dealt("Uh-huh. I hope so.".split(), [["Of", "her,"], [], ["I", "hope", "so."]])
        (('Uh-huh.',), (), ('I', 'hope', 'so.'))
    """
    owners = [unit for unit, own in enumerate(alone) for _ in own]
    if not owners:
        return tuple(() for _ in alone)
    found: list[list[str]] = [[] for _ in alone]
    plain = [[_plain(word) for word in side] for side in ((word for own in alone for word in own), words)]
    for code in Levenshtein.opcodes(*plain):
        for place in range(code.dest_start, code.dest_end):
            same = code.src_start < code.src_end
            counterpart = code.src_start + (place - code.dest_start if same else -1)
            found[owners[min(max(counterpart, 0), len(owners) - 1)]].append(words[place])
    return tuple(tuple(got or own) for got, own in zip(found, alone, strict=True))


def _plain(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _voiced(unit: Unit, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.start >= unit.start and span.end <= unit.end]


def placed(words: Sequence[str], spans: Sequence[Span]) -> tuple[Word, ...]:
    """Words one after the other in stretches of a voice, each as long as its letters and the gap behind it; none lies
    over the silence between two stretches for longer than it must.

    Args:
        words: in order.
        spans: stretches, seconds, in order, at least one where there are words.

    Example:
        >>> placed(["oh", "yes"], [Span(1.0, 1.7)])
        (Word(text='oh', start=1.0, end=1.3), Word(text='yes', start=1.3, end=1.7))
    """
    if not words:
        return ()
    lengths = np.array([span.end - span.start for span in spans])
    edges = np.concatenate([[0.0], np.cumsum(lengths)])
    letters = np.cumsum([0, *(sum(map(str.isalnum, word)) + _BETWEEN for word in words)])
    times = letters / letters[-1] * edges[-1]
    found = []
    for text, begin, end in zip(words, times[:-1], times[1:], strict=True):
        # A boundary that falls on a silence: what begins there begins after it, what ends there ends before it.
        first = int(np.clip(np.searchsorted(edges, begin + _EXACT, side="right") - 1, 0, len(spans) - 1))
        last = int(np.clip(np.searchsorted(edges, end - _EXACT, side="left") - 1, first, len(spans) - 1))
        start, stop = spans[first].start + begin - edges[first], spans[last].start + end - edges[last]
        found.append(Word(text, round(float(start), 6), round(float(max(start, stop)), 6)))
    return tuple(found)


_EXACT: Final = 1e-9
