"""Responsiveness on drawn dialogues: whose turns an answer's times follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_dialogues import STEP, Answer, dialogue, words
from hypothesis import given
from hypothesis import strategies as st

from omnibench.errors import MetricError
from omnibench.metrics.coupling.responsiveness import responsiveness
from omnibench.metrics.protocol import load_protocol
from omnibench.types import Word

LENGTH = 80


def drawn(turns: int, rest: int, offset: int) -> tuple[str, str]:
    """A speaker who speaks ``turns`` quarters of a second and then rests, and a listener who fills the rests."""
    cycle = "#" * turns + "." * rest
    reply = "." * (turns + 1) + "#" * (rest - 2) + "."
    speaker = ("." * offset + cycle * LENGTH)[:LENGTH]
    return speaker, ("." * offset + reply * LENGTH)[:LENGTH]


PARTNERS = [drawn(8 + n % 5, 12 + n % 3, n) for n in range(14)]


def value(answers: list[Answer], partners: list[tuple[str, str]] = PARTNERS) -> float:
    parameters = load_protocol("strict").metrics["responsiveness"]
    references = [
        replace(dialogue(*pair), id=f"d{n}", identities={"speaker": f"s{n}"}) for n, pair in enumerate(partners)
    ]
    pairs = list(zip(answers, references, strict=True))
    planned = replace(parameters, plan=responsiveness.plan(pairs, parameters))  # type: ignore[misc, arg-type]
    found = [responsiveness.sample(*pair, planned) for pair in pairs]  # type: ignore[arg-type]
    return responsiveness.aggregate(found, planned)


def test_who_answers_this_speaker_is_responsive_and_who_never_listens_is_not() -> None:
    assert value([Answer(words(listener)) for _, listener in PARTNERS]) > 0.3
    beat = tuple(Word("yeah", at, at + 0.3) for at in np.arange(1.0, LENGTH * STEP))
    assert value([Answer(beat) for _ in PARTNERS]) == pytest.approx(0.0, abs=0.02)
    assert value([Answer(()) for _ in PARTNERS]) == 0.0
    shuffled = [Answer(words(listener)) for _, listener in PARTNERS[5:] + PARTNERS[:5]]
    assert value(shuffled) < 0.15


@given(st.lists(st.floats(0.0, 18.0), max_size=6))
def test_the_same_times_in_every_dialogue_are_worth_nothing(times: list[float]) -> None:
    answer = Answer(tuple(Word("so", at, at + 0.5) for at in times))
    assert value([answer] * len(PARTNERS)) == pytest.approx(0.0, abs=0.05)


def test_too_few_others_are_no_number() -> None:
    with pytest.raises(MetricError, match="too few dialogues of other people"):
        value([Answer(()) for _ in PARTNERS[:10]], PARTNERS[:10])
