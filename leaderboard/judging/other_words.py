"""Whether the sound of answers says their words: what a recogniser hears, held against what is claimed.

A high error rate alone would accuse a model whose synthesis nobody understands. So what is heard in a dialogue is also
compared with the words of the other dialogues: a model that says its own words, however badly, is nearer to those; one
whose words were exchanged is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from rapidfuzz.distance import Levenshtein

from omnibench.metrics.text.word_error import normalise, word_errors

LEAST_WORDS: Final = 50
LEAST_TEXTS: Final = 6


@dataclass
class Texts:
    """By dialogue: the words that are claimed, and those that are heard."""

    claimed: dict[str, list[str]] = field(default_factory=dict)
    heard: dict[str, list[str]] = field(default_factory=dict)

    def add(self, dialogue: str, claimed: str, heard: str) -> None:
        """One dialogue that claims words; sounds such as mm-hm are none."""
        if words := normalise(claimed):
            self.claimed[dialogue], self.heard[dialogue] = words, normalise(heard)

    def unlooked(self) -> str | None:
        """Why the texts are too few to judge; None where they are not."""
        for done, texts in (("claimed", self.claimed), ("heard", self.heard)):
            total = sum(map(len, texts.values()))
            if total < LEAST_WORDS:
                return f"not looked for: {total} words are {done}, and it takes {LEAST_WORDS}"
        if len(self.claimed) < LEAST_TEXTS:
            return f"not looked for: {len(self.claimed)} dialogues hold words, and it takes {LEAST_TEXTS}"
        return None

    def error_rate(self) -> float:
        """Errors for every claimed word, pooled, >= 0. Raises ZeroDivisionError where none is claimed.

        Example:
            >>> texts = Texts()
            >>> texts.add("a", "well, yes", "well no")
            >>> texts.error_rate()
            0.5
        """
        found = [word_errors(words, self.heard[name]) for name, words in self.claimed.items()]
        return sum(own.errors for own in found) / sum(own.words for own in found)

    def nearer_than_others(self) -> float:
        """How often what is heard in a dialogue is nearer to its own words than to another dialogue's, over all pairs
        of dialogues with other words; ties count half, and 0.5 where there is no pair.

        Nearness is Levenshtein's on words, for every word of the longer text.
        """
        wins = []
        for name, heard in self.heard.items():
            mine = Levenshtein.normalized_similarity(self.claimed[name], heard)
            for other, words in self.claimed.items():
                if other != name and words != self.claimed[name]:
                    theirs = Levenshtein.normalized_similarity(words, heard)
                    wins.append(1.0 if mine > theirs else 0.5 if mine == theirs else 0.0)
        return float(np.mean(wins)) if wins else 0.5

    def wrong(self, rate: float) -> list[str]:
        """The dialogues of at least that error rate."""
        each = {name: word_errors(words, self.heard[name]) for name, words in self.claimed.items()}
        return [name for name, own in each.items() if own.errors >= rate * own.words]
