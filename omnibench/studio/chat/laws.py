"""When people of mini's training scripts answer: the laws by which chat is timed.

``python -m omnibench.studio.chat.laws`` prints them.

Nothing is fitted: a gap, and what is said in a backchannel, are drawn from those of the training scripts themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from omnibench.studio.script import Line, read_scripts

SLOT_AFTER: Final = 4
"""A clause that ends before the turn's 4th word is answered by nobody."""
NODDED: Final = 0.4
"""The share of backchannels without a word. A choice: mini's scripts have only those that are said."""
_CLAUSE_ENDS: Final = ".,!?;:"


@dataclass(frozen=True, slots=True)
class Laws:
    """What is drawn from.

    Attributes:
        after_question, after_statement: seconds from the end of a turn to the other's; negative ones overlap. Those
            after turns that are cut off count as after a statement.
        backchannel_rate: said backchannels a slot; a slot is the end of a clause inside a turn, see `slots`.
        backchannels: by the mood of the turn that they answer, what is said in them.
        hesitations: said a word.
    """

    after_question: tuple[float, ...]
    after_statement: tuple[float, ...]
    backchannel_rate: float
    backchannels: Mapping[str, tuple[str, ...]]
    hesitations: float


def slots(words: tuple[str, ...]) -> list[int]:
    """After which words, counted from 1, a turn may be answered without taking the floor.

    Example:
        >>> slots(("Well,", "I", "was", "at", "home,", "and", "slept."))
        [5]
    """
    return [i for i, word in enumerate(words[:-1], start=1) if i >= SLOT_AFTER and word[-1] in _CLAUSE_ENDS]


@cache
def laws() -> Laws:
    """Those of mini's training scripts."""
    question: list[float] = []
    statement: list[float] = []
    said: list[tuple[str, str]] = []
    chances = words = hesitations = 0
    for script in read_scripts(splits=("train",)):
        turn: Line | None = None
        for line in script.lines:
            words += len(line.words)
            hesitations += sum(word.lower().strip(_CLAUSE_ENDS) in ("uh", "um", "er", "hmm") for word in line.words)
            if line.is_backchannel and turn is not None:
                said.append((turn.mood, line.text))
                continue
            if turn is not None and turn.role != line.role:
                (question if turn.text.endswith("?") else statement).append(line.gap)
            turn = line
            chances += len(slots(line.words))
    common = Counter(text for _, text in said)
    moods = {mood for mood, _ in said}
    texts = {mood: tuple(sorted(text for m, text in said if m == mood and common[text] > 1)) for mood in moods}
    return Laws(
        tuple(sorted(question)), tuple(sorted(statement)), len(said) / chances, texts, hesitations / words
    )  # fmt: skip


def main() -> None:
    """Print the laws."""
    measured = laws()
    for name, gaps in (("question", measured.after_question), ("statement", measured.after_statement)):
        quartiles = ", ".join(f"{gaps[len(gaps) * part // 20]:.1f}" for part in (1, 5, 10, 15, 19))
        overlaps = sum(gap < 0 for gap in gaps) / len(gaps)
        print(f"gap after a {name} (s), at 5/25/50/75/95 %: {quartiles}; {overlaps:.0%} overlap; {len(gaps)} gaps")
    print(f"backchannels: {measured.backchannel_rate:.2f} a slot, and {NODDED:.0%} of all are nodded")
    for mood, texts in sorted(measured.backchannels.items()):
        print(f"  in a {mood} turn: " + ", ".join(f"{text} {n}" for text, n in Counter(texts).most_common(6)))
    print(f"hesitations: {measured.hesitations:.2%} of words")


if __name__ == "__main__":
    main()
