"""Dialogues drawn as text, a character for every quarter of a second: ``#`` a word, ``.`` silence.

    speaker  ########........########
    listener ..........######........

With the protocols' rules, one ``.`` is a pause inside a unit, two end it (0.5 s), and up to three ``#`` (0.75 s, three
words) can be a backchannel. So every number can be counted on the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from omnibench.files.records import Lateness
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.protocol import load_protocol
from omnibench.types import Dialogue, Word

STEP = 0.25
FPS = Fraction(25)


@dataclass
class Drawn:
    """A track that has words and a length."""

    words: tuple[Word, ...]
    frames: int


@dataclass
class Answer:
    """One dialogue's answers, as the score stage hands them over."""

    words: tuple[Word, ...] | None = None
    face: np.ndarray | None = None
    lateness: Lateness | None = None

    def timed_words(self, pause: float) -> tuple[Word, ...] | None:
        """Drawn words came when they ended."""
        return self.words


def words(drawing: str) -> tuple[Word, ...]:
    """A word for every ``#``."""
    return tuple(Word(f"w{i}", i * STEP, (i + 1) * STEP) for i, mark in enumerate(drawing) if mark == "#")


def dialogue(speaker: str, listener: str) -> Dialogue:
    """Two people's drawings of equal length."""
    assert len(speaker) == len(listener)
    frames = round(len(speaker) * STEP * FPS)
    return Dialogue("drawn", FPS, 16_000, Drawn(words(speaker), frames), Drawn(words(listener), frames))  # type: ignore[arg-type]


def parameters(metric: Metric) -> Parameters:
    """As the strict protocol has them."""
    return load_protocol("strict").metrics[metric.spec.name]


def score(metric: Metric, *drawings: tuple[str, str, str]) -> float:
    """The corpus value over (speaker, human listener, model)."""
    rules = parameters(metric)
    statistics = [metric.sample(Answer(words(m)), dialogue(s, h), rules) for s, h, m in drawings]  # type: ignore[arg-type]
    return metric.aggregate(statistics, rules)


def statistics(metric: Metric, speaker: str, human: str, model: str) -> Mapping[str, object]:
    """One drawn dialogue's statistics."""
    return metric.sample(Answer(words(model)), dialogue(speaker, human), parameters(metric))  # type: ignore[arg-type]
