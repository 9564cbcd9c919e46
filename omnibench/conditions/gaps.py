"""Stretches of time: one in every ten seconds of a dialogue, whose beginning is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import numpy as np

from omnibench.types import Audio, SpeakerFrame, Word, samples_before

EVERY_SECONDS: Final = 10.0
_BEGINS_WITHIN: Final = 5.0


class Stretches:
    """``seconds`` of each ten. They begin in the first five of them, whatever the level, as far as there is room."""

    def __init__(self, seconds: float, rng: np.random.Generator) -> None:
        self._seconds, self._rng, self._begins = seconds, rng, list[float]()

    def between(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Beginning and end of each stretch that touches ``start <= t <= end``, in seconds."""
        room = min(_BEGINS_WITHIN, EVERY_SECONDS - self._seconds)
        for number in range(max(0, int(start // EVERY_SECONDS)), int(end // EVERY_SECONDS) + 1):
            while len(self._begins) <= number:
                self._begins.append(len(self._begins) * EVERY_SECONDS + self._rng.random() * room)
            begin = self._begins[number]
            if begin <= end and start <= begin + self._seconds:
                yield begin, begin + self._seconds

    def hold(self, seconds: float) -> bool:
        """Whether a moment lies in one."""
        return any(begin <= seconds < end for begin, end in self.between(seconds, seconds))

    def silenced(self, frame: SpeakerFrame, fps: Fraction, rate: int) -> Audio:
        """The sound of a frame, with silence in their place."""
        audio, start = frame.audio.copy(), samples_before(frame.index, fps, rate)
        for begin, end in self.between(start / rate, (start + len(audio)) / rate):
            audio[max(0, round(begin * rate) - start) : max(0, round(end * rate) - start)] = 0
        return audio

    def known(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """The words of which more than half was to be heard: of the others no recogniser knows."""
        return tuple(word for word in words if not self._swallow(word))

    def _swallow(self, word: Word) -> bool:
        lost = sum(min(end, word.end) - max(begin, word.start) for begin, end in self.between(word.start, word.end))
        return 2 * lost >= word.end - word.start if word.end > word.start else self.hold(word.start)
