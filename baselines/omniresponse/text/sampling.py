"""Drawing tokens: temperature, nucleus, and the grammar of chrono tokens. numpy only, one generator per dialogue."""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.config import SamplingSettings
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.shared.sampling import Logits, draw

FORBIDDEN: Final = -np.inf


def nearest_to_mean(logits: Logits, levels: NDArray[np.float32], temperature: float) -> int:
    """The audio token nearest to the expected levels, or silence, token 0, where that is likelier than not.

    Args:
        logits: ``(n,)``.
        levels: ``(n, d)`` numbers that the tokens stand for, d > 0.
        temperature: above 0.
    """
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    if weights[0] > weights[1:].sum():
        return 0
    mean = weights[1:] @ levels[1:] / weights[1:].sum()
    return 1 + int(np.square(levels[1:] - mean).sum(axis=1).argmin())


class Grammar(Protocol):
    """Which tokens may follow which, and how one of them is drawn."""

    def draw(self, logits: Logits, previous: int, sampling: SamplingSettings, generator: np.random.Generator) -> int:
        """The token after ``previous``, from ``(vocabulary, ...)`` logits."""


def effective(sampling: SamplingSettings) -> SamplingSettings:
    """The settings that count: ``greedy`` stands for temperatures of 0."""
    if not sampling.greedy:
        return sampling
    return sampling.model_copy(
        update={"timing_temperature": 0.0, "temperature": 0.0, "voice": "draw", "voice_temperature": 0.0}
    )


class TextSampler:
    """Draws the text tokens of one dialogue, and remembers which words it began.

    Args:
        sampling: the settings.
        grammar: which draws.
        words: ``(vocabulary,)``, the tokens that start a word.
        generator: the dialogue's.
    """

    def __init__(
        self,
        sampling: SamplingSettings,
        grammar: Grammar,
        words: NDArray[np.bool_],
        generator: np.random.Generator,
    ) -> None:
        self._sampling, self._grammar, self._words, self._chance = effective(sampling), grammar, words, generator
        self._said: deque[int] = deque(maxlen=sampling.repetition_window)

    def draw(self, logits: Logits, previous: int) -> int:
        """The token after ``previous``."""
        if self._said and self._sampling.repetition_penalty:
            logits = logits.copy()
            logits[list(set(self._said))] -= self._sampling.repetition_penalty
        token = self._grammar.draw(logits, previous, self._sampling, self._chance)
        if self._words[token]:
            self._said.append(token)
        return token


class CodeSampler:
    """Draws the audio tokens of one dialogue.

    Args:
        sampling: the settings.
        levels: ``(codes, d)`` numbers that the tokens stand for, d = 0 for codecs whose tokens stand for none.
        generator: the dialogue's.
    """

    def __init__(self, sampling: SamplingSettings, levels: NDArray[np.float32], generator: np.random.Generator) -> None:
        self._sampling, self._levels, self._chance = effective(sampling), levels, generator

    def draw(self, logits: Logits) -> int:
        """The next audio token, from ``(codes,)`` logits."""
        sampling = self._sampling
        if sampling.voice == "mean" and self._levels.size and sampling.voice_temperature > 0:
            return nearest_to_mean(logits, self._levels, sampling.voice_temperature)
        return draw(logits, sampling.voice_temperature, sampling.voice_top_p, self._chance)


class ChronoGrammar:
    """Which tokens may follow which: ``[LASTING]`` and pieces of a word need a word to belong to."""

    def __init__(self, tokenizer: ChronoTokenizer) -> None:
        self._tokenizer = tokenizer
        always = tokenizer.starts_word.copy()
        always[tokenizer.pause] = True
        lasting = always.copy()
        lasting[tokenizer.lasting] = True
        self._after_pause, self._after_lasting = always, lasting
        self._after_word = lasting | tokenizer.continues_word
        marks = np.arange(tokenizer.size)
        self._kinds = (
            marks == tokenizer.pause,
            marks == tokenizer.lasting,
            tokenizer.continues_word,
            tokenizer.starts_word,
        )

    def allowed(self, previous: int) -> NDArray[np.bool_]:
        """``(vocabulary,)``: the tokens that may stand on the frame after ``previous``."""
        if previous == self._tokenizer.pause:
            return self._after_pause
        return self._after_lasting if previous == self._tokenizer.lasting else self._after_word

    def draw(self, logits: Logits, previous: int, sampling: SamplingSettings, generator: np.random.Generator) -> int:
        """The token after ``previous``: first when (pause, go on, piece, new word), then which.

        A nucleus over all tokens at once would never speak: at the frames where an answer may begin, ``[PAUSE]`` alone
        is likelier than ``top_p``, one frame after the other. So what kind of token comes is drawn from the whole
        distribution, and temperature and nucleus choose among the tokens of that kind.

        Args:
            logits: ``(vocabulary,)``.
            previous: the token of the frame before.
            sampling: ``timing_temperature`` and ``pause_bias`` for the kind; ``temperature`` and ``top_p`` for the
                word.
            generator: advanced by two numbers.
        """
        legal = np.where(self.allowed(previous), logits, FORBIDDEN).astype(np.float64)
        legal[self._tokenizer.pause] += sampling.pause_bias
        weights = np.exp((legal - legal.max()) / max(sampling.timing_temperature, 1e-6))
        totals = np.array([weights[kind].sum() for kind in self._kinds])
        kind = draw(np.log(np.maximum(totals, 1e-300)), 1.0, 1.0, generator)
        within = np.where(self._kinds[kind], legal, FORBIDDEN)
        return draw(within, sampling.temperature, sampling.top_p, generator)
