"""Casting: disjoint people, a stable draw, and what the shipped scripts ask of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from omnibench.media.mesh.people import PEOPLE as FACES
from omnibench.media.mesh.people import appearance
from omnibench.studio.kokoro import VOICES, voice_table
from omnibench.studio.people import PEOPLE, cast, draw
from omnibench.studio.script import Script, parse_scripts, read_scripts


def test_no_person_and_no_voice_is_in_two_splits() -> None:
    everyone = [person for people in PEOPLE.values() for person in people]
    assert len({person.id for person in everyone}) == len(everyone)
    assert len({person.voice for person in everyone}) == len(everyone)
    assert [len(PEOPLE[split]) for split in ("train", "val", "test")] == [15, 4, 5]


def test_faces_and_voices_have_the_same_gender() -> None:
    for people in PEOPLE.values():
        for person in people:
            assert appearance(person.id).gender == person.gender
            assert person.id in FACES


def test_every_voice_has_a_table() -> None:
    with np.load(VOICES, allow_pickle=False) as tables:
        assert set(tables.files) == {person.voice for people in PEOPLE.values() for person in people}
    for people in PEOPLE.values():
        for person in people:
            table = voice_table(person.voice)
            assert table.shape == (200, 256)
            assert np.isfinite(table).all()
            assert 0.05 < float(np.abs(table).mean()) < 1.0


def test_a_blend_is_the_mean_of_two() -> None:
    blend = voice_table("af_heart+am_puck")
    np.testing.assert_allclose(blend, (voice_table("af_heart") + voice_table("am_puck")) / 2, atol=1e-6)


def test_the_draw_is_frozen() -> None:
    """The data set depends on it: first 6 bytes of sha256("eco-rent-01|speaker"), big-endian."""
    assert draw("eco-rent-01", "speaker") == 0x357652030F2B


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_cast_is_two_people_of_the_split(split: str) -> None:
    (script,) = parse_scripts("== a-1 | t | happy\nS +0.3: Hello.\n", split, "t")
    casting = cast(script)
    assert casting == cast(script)
    assert casting.speaker != casting.listener
    assert {casting.speaker, casting.listener} <= set(PEOPLE[split])
    assert casting.of("listener") is casting.listener


def test_the_shipped_scripts_use_everybody_and_both_frame_rates() -> None:
    scripts = read_scripts()
    for split, people in PEOPLE.items():
        castings = [cast(script) for script in scripts if script.split == split]
        assert {c.speaker.id for c in castings} | {c.listener.id for c in castings} == {p.id for p in people}
        rates = Counter(c.fps for c in castings)
        assert min(rates.values()) >= 0.3 * len(castings)


def test_every_test_listener_who_speaks_also_speaks_in_another_dialogue() -> None:
    """The voice reference of a listener comes from the same person's other dialogues."""

    def voiced(script: Script) -> set[str]:
        return {cast(script).of(line.role).id for line in script.lines if not line.is_backchannel}

    scripts = [script for script in read_scripts() if script.split == "test"]
    for script in scripts:
        listener = cast(script).listener.id
        assert sum(listener in voiced(other) for other in scripts if other is not script) >= 1
    listened = Counter(cast(script).listener.id for script in scripts)
    assert min(listened.values()) >= 2
