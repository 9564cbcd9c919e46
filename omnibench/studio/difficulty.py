"""How hard a dialogue is to follow, in three figures and a word: what its manifest entry says under ``difficulty``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from omnibench.datasets.turn_stats import both_talk
from omnibench.studio.performance import Performance
from omnibench.studio.script import Script

_FILLERS: Final = frozenset({"um", "uh", "er", "erm", "hmm", "mm"})
_PHRASES: Final = re.compile(r"\b(i mean|you know|sort of|kind of)\b")
HARD_FROM: Final = {"overlap": 0.04, "backchannels": 4.3, "disfluency": 2.9}
"""From where each figure counts as hard: about a third of studio each. A dialogue that is hard in two of them is."""


def difficulty_of(script: Script, performance: Performance) -> dict[str, Any]:
    """The figures of one dialogue.

    Returns:
        ``overlap``: share of the time in which both speak. ``backchannels``: said or nodded, a minute.
        ``disfluency``: fillers, words said twice, broken off words and turns, in 100 words. ``level``: easy, medium or
        hard, by how many of the three reach `HARD_FROM`.
    """
    turns = [turn for part in (performance.speaker, performance.listener) for turn in part.turns]
    answers = sum(turn.kind != "turn" for turn in turns)
    figures = {
        "overlap": round(both_talk(performance.speaker.spoken, performance.listener.spoken) / performance.duration, 4),
        "backchannels": round(60 * answers / performance.duration, 2),
        "disfluency": round(_disfluency(line.text for line in script.lines if not line.is_backchannel), 2),
    }
    hard = sum(figures[name] >= start for name, start in HARD_FROM.items())
    return {**figures, "level": ("easy", "medium", "hard", "hard")[hard]}


def _disfluency(texts: Iterable[str]) -> float:
    """Disfluencies in 100 words.

    Example:
        >>> _disfluency(["Um, we went-- we we drove."])
        50.0
    """
    words = found = 0
    for text in texts:
        said = re.findall(r"[a-z'-]*[a-z']", text.lower())
        words += len(said)
        found += sum(word in _FILLERS for word in said) + text.count("--") + len(_PHRASES.findall(text.lower()))
        found += sum(a == b for a, b in pairwise(said))
    return 100 * found / words if words else 0.0
