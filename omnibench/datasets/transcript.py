"""When a listener gets to know the speaker's words: the ``--transcript`` of a run.

``oracle`` is a recogniser without delay: a word is known in the frame in which it ended. ``delayed:MS`` adds the same
delay to every word. Where the paper puts a word at its *start* frame, a listener knows it before it has been said;
here it never does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from omnibench.errors import UsageError
from omnibench.types import Word

MAXIMUM_DELAY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Transcript:
    """A delay in milliseconds after a word's end."""

    delay_ms: int = 0

    def __str__(self) -> str:
        return f"delayed:{self.delay_ms}" if self.delay_ms else "oracle"

    def frame_of(self, word: Word, fps: Fraction) -> int:
        """The frame with whose data a listener learns the word: the one in which its end (plus the delay) lies.

        An end exactly on the border of two frames belongs to the earlier one, which has been heard whole by then.
        """
        end = Fraction(word.end).limit_denominator(1_000_000) + Fraction(self.delay_ms, 1000)
        frames = end * fps
        return max(0, -(-frames.numerator // frames.denominator) - 1)

    def schedule(self, words: Sequence[Word], fps: Fraction) -> dict[int, tuple[Word, ...]]:
        """Words by the frame in which they become known, in order of their end within one frame."""
        known: dict[int, list[Word]] = {}
        for word in sorted(words, key=lambda w: (w.end, w.start)):
            known.setdefault(self.frame_of(word, fps), []).append(word)
        return {frame: tuple(found) for frame, found in known.items()}


def parse_transcript(text: str) -> Transcript:
    """``oracle`` or ``delayed:MS``.

    Raises:
        UsageError: anything else, or a delay above a minute.
    """
    if text == "oracle":
        return Transcript()
    match = re.fullmatch(r"delayed:(\d+)", text)
    if match is None or int(match[1]) > MAXIMUM_DELAY_MS:
        raise UsageError(
            f'--transcript "{text}": expected "oracle" or "delayed:MS" with MS from 0 to {MAXIMUM_DELAY_MS}.'
        )
    return Transcript(int(match[1]))
