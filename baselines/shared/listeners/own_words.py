"""The words of a listener that speaks without text: a recogniser hears what the listener itself has said.

Each stretch of speech is recognised once it is over, so every word is reported after its end. It needs the extra
``recogniser``; nothing of the speaker is heard here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from baselines.shared.configuration import flatten
from omnibench.errors import MissingError
from omnibench.features.recogniser import INSTALL, transcribe
from omnibench.types import Audio, Word

LOUD_DBFS: Final = -50.0
PAUSE: Final = 0.3
"""Seconds of quiet that end a stretch."""

LONGEST: Final = 10.0
"""Seconds after which a stretch is recognised though it goes on."""


class OwnWords:
    """Hears one dialogue's own samples, frame by frame.

    Args:
        fps: of the dialogue.

        recognise: samples at 16 kHz to text.
    """

    def __init__(self, fps: Fraction, recognise: Callable[[Audio], str] = transcribe) -> None:
        self._fps, self._recognise = fps, recognise
        self._stretch: list[Audio] = []
        self._first = self._last_loud = 0

    def push(self, frame: int, samples: Audio) -> tuple[Word, ...]:
        """The words of a stretch that is over, given the samples of ``frame``, which is about to play."""
        loud = len(samples) > 0 and float(np.mean(np.square(samples, dtype=np.float64))) > 10 ** (LOUD_DBFS / 10)
        if loud:
            if not self._stretch:
                self._first = frame
            self._last_loud = frame
        if not self._stretch and not loud:
            return ()
        self._stretch.append(samples)
        quiet = float((frame - self._last_loud) / self._fps)
        if quiet < PAUSE and float((frame + 1 - self._first) / self._fps) < LONGEST:
            return ()
        return self._recognised(frame)

    def _recognised(self, frame: int) -> tuple[Word, ...]:
        samples = np.concatenate(self._stretch)
        self._stretch = []
        texts = self._recognise(samples).split()
        # What is answered now plays as ``frame``; everything before its begin is past.
        start, end = float(self._first / self._fps), float(min(self._last_loud + 1, frame) / self._fps)
        return tuple(spread(texts, start, end))


def spread(texts: list[str], start: float, end: float) -> list[Word]:
    """Words one after the other between two times, each as long as its letters are many."""
    lengths = np.cumsum([0, *map(len, texts)])
    edges = start + (end - start) * lengths / max(int(lengths[-1]), 1)
    return [Word(text, float(edges[i]), float(edges[i + 1])) for i, text in enumerate(texts)]


def recognised(settings: Mapping[str, Any]) -> bool:
    """Whether settings as given leave ``text.recognise`` on."""
    return str(flatten(settings).get("text.recognise", True)).lower() != "false"


def lacking_recogniser() -> str:
    """The line that installs the recogniser; ``""`` where it is there."""
    packages = ("moonshine_voice", "onnxruntime")
    return "" if all(importlib.util.find_spec(package) for package in packages) else INSTALL


def require_recogniser(model: str) -> None:
    """Raises MissingError where the recogniser is not installed, naming how to get it and how to do without."""
    if lacking_recogniser():
        raise MissingError(
            f"{model} has no text of its own: a recogniser writes down what it says, and that is not installed. Get it "
            f"with: {INSTALL}; or do without words: `--set text.recognise=false`."
        )
