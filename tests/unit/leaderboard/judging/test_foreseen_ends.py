"""Who begins at one moment before every turn's end has seen it; who waits, guesses or keeps time has not."""

from __future__ import annotations

import numpy as np
import pytest

from leaderboard.judging.foreseen_ends import TurnEnds
from omnibench.datasets.opening import open_dataset
from omnibench.types import Word


def _ended(words: tuple[Word, ...]) -> list[float]:
    return [w.end for w, after in zip(words, (*words[1:], None), strict=True) if not after or after.start - w.end > 0.4]


def _judged(lead: object) -> TurnEnds:
    """Answers of one word, ``lead(end)`` seconds from the end of each of the speaker's turns in mini's val split."""
    assert callable(lead)
    found = TurnEnds()
    for dialogue in open_dataset("mini").dialogues("val"):
        heard = dialogue.speaker.words
        starts = sorted(max(0.0, end + lead(end)) for end in _ended(heard))
        found.add(dialogue.id, [Word("right", start, start + 0.03) for start in starts], heard)
    return found


def test_one_moment_before_every_end_is_flagged() -> None:
    """A fifth of a second before, to within a frame, as a model does it that reads on in the speaker's words."""
    draw = np.random.default_rng(0)
    flag = _judged(lambda end: -0.2 - draw.uniform(0, 0.04)).flag()
    assert flag is not None
    assert flag["kind"] == "precedes_cause"
    assert "100% of 47 turns" in flag["message"]
    assert len(flag["dialogues"]) == 24


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_an_answer_after_the_end_is_none(spread: float) -> None:
    draw = np.random.default_rng(0)
    assert _judged(lambda end: 0.2 + draw.uniform(0, spread)).flag() is None


def test_guesses_and_a_metronome_are_left_alone() -> None:
    draw = np.random.default_rng(0)
    assert _judged(lambda end: draw.normal(-0.2, 0.3)).flag() is None
    metronome = TurnEnds()
    for dialogue in open_dataset("mini").dialogues("val"):
        beats = [Word("yeah", second, second + 0.3) for second in np.arange(1.0, dialogue.duration - 1)]
        metronome.add(dialogue.id, beats, dialogue.speaker.words)
    assert metronome.flag() is None


def test_few_turns_prove_nothing() -> None:
    found = TurnEnds()
    found.add("a", [Word("right", 0.8, 0.9)], [Word("hello", 0.5, 1.0)])
    assert found.closest() == (1.0, ["a"])
    assert found.flag() is None
    assert TurnEnds().closest() == (0.0, [])
