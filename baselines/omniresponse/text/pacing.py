"""Where in its word a voice is: how long symbols last on average, and how that carries over to one word.

A recorded word is said faster or slower than its symbols' averages, and begins somewhere within its frame. Training
knows both and takes them out, so that the position within a word means the same sound everywhere. A session knows
neither: its words go at the average pace and begin in the middle of their frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from baselines.omniresponse.text.tokens import SYMBOLS, ChronoTokenizer
from omnibench.types import Word

PRIOR_SECONDS = 0.08  # of a symbol that the transcripts hardly contain
PRIOR_WEIGHT = 3.0  # how many words that guess is worth
SLOWEST, FASTEST = 2.0, 0.5


@dataclass(frozen=True, slots=True)
class Pacing:
    """Per frame ``(n,)``: ``late``, seconds from the frame in which the word form began to the word's onset (negative
    when it had begun before), and ``pace``, the word's length over that of its symbols' averages."""

    late: NDArray[np.float32]
    pace: NDArray[np.float32]

    def __getitem__(self, frames: slice) -> Pacing:
        return Pacing(self.late[frames], self.pace[frames])

    def positions(self, ages: NDArray[np.float32]) -> NDArray[np.float32]:
        """Seconds into the word, were it said at the average pace; ``ages`` ``(n,)`` since its form began."""
        return ((ages - self.late) / self.pace).astype(np.float32)


def average_pacing(frames: int, fps: Fraction) -> Pacing:
    """What a session takes for granted."""
    return Pacing(np.full(frames, 0.5 / float(fps), dtype=np.float32), np.ones(frames, dtype=np.float32))


def symbols_of(word: str, tokenizer: ChronoTokenizer) -> tuple[int, ...]:
    """The symbols that spell a word, all its sub-tokens together."""
    return tuple(symbol for token in tokenizer.encode_word(word) for symbol in tokenizer.spelling[token])


def symbol_seconds(words: Iterable[Word], tokenizer: ChronoTokenizer) -> NDArray[np.float32]:
    """``(SYMBOLS,)`` average length of each symbol: non-negative least squares of the words' lengths, drawn towards
    ``PRIOR_SECONDS``.
    """
    rows, lengths = [], []
    for word in words:
        counts = np.bincount(symbols_of(word.text, tokenizer), minlength=SYMBOLS)
        if counts.any() and word.end > word.start:
            rows.append(counts)
            lengths.append(word.end - word.start)
    prior = np.sqrt(PRIOR_WEIGHT) * np.eye(SYMBOLS)
    left = np.concatenate([np.array(rows, dtype=np.float64).reshape(-1, SYMBOLS), prior])
    right = np.concatenate([np.array(lengths), prior @ np.full(SYMBOLS, PRIOR_SECONDS)])
    found, _ = nnls(left, right)
    return np.maximum(found, 0.01).astype(np.float32)


def recorded_pacing(
    words: Sequence[Word],
    ages: NDArray[np.int64],
    silent: NDArray[np.bool_],
    fps: Fraction,
    seconds: NDArray[np.float32],
    tokenizer: ChronoTokenizer,
) -> Pacing:
    """Pacing of a track whose words are known with their times.

    Args:
        words: those in the markup, in its order.
        ages: ``(n,)`` frames since each word form began.
        silent: ``(n,)`` where no word is.
        fps: frames a second.
        seconds: of ``symbol_seconds``.
        tokenizer: spells.
    """
    pacing = average_pacing(len(ages), fps)
    starts = np.flatnonzero((ages == 0) & ~silent)
    if len(starts) != len(words):
        raise ValueError(f"{len(starts)} word forms stand for {len(words)} words")
    ends = np.append(np.flatnonzero(ages == 0), len(ages))
    for word, start in zip(words, starts, strict=True):
        here = slice(start, ends[np.searchsorted(ends, start, side="right")])
        average = float(seconds[list(symbols_of(word.text, tokenizer))].sum())
        pacing.late[here] = word.start - start / float(fps)
        if average > 0:
            pacing.pace[here] = np.clip((word.end - word.start) / average, FASTEST, SLOWEST)
    return pacing
