"""Drawing tokens: temperature, nucleus, and the grammar of chrono tokens. numpy only, one generator per dialogue."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from baselines.omniresponse.tokens import ChronoTokenizer

Logits = NDArray[np.float32]
FORBIDDEN: Final = np.float32(-np.inf)


def dialogue_generator(seed: int, dialogue: str, purpose: str) -> np.random.Generator:
    """A generator for one dialogue and purpose: the same everywhere, whatever ran before."""
    digest = hashlib.sha256(f"{seed}\0{dialogue}\0{purpose}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def draw(logits: Logits, temperature: float, top_p: float, generator: np.random.Generator) -> int:
    """One index.

    Args:
        logits: ``(n,)``; -inf is never drawn.
        temperature: 0 takes the most likely one.
        top_p: only the smallest set of most likely indices whose probabilities reach ``top_p`` (Holtzman et al. 2020).
        generator: advanced by one number, also at temperature 0.
    """
    chance = generator.random()
    if temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    order = np.argsort(-weights, kind="stable")
    cumulative = np.cumsum(weights[order]) / weights.sum()
    kept = int(np.searchsorted(cumulative, top_p)) + 1
    place = int(np.searchsorted(cumulative[:kept], chance * cumulative[min(kept, len(order)) - 1], side="right"))
    return int(order[min(place, kept - 1, len(order) - 1)])


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

    def allowed(self, previous: int) -> NDArray[np.bool_]:
        """``(vocabulary,)``: the tokens that may stand on the frame after ``previous``."""
        if previous == self._tokenizer.pause:
            return self._after_pause
        return self._after_lasting if previous == self._tokenizer.lasting else self._after_word

    def apply(self, logits: Logits, previous: int, pause_bias: float) -> Logits:
        """A copy of ``logits`` with forbidden tokens at -inf and ``pause_bias`` added to ``[PAUSE]``."""
        legal = np.where(self.allowed(previous), logits, FORBIDDEN)
        legal[self._tokenizer.pause] += np.float32(pause_bias)
        return legal
