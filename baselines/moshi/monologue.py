"""Words with times from Moshi's inner monologue: one text piece, or none, per 80 ms of its own speech.

A word's pieces come one after the other from the step on in which it is begun to be said; padding fills the rest
(Défossez et al. 2024, section 3.4.4). So a word starts with its first piece, and the end of its last piece is all that
is known of its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, groupby

from baselines.moshi.schedule import STEP_SECONDS
from omnibench.types import Word

WORD_BEGIN = "▁"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


def spelled(pieces: Sequence[str]) -> str:
    """The text of sentencepiece's pieces; runs of its byte pieces, ``<0xE2>``, are read as UTF-8.

    Example:
        >>> spelled(["▁caf", "<0xC3>", "<0xA9>", "?"])
        'café?'
    """
    runs = groupby(pieces, key=lambda piece: _BYTE.fullmatch(piece) is not None)
    texts = (_decoded(run) if is_bytes else list(run) for is_bytes, run in runs)
    return "".join(chain.from_iterable(texts)).replace(WORD_BEGIN, " ").strip()


def _decoded(run: object) -> list[str]:
    values = [int(piece[3:5], 16) for piece in run]  # type: ignore[attr-defined]
    return [bytes(values).decode("utf-8", errors="replace")]


@dataclass(slots=True)
class InnerMonologue:
    """The pieces of one dialogue; ``begin`` is when the sound of step 0 plays, in seconds from the clip's start."""

    begin: Fraction
    _pieces: list[str] = field(default_factory=list)
    _first: int = 0
    _step: int = 0
    _finished: list[tuple[str, Fraction, Fraction]] = field(default_factory=list)

    def push(self, piece: str | None) -> None:
        """The piece of the next step; None for padding."""
        if self._pieces and (piece is None or piece.startswith(WORD_BEGIN)):
            self._finish()
        if piece is not None:
            if not self._pieces:
                self._first = self._step
            self._pieces.append(piece)
        self._step += 1

    def spoken(self, now: Fraction) -> tuple[Word, ...]:
        """Words that have been said until ``now``, in seconds, and were not given before."""
        count = sum(end <= now for _, _, end in self._finished)
        said, self._finished = self._finished[:count], self._finished[count:]
        return tuple(Word(text, float(start), float(end)) for text, start, end in said)

    def _finish(self) -> None:
        text = spelled(self._pieces)
        self._pieces = []
        if text:
            start, end = (self.begin + step * STEP_SECONDS for step in (self._first, self._step))
            self._finished.append((text, start, end))
