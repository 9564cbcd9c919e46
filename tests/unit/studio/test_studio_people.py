"""Casting: disjoint people, a stable draw, and what the shipped scripts ask of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from omnibench.media.mesh.people import PEOPLE as FACES
from omnibench.media.mesh.people import appearance
from omnibench.studio.kokoro import VOICES, voice_table
from omnibench.studio.people import PEOPLE, STUDIO_PEOPLE, Person, cast, draw, tables_of
from omnibench.studio.script import Script, parse_scripts, read_scripts


def test_no_person_and_no_voice_is_in_two_splits() -> None:
    everyone = [person for people in PEOPLE.values() for person in people]
    assert len({person.id for person in everyone}) == len(everyone)
    assert len({person.voice for person in everyone}) == len(everyone)
    assert [len(PEOPLE[split]) for split in ("train", "val", "test")] == [15, 4, 5]


def test_the_people_of_studio_are_48_others() -> None:
    """q01 to q48, women odd; the same tables at another rate or pitch are another person, as a listener hears it."""
    ids = [person.id for split in ("test", "val") for person in STUDIO_PEOPLE[split]]
    assert ids == [f"q{number:02d}" for number in range(1, 49)]
    assert [len(STUDIO_PEOPLE[split]) for split in ("test", "val")] == [32, 16]
    everyone = [person for people in (*PEOPLE.values(), *STUDIO_PEOPLE.values()) for person in people]
    assert len({(person.voice, person.rate, person.pitch) for person in everyone}) == len(everyone)
    for person in everyone:
        assert 20_000 <= person.rate <= 28_800
        assert person.gender == ("female" if int(person.id[1:]) % 2 else "male")


def test_a_mixture_speaks_british_english_only_if_both_do() -> None:
    assert Person("x", "bf_emma+bm_lewis", 1.0).accent == "gb"
    assert Person("x", "bf_emma+af_sky", 1.0).accent == Person("x", "zf_xiaoni", 1.0).accent == "us"
    assert Person("x", "bm_lewis+if_sara", 1.0).gender == "male"


def test_a_joined_voice_has_the_timbre_of_one_and_the_pitch_of_another() -> None:
    joined = voice_table("am_onyx/af_heart")
    assert np.array_equal(joined[:, :128], voice_table("am_onyx")[:, :128])
    assert np.array_equal(joined[:, 128:], voice_table("af_heart")[:, 128:])
    assert Person("x", "am_onyx/af_heart", 1.0).gender == "female"
    assert Person("x", "am_onyx/bf_emma", 1.0).accent == "us"
    assert tables_of("hm_psi+zf_xiaoni/af_alloy") == ["hm_psi", "zf_xiaoni", "af_alloy"]


def test_faces_and_voices_have_the_same_gender() -> None:
    for people in PEOPLE.values():
        for person in people:
            assert appearance(person.id).gender == person.gender
            assert person.id in FACES


def test_every_voice_has_a_table() -> None:
    everyone = [person for people in (*PEOPLE.values(), *STUDIO_PEOPLE.values()) for person in people]
    with np.load(VOICES, allow_pickle=False) as tables:
        assert set(tables.files) >= {part for person in everyone for part in tables_of(person.voice)}
    for person in everyone:
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
