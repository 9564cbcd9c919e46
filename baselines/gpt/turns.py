"""When a turn of the speaker is over: no word has come for a while.

The human listener's words would tell it better, and no model may have them. On the train split of ``mini`` no more
than 1 in 100 silences of 1.1 s (from the end of one word to the end of the next) are ones in which the listener says
nothing, and every longer reply of the listener falls into such a silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from omnibench.types import Word

PAUSE_SECONDS: Final = 1.1


class TurnTaker:
    """Gathers the speaker's words into turns.

    Args:
        pause: seconds without a new word that end a turn. They count from the moment a word is known, so that a late
            recogniser delays turns and does not cut them up.

    Example:
        >>> taker = TurnTaker(pause=1.0)
        >>> taker.hear([Word("Hello.", 0.1, 0.5)], now=0.5), taker.hear([], now=1.2), taker.hear([], now=1.5)
        ('', '', 'Hello.')
    """

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self._pause, self._heard = pause, 0.0
        self._words: list[str] = []

    def hear(self, words: Sequence[Word], now: float) -> str:
        """Take the words that became known by ``now`` (seconds); returns the turn that is over, else ``""``."""
        if words:
            self._words += [word.text for word in words]
            self._heard = now
        if not self._words or now - self._heard < self._pause - 1e-9:
            return ""
        turn, self._words = " ".join(self._words), []
        return turn
