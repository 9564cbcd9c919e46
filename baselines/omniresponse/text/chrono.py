"""Chrono-Text Markup: one text token per video frame for each person (paper section 3.1 and appendix B.2).

``[PAUSE]`` marks a frame in which nobody of that track speaks, ``[LASTING]`` one in which the word before goes on.

Listener's rules (the track is known with word times, ``chrono_tokens``):

* A word's first sub-token stands at frame ``floor(start * fps)``, the others on the frames after it, then ``[LASTING]``
  up to ``ceil(end * fps)`` or the next word's onset. Reading it back gives start and end to within one frame.
* Words that overlap or start in the same frame: the later onset ends the earlier word's ``[LASTING]``, never its
  sub-tokens; it shifts behind them.
* A word with more sub-tokens than frames takes the frames it needs; the next word shifts. A word that would shift by
  more than ``max_shift`` frames, or that does not fit before the clip's end, is left out of the markup and returned.

Speaker's rule (``SpeakerMarkup``; a word is known only at its end, so its start frame would leak up to a word of
future): the sub-tokens enter a queue in the frame in which the word ended and leave it one a frame. Frames without a
queued sub-token are ``[LASTING]`` while that frame's audio is loud enough to be speech, else ``[PAUSE]``.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.text.tokens import ChronoTokenizer
from omnibench.types import Audio, Word

Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Markup:
    """``tokens`` ``(frames,)`` and the words that found no room."""

    tokens: Tokens
    left_out: tuple[Word, ...]


def chrono_tokens(
    words: Sequence[Word], frames: int, fps: Fraction, tokenizer: ChronoTokenizer, max_shift: int
) -> Markup:
    """Frame tokens of a track whose words are known with their times, by the listener's rules above.

    Args:
        words: in order of their start, seconds.
        frames: length of the track, in frames.
        fps: frames a second.
        tokenizer: gives the sub-tokens.
        max_shift: frames a word may start late.
    """
    tokens = np.full(frames, tokenizer.pause, dtype=np.int64)
    free = 0
    left_out = []
    lasting_until = 0
    for word in sorted(words, key=lambda w: w.start):
        pieces = tokenizer.encode_word(word.text)
        onset = _floor(word.start, fps)
        begin = max(onset, free)
        if not pieces or begin - onset > max_shift or begin + len(pieces) > frames:
            left_out.append(word)
            continue
        tokens[free : min(begin, lasting_until)] = tokenizer.lasting
        free = begin + len(pieces)
        tokens[begin:free] = pieces
        lasting_until = min(_ceil(word.end, fps), frames)
    tokens[free:lasting_until] = tokenizer.lasting
    return Markup(tokens, tuple(left_out))


def _floor(seconds: float, fps: Fraction) -> int:
    # The margin undoes the rounding of times that were written as frame / fps.
    return max(math.floor(seconds * float(fps) + 1e-6), 0)


def _ceil(seconds: float, fps: Fraction) -> int:
    return max(math.ceil(seconds * float(fps) - 1e-6), 0)


class ChronoReader:
    """Frame tokens back to words, online: a word is finished when the frame after its last one is known."""

    def __init__(self, fps: Fraction, tokenizer: ChronoTokenizer) -> None:
        self._fps, self._tokenizer = fps, tokenizer
        self._pieces: list[int] = []
        self._start = 0

    def push(self, token: int, frame: int) -> tuple[Word, ...]:
        """Take the token of ``frame``; returns the word that this token shows to be over, if any.

        A sub-token that goes on with a word counts for the word before it, also after ``[LASTING]``; after
        ``[PAUSE]`` it starts a word of its own.
        """
        if token == self._tokenizer.lasting:
            return ()
        if self._pieces and self._tokenizer.continues_word[token]:
            self._pieces.append(token)
            return ()
        finished = self._finish(frame)
        if token != self._tokenizer.pause:
            self._pieces, self._start = [token], frame
        return finished

    def _finish(self, frame: int) -> tuple[Word, ...]:
        text = self._tokenizer.decode(self._pieces)
        self._pieces = []
        if not text:
            return ()
        return (Word(text, float(self._start / self._fps), float(frame / self._fps)),)


def read_words(tokens: Tokens, fps: Fraction, tokenizer: ChronoTokenizer) -> tuple[Word, ...]:
    """All words of a track's frame tokens; one that lasts to the end ends with the track."""
    reader = ChronoReader(fps, tokenizer)
    words = [word for frame, token in enumerate(tokens) for word in reader.push(int(token), frame)]
    words.extend(reader.push(tokenizer.pause, len(tokens)))
    return tuple(words)


class SpeakerMarkup:
    """The speaker's frame tokens, online."""

    def __init__(self, tokenizer: ChronoTokenizer, activity_dbfs: float) -> None:
        self._tokenizer = tokenizer
        self._power = 10.0 ** (activity_dbfs / 10.0)
        self._queue: deque[tuple[int, str]] = deque()

    def push(self, words: Sequence[Word], audio: Audio) -> tuple[int, str]:
        """One frame: the words that ended in it and its samples.

        Returns:
            The frame's token, and the text of the word that this token starts (else "").
        """
        for word in words:
            for place, token in enumerate(self._tokenizer.encode_word(word.text)):
                self._queue.append((token, "" if place else word.text))
        if self._queue:
            return self._queue.popleft()
        loud = audio.size > 0 and float(np.mean(np.square(audio, dtype=np.float64))) > self._power
        return (self._tokenizer.lasting if loud else self._tokenizer.pause), ""
