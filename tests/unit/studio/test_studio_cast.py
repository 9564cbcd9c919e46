"""The studio's cast: everybody plays equally often, and nobody against themselves."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from omnibench.studio.casting import RATES, balanced
from omnibench.studio.people import Person
from omnibench.studio.script import ROLES, Line, Script

LINES = (Line("speaker", "neutral", "Hello."),)


@given(st.integers(2, 12), st.integers(1, 60))
def test_everybody_plays_equally_often(people: int, dialogues: int) -> None:
    cast = {"test": [Person(f"x{i}", "af_sky", 1.0) for i in range(people)]}
    scripts = [Script(f"slug-{i}", "talk", "neutral", "test", LINES) for i in range(dialogues)]
    found = balanced(scripts, cast)
    assert found == balanced(scripts[::-1], cast), "the order of the files decides nothing"
    for role in ROLES:
        counts = Counter(casting.of(role).id for casting in found.values())
        assert set(counts.values()) <= {dialogues // people, -(-dialogues // people)}
    pairs = Counter((casting.speaker.id, casting.listener.id) for casting in found.values())
    assert all(speaker != listener for speaker, listener in pairs)
    assert max(pairs.values()) <= -(-dialogues // (people * (people - 1)))
    assert {casting.fps for casting in found.values()} <= set(RATES)
