"""What a session remembers of its own dialogue: the frames that a hop may need again, and the words of both people."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from baselines.omniresponse.network.segment import Track
from baselines.omniresponse.text.layout import HeardWord
from baselines.omniresponse.text.pacing import average_pacing
from baselines.omniresponse.text.wordform import LETTER_SLOTS, WordForms
from omnibench.media.face import FACE_DIM
from omnibench.types import Face


class Past:
    """Inputs and answers by frame, from ``first`` on. Bounded: ``forget`` drops what no later segment can contain."""

    def __init__(self, history_words: int) -> None:
        self._history_words = history_words
        self.first = 0
        self.rest: Face = np.zeros(FACE_DIM, dtype=np.float32)
        self.listener: list[Face] = []
        self.speaker: list[Face] = []
        self.heard: list[int] = []
        self.forms: list[tuple[int, int, tuple[int, ...], int]] = []
        self.first_code = 0
        self.codes: list[int] = []
        self.words: list[HeardWord] = []

    def forget(self, frame: int, code: int) -> None:
        """Drop frames before ``frame``, audio tokens before ``code``, and words too old for any history budget."""
        drop = frame - self.first
        for kept in (self.listener, self.speaker, self.heard, self.forms):
            del kept[:drop]
        del self.codes[: code - self.first_code]
        self.first, self.first_code = frame, code
        # A word costs at least one token, so a budget of n tokens never reaches back further than n words.
        old = sum(word.frame < frame for word in self.words)
        del self.words[: max(old - self._history_words, 0)]

    def track(self, fps: Fraction) -> Track:
        """The remembered stretch, as the segment builder reads it."""
        letters = np.zeros((len(self.forms), LETTER_SLOTS), dtype=np.int64)
        for row, (_, _, spelled, _) in zip(letters, self.forms, strict=True):
            row[: len(spelled)] = spelled
        own = np.array([form[0] for form in self.forms], dtype=np.int64)
        return Track(
            first=self.first,
            listener=np.array(self.listener, dtype=np.float32).reshape(-1, FACE_DIM),
            speaker=np.array(self.speaker, dtype=np.float32).reshape(-1, FACE_DIM),
            own=own,
            heard=np.array(self.heard, dtype=np.int64),
            forms=WordForms(
                own,
                np.array([form[1] for form in self.forms], dtype=np.int64),
                letters,
                np.array([form[3] for form in self.forms], dtype=np.int64),
            ),
            pacing=average_pacing(len(own), fps),
            codes=np.array(self.codes, dtype=np.int64),
            rest=self.rest,
            first_code=self.first_code,
        )
