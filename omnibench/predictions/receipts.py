"""When a turn counts as begun: as its first word claims, but no earlier than that word's receipt allows.

A model hands a word over once it has ended, so the clock knows the end's latest time and nothing of its start: a model
that decides late could claim to have begun early. A word that takes `PLAUSIBLE_SECONDS` and `SECONDS_A_LETTER` for each
letter at most cannot have begun earlier than that before the frame in which it was received. The words that go on
without a pause begin nothing, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Final

from omnibench.types import Word

PLAUSIBLE_SECONDS: Final = 0.08
SECONDS_A_LETTER: Final = 0.07


def plausible_seconds(text: str) -> float:
    """How long saying a word may take.

    Example:
        >>> round(plausible_seconds("Right."), 2)
        0.43
    """
    return PLAUSIBLE_SECONDS + SECONDS_A_LETTER * sum(character.isalnum() for character in text)


def counted_words(words: Sequence[Word], steps: Sequence[int], fps: Fraction, pause: float) -> tuple[Word, ...]:
    """Words with the times that count.

    Args:
        words: as the model claims them.
        steps: the step in which the clock received each.
        fps: frames per second; step ``i`` is over at ``(i + 1) / fps`` seconds.
        pause: seconds without a word, as claimed, after which the next one begins something.

    Returns:
        The words; one that begins something has its start moved to ``receipt - plausible_seconds`` where it claims an
        earlier one. If it claims to have ended before that, too, it is heard when it was received.

    Example:
        >>> (word,) = counted_words([Word("Right.", 1.0, 2.0)], [49], Fraction(25), pause=0.5)
        >>> round(word.start, 2), word.end
        (1.57, 2.0)
    """
    counted, spoken_until = [], -inf
    for word, step in zip(words, steps, strict=True):
        begins = word.start - spoken_until >= pause
        spoken_until = max(spoken_until, word.end)
        counted.append(_received(word, float((step + 1) / fps)) if begins else word)
    return tuple(counted)


def _received(word: Word, receipt: float) -> Word:
    earliest = max(0.0, receipt - plausible_seconds(word.text))
    return Word(word.text, max(word.start, earliest), word.end if word.end > earliest else receipt)
