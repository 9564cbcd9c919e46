"""The situations that come with the installation: all there, each with its record, whose windows lie in the clip."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from omnibench.datasets.opening import open_dataset
from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.files.event_records import Kind


def test_every_situation_says_what_is_asked_while_it_lasts() -> None:
    data = open_dataset("events")
    assert isinstance(data, ResponseNetFolder)
    assert data.version == "events-v1"
    kinds: Counter[str] = Counter()
    people: set[str] = set()
    for dialogue in data.ids("test"):
        record, entry = data.event("test", dialogue), data.entry("test", dialogue)
        assert record is not None
        kinds[record.kind] += 1
        people |= set(entry.persons.values())
        clip = data.dialogue("test", dialogue)
        assert record.triggered == (clip.insertion is not None)
        for window in record.windows:
            begins = 0.0 if window.anchor == "clip" or clip.insertion is None else clip.insertion.until
            assert begins + window.end <= clip.duration
    assert set(kinds) == set(get_args(Kind))
    assert min(kinds.values()) >= 12
    assert kinds.total() >= 240
    assert len(people) == 48


def test_who_listens_has_a_voice_a_portrait_and_nobody_to_be_scored_against() -> None:
    data = open_dataset("events")
    for dialogue in data.ids("test")[::40]:
        voice = data.voice_reference("test", dialogue)
        assert voice is not None
        assert len(voice[0]) > 16_000
        assert not voice[1]
        assert data.portrait("test", dialogue) is not None
        assert data.initial_face("test", dialogue) is not None
    assert data.unscored("test")
