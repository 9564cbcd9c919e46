"""Text without Chrono-Text Markup: the ablation of paper section 5.3, as an online model can do it.

The paper: "each predicted word is assigned a timestamp indicating when it emerges; if this timestamp falls within a
temporal window around the current time, the word is retained and appended to the spoken output; otherwise, it is
discarded." Here:

* The language model reads words only: neither ``[PAUSE]`` nor ``[LASTING]`` has an embedding that it sees. On a frame
  without a word, the frame's visual token stands in the place of the text token. A word of the speaker enters when it
  is finished, one of the listener when it is retained.
* On every frame it predicts the listener's next word, however far away, and when it begins, counted from the next
  frame, in bins of 40 ms up to ``text.word_horizon`` and one for later.
* A session draws that time; within ``sampling.word_window`` the word is said on the next frame, else it is discarded
  and predicted anew on the frame after.
* Nothing says when a word is over. For voice, lips and transcript it lasts as long as its symbols do on average.

Speech and face read the words so timed through the same word forms as with the markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from baselines.omniresponse.config import SamplingSettings
from baselines.omniresponse.text.pacing import symbols_of
from baselines.omniresponse.text.sampling import FORBIDDEN
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.shared.sampling import Logits, draw
from omnibench.types import Word

BIN_SECONDS: Final = 0.04
SHORTEST_WORD: Final = 0.04


def time_bins(horizon: float) -> int:
    """Bins of word times up to ``horizon`` seconds, the one for later included."""
    return round(horizon / BIN_SECONDS) + 1


@dataclass(frozen=True, slots=True)
class Timestamps:
    """What a network without the markup knows of its tokens: the ids of the two markers, and the number of time bins
    behind the vocabulary in its text logits.
    """

    pause: int
    lasting: int
    bins: int

    def marks(self, tokens: Tensor) -> Tensor:
        """``(n,)``: the frames without a text token."""
        return (tokens == self.pause) | (tokens == self.lasting)

    def losses(self, logits: Tensor, tokens: Tensor, fps: Fraction) -> Tensor:
        """``(n,)`` negative log-likelihoods of the next word token and of its time, seen from each frame.

        A word's likelihood is the mean over the frames that await it within the horizon, so that it counts once, as
        with the markup. Past the segment's last word no more is known than that the next one comes behind the end.

        Args:
            logits: ``(n, vocabulary + bins)``.
            tokens: ``(n,)`` chrono tokens of the frames after.
            fps: frames a second.
        """
        count = len(tokens)
        order = torch.arange(count, device=tokens.device)
        places = torch.where(self.marks(tokens), count, order).flip(0).cummin(0).values.flip(0)
        known = places < count
        # The margin undoes the rounding of the division.
        bins = (((places - order) / float(fps) + 1e-6) / BIN_SECONDS).long().clamp(max=self.bins - 1)
        words, times = logits.split([logits.shape[1] - self.bins, self.bins], dim=1)
        times = times.log_softmax(dim=1)
        exact = times.gather(1, bins[:, None]).squeeze(1)
        earlier = torch.arange(self.bins, device=tokens.device) < bins[:, None]
        behind = times.masked_fill(earlier, FORBIDDEN).logsumexp(dim=1)
        awaited = known & (bins < self.bins - 1)
        waiting = torch.bincount(places[awaited], minlength=count + 1)
        shares = awaited / waiting[places].clamp(min=1)
        targets = tokens[places.clamp(max=count - 1)]
        return shares * functional.cross_entropy(words, targets, reduction="none") - torch.where(known, exact, behind)


def average_length(word: str, seconds: NDArray[np.float32], tokenizer: ChronoTokenizer) -> float:
    """Seconds that the symbols of a word last on average (``pacing.symbol_seconds``)."""
    return max(float(seconds[list(symbols_of(word, tokenizer))].sum()), SHORTEST_WORD)


def without_ends(words: Sequence[Word], seconds: NDArray[np.float32], tokenizer: ChronoTokenizer) -> tuple[Word, ...]:
    """The words at their recorded starts, as long as their symbols are on average."""
    return tuple(Word(w.text, w.start, w.start + average_length(w.text, seconds, tokenizer)) for w in words)


class TimestampedWords:
    """Draws frame tokens for one dialogue: words by their predicted times, the markers by their average lengths.

    Args:
        tokenizer: of the network.
        seconds: ``(SYMBOLS,)`` average length of each symbol.
        fps: frames a second.
        bins: of `Timestamps`.
    """

    def __init__(self, tokenizer: ChronoTokenizer, seconds: NDArray[np.float32], fps: Fraction, bins: int) -> None:
        self._tokenizer, self._seconds, self._fps, self._bins = tokenizer, seconds, fps, bins
        self._edges = np.arange(bins) * BIN_SECONDS
        self._length = 0.0
        self._age = 0

    def draw(self, logits: Logits, previous: int, sampling: SamplingSettings, generator: np.random.Generator) -> int:
        """The token after ``previous``: a word whose drawn time is within the window, else a marker.

        Args:
            logits: ``(vocabulary + bins,)``.
            previous: the token of the frame before; a piece goes on with a word only while one is being said.
            sampling: ``timing_temperature`` and ``pause_bias`` for the time (a bias above 0 favours times outside the
                window), ``word_window``, ``temperature`` and ``top_p`` for the word.
            generator: advanced by two numbers.
        """
        words, times = np.split(logits.astype(np.float64), [len(logits) - self._bins])
        weights = np.exp((times - times.max()) / max(sampling.timing_temperature, 1e-6))
        near = self._edges <= sampling.word_window + 1e-6
        weights[~near] *= np.exp(sampling.pause_bias)
        time = draw(np.log(np.maximum(weights, 1e-300)), 1.0, 1.0, generator)
        legal = self._tokenizer.starts_word | (self._tokenizer.continues_word & (previous != self._tokenizer.pause))
        word = draw(np.where(legal, words, FORBIDDEN), sampling.temperature, sampling.top_p, generator)
        self._age += 1
        if near[time]:
            return self._say(word)
        # A word begins in the middle of its frame, as pacing.average_pacing has it.
        goes_on = previous != self._tokenizer.pause and self._age < 0.5 + self._length * float(self._fps)
        return self._tokenizer.lasting if goes_on else self._tokenizer.pause

    def _say(self, token: int) -> int:
        length = max(float(self._seconds[list(self._tokenizer.spelling[token])].sum()), SHORTEST_WORD)
        if self._tokenizer.starts_word[token]:
            self._age, self._length = 0, length
        else:
            self._length += length
        return token
