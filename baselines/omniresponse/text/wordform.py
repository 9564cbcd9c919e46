"""What the word being said looks like at a frame: its letters, its first sub-token and its age.

``[LASTING]`` says that a word goes on, not which one. Mouth and voice need both, so that state is carried along the
frame tokens; it depends on tokens up to the frame only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.text.tokens import ChronoTokenizer

LETTER_SLOTS: Final = (
    16  # the longest word of the training scripts has 14 letters; longer ones are cut for the voice only
)


@dataclass(frozen=True, slots=True)
class WordForms:
    """Per frame ``(n,)``: ``tokens`` (the frame's own), ``heads`` (first sub-token of the current word or ``[PAUSE]``),
    ``letters`` ``(n, 16)`` symbols (``ChronoTokenizer.spelling``), ``ages`` in frames since the word (or the pause)
    began."""

    tokens: NDArray[np.int64]
    heads: NDArray[np.int64]
    letters: NDArray[np.int64]
    ages: NDArray[np.int64]

    def __getitem__(self, frames: slice) -> WordForms:
        return WordForms(self.tokens[frames], self.heads[frames], self.letters[frames], self.ages[frames])


class WordFormReader:
    """Follows one person's frame tokens."""

    def __init__(self, tokenizer: ChronoTokenizer) -> None:
        self._tokenizer = tokenizer
        self._head = tokenizer.pause
        self._letters: tuple[int, ...] = ()
        self._age = -1

    def push(self, token: int) -> tuple[int, tuple[int, ...], int]:
        """Take the next frame's token; returns head, letters (at most 16) and age in frames."""
        if token == self._tokenizer.pause:
            self._age = self._age + 1 if self._head == token else 0
            self._head, self._letters = token, ()
        elif token == self._tokenizer.lasting:
            self._age += 1
        elif self._tokenizer.continues_word[token] and self._head != self._tokenizer.pause:
            self._age += 1
            self._letters += self._tokenizer.spelling[token]
        else:
            self._head, self._letters, self._age = token, self._tokenizer.spelling[token], 0
        return self._head, self._letters[:LETTER_SLOTS], self._age

    def read(self, tokens: Iterable[int]) -> WordForms:
        """The forms of the next frames, as arrays."""
        own = np.fromiter(tokens, dtype=np.int64)
        heads, ages = np.empty_like(own), np.empty_like(own)
        letters = np.zeros((len(own), LETTER_SLOTS), dtype=np.int64)
        for frame, token in enumerate(own):
            heads[frame], spelled, ages[frame] = self.push(int(token))
            letters[frame, : len(spelled)] = spelled
        return WordForms(own, heads, letters, ages)
