"""When a word counts as begun: as it claims, but no earlier than its receipt allows.

A model hands a word over once it has ended, so the clock knows the end's latest time and nothing of its start: a model
that decides late could claim to have begun early. A word that takes `PLAUSIBLE_SECONDS` and `SECONDS_A_LETTER` for each
letter at most cannot have begun earlier than that before the frame in which it was received.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
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


def counted_words(words: Sequence[Word], steps: Sequence[int], fps: Fraction) -> tuple[Word, ...]:
    """Words with the times that count.

    Args:
        words: as the model claims them.
        steps: the step in which the clock received each.
        fps: frames per second; step ``i`` is over at ``(i + 1) / fps`` seconds.

    Returns:
        Each with its start moved to ``receipt - plausible_seconds`` where it claims an earlier one; a word that claims
        to have ended before that, too, is heard when it was received.

    Example:
        >>> counted_words([Word("Right.", 1.0, 2.0)], [49], Fraction(25))
        (Word(text='Right.', start=1.57, end=2.0),)
    """
    counted = []
    for word, step in zip(words, steps, strict=True):
        receipt = float((step + 1) / fps)
        earliest = max(0.0, receipt - plausible_seconds(word.text))
        end = word.end if word.end > earliest else receipt
        counted.append(Word(word.text, max(word.start, earliest), end))
    return tuple(counted)
