"""What a body reacts to in a dialogue: loudness, clauses, stressed words, questions, yes and no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.studio.curves import Curve, smoothed
from omnibench.studio.performance import SAMPLE_RATE, Part, Turn
from omnibench.types import Word

_FUNCTION: Final = """
a an the and or but so if of to in on at by for from with as than that this these those it its i you he she we
they me him her us them my your his our their is are was were be been am do does did have has had will would
can could should i'm you're it's we're they're i've you've we've i'd i'll he's she's that's there's there then
just not who what when where how which into out up down about over too very well oh
"""
_FUNCTION_WORDS: Final = frozenset(_FUNCTION.split())
_YES: Final = frozenset({"yes", "yeah", "yep", "right", "exactly", "sure", "true", "absolutely", "definitely", "okay"})
_NO: Final = frozenset({"no", "not", "never", "nothing", "none", "nobody", "hardly", "neither", "nor"})
_ENDS: Final = re.compile(r"(?:[.,!?;:]|--)+$")
_FLOOR_DB: Final = 32.0
_STRESS_SPACING: Final = 0.7


@dataclass(frozen=True, slots=True)
class Clause:
    """Words up to a punctuation mark inside one turn; times in seconds."""

    words: tuple[Word, ...]
    turn: Turn

    @property
    def start(self) -> float:
        """When its first word starts."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """When its last word ends."""
        return self.words[-1].end

    @property
    def is_question(self) -> bool:
        """Whether it ends in a question mark."""
        return self.words[-1].text.endswith("?")

    @property
    def ends_sentence(self) -> bool:
        """Whether a full stop, question or exclamation mark follows."""
        return self.words[-1].text.endswith((".", "?", "!"))


def bare(word: Word) -> str:
    """The word in lower case without punctuation."""
    return _ENDS.sub("", word.text).lower()


def loudness(audio: NDArray[np.int16], rate: int) -> Curve:
    """Loudness over time, 0 (32 dB or more under the loud syllables) to 1, ``rate`` values a second.

    Args:
        audio: ``(n,)`` int16 at 16 kHz.
        rate: must divide 16000. Value ``i`` is centred on ``i / rate`` seconds.
    """
    hop = SAMPLE_RATE // rate
    power = np.pad(audio.astype(np.float64) ** 2, (hop // 2, hop))
    return loudness_of(power[: len(power) // hop * hop].reshape(-1, hop).mean(axis=1), rate)


def loudness_of(power: Curve, rate: int) -> Curve:
    """:func:`loudness` of a track's mean squares around every ``rate``-th of a second; of int16 samples."""
    level = 10 * np.log10(smoothed(power, 0.012 * rate) + 1.0)
    voiced = level[level > 20.0]
    top = float(np.percentile(voiced, 95)) if len(voiced) else 60.0
    return np.clip(1.0 + (level - top) / _FLOOR_DB, 0.0, 1.0)


def clauses(part: Part) -> tuple[Clause, ...]:
    """The clauses of a person's turns and backchannels, in order."""
    found: list[Clause] = []
    for turn in part.spoken:
        run: list[Word] = []
        for word in words_in(part, turn):
            run.append(word)
            if _ENDS.search(word.text):
                found.append(Clause(tuple(run), turn))
                run = []
        if run:
            found.append(Clause(tuple(run), turn))
    return tuple(found)


def words_in(part: Part, turn: Turn) -> tuple[Word, ...]:
    """The words of one turn."""
    return tuple(word for word in part.words if turn.start - 1e-3 <= word.start < turn.end)


def stresses(part: Part, loud: Curve, rate: int) -> tuple[tuple[float, float], ...]:
    """(time, strength 0.4..1) of the words that carry the stress: in each clause the loudest and longest first.

    Args:
        part: one person's side.
        loud: their :func:`loudness` at ``rate``.
        rate: values a second of ``loud``.
    """
    chosen: list[tuple[float, float]] = []
    for clause in clauses(part):
        if clause.turn.kind != "turn":
            continue
        ranked = sorted(
            (_weight(word, loud, rate) for word in clause.words if bare(word) not in _FUNCTION_WORDS), reverse=True
        )
        for weight, time in ranked:
            if all(abs(time - other) > _STRESS_SPACING for other, _ in chosen):
                chosen.append((time, float(np.clip(weight / ranked[0][0], 0.4, 1.0))))
    return tuple(sorted(chosen))


def _weight(word: Word, loud: Curve, rate: int) -> tuple[float, float]:
    """How much a word stands out, and when its loudest moment is."""
    first = min(int(word.start * rate), len(loud) - 1)
    inside = loud[first : max(first + 1, int(word.end * rate))]
    peak = int(np.argmax(inside))
    return float(inside[peak]) * (word.end - word.start) ** 0.5 + 1e-3, (first + peak) / rate


def agrees(words: Sequence[Word]) -> bool:
    """Whether a turn opens with a yes."""
    return bool(words) and bare(words[0]) in _YES


def denies(words: Sequence[Word]) -> bool:
    """Whether a turn says no within its first four words."""
    return any(bare(word) in _NO or bare(word).endswith("n't") for word in words[:4])
