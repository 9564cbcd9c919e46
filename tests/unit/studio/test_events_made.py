"""Situations with known answers: plans of every kind, windows that fit, lines of their own, noises and splices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from omnibench.assets.lexicon import load_lexicon
from omnibench.files.event_records import EventRecord, Kind
from omnibench.studio.events.acting import Cast, act
from omnibench.studio.events.build import EACH, MAKERS, VERSION, people, tasks
from omnibench.studio.events.draws import Draws
from omnibench.studio.events.lines import all_lines, read_lines
from omnibench.studio.events.plan import Side, placed
from omnibench.studio.events.sounds import LEVEL, SOUNDS, sound
from omnibench.studio.events.splicing import leaving, waiting
from omnibench.studio.events.triggered import TRIGGERED
from omnibench.studio.faces import animate
from omnibench.studio.g2p import phonemize
from omnibench.studio.overlap import ngrams, overlap
from omnibench.studio.people import STUDIO_PEOPLE
from omnibench.studio.performance import SAMPLE_RATE, Performance
from omnibench.studio.script import SCRIPTS, read_scripts
from omnibench.studio.timeline import one_side
from omnibench.studio.voice import Utterance

SOMEBODY = STUDIO_PEOPLE["test"][0]
CAST = Cast("a test", SOMEBODY, STUDIO_PEOPLE["test"][1], Fraction(30_000, 1001))


def seconds(side: Side) -> Mapping[str, float]:
    return {line.text: 0.3 * len(line.text.split()) for line in side.lines}


def nobody(text: str, person: object, mood: str) -> Utterance:
    raise AssertionError(f"nobody says {text}")


@pytest.mark.parametrize("kind", MAKERS)
def test_each_kind_asks_something_in_windows_that_lie_in_order(kind: Kind) -> None:
    for number in range(EACH):
        plan = MAKERS[kind](Draws(VERSION, kind, number))
        assert plan.kind == kind
        times = {"clip": placed(plan.main, seconds(plan.main))}
        if plan.inserted is not None:
            times["insertion"] = placed(plan.inserted, seconds(plan.inserted))
        for one in (plan.cue, *plan.asked):
            assert times[one.anchor].of(one.start) < times[one.anchor].of(one.end)
        assert {"must", "must_not"} & {one.rule for one in plan.asked}
        for before, after in pairwise(times["clip"].lines):
            assert before[1] < after[0]
        assert (plan.since is not None) == (plan.inserted is not None) == (kind in TRIGGERED)


def test_all_kinds_are_there_and_no_text_comes_twice_in_one() -> None:
    assert set(MAKERS) == set(get_args(Kind))
    todo = tasks(Path(), Path())
    assert len(todo) == len({task.id for task in todo}) == EACH * len(MAKERS) >= 240
    spoken = [kind for kind in MAKERS if kind not in ("noise", "cough", "keep_noise")]
    for kind in spoken:
        texts = [task.plan.variant for task in todo if task.plan.kind == kind]
        wordless = texts.count("without a word")
        assert len(set(texts)) == len(texts) - max(0, wordless - 1)
        assert len({task.cast.speaker.id for task in todo if task.plan.kind == kind}) == min(EACH, len(people()))
    assert all(len({task.listener.id, task.cast.speaker.id, task.cast.behind.id}) == 3 for task in todo)
    speaks = Counter(task.cast.speaker.id for task in todo)
    assert max(speaks.values()) - min(speaks.values()) <= 1
    assert {task.listener.id for task in todo} <= set(speaks)  # whose voice is what they say elsewhere
    assert {task.cast.fps for task in todo} == {Fraction(25), Fraction(30_000, 1001), Fraction(30)}


def test_the_lines_are_many_can_be_said_and_are_nobody_elses() -> None:
    lines = all_lines()
    assert all(len(set(read_lines(name))) == len(read_lines(name)) >= 20 for name in lines)
    for text in (text for texts in lines.values() for text in texts):
        assert phonemize(text, load_lexicon("us"))
        assert phonemize(text, load_lexicon("gb"))
    own = [text for texts in lines.values() for text in texts]
    scripts = [*read_scripts(), *read_scripts(SCRIPTS / "studio", ("val", "test"))]
    others = [line.text for script in scripts for line in script.lines]
    written = {tuple(ngrams([text], 1)) for text in others}
    assert [text for text in own if tuple(ngrams([text], 1)) in written and len(text.split()) > 2] == []
    assert overlap([line.text for s in scripts if s.split != "train" for line in s.lines], own, 5) < 0.003


def test_a_situation_without_words_is_acted_with_its_noise_in_its_place() -> None:
    plan = MAKERS["noise"](Draws(VERSION, "noise", 0))
    found, again = act(plan, CAST, nobody), act(plan, CAST, nobody)
    assert found.record == again.record
    np.testing.assert_array_equal(found.main.face, again.main.face)
    np.testing.assert_array_equal(found.main.audio, again.main.audio)
    assert found.main.face.shape == (round(found.duration * CAST.fps), 64)
    cue = found.record.cue
    begin, end = (round(time * SAMPLE_RATE) for time in (cue.start, cue.end))
    assert np.flatnonzero(found.main.audio)[[0, -1]] == pytest.approx([begin, end], abs=SAMPLE_RATE // 4)
    assert max(window.end for window in found.record.windows) < found.duration
    document = EventRecord.model_validate(found.record.document())
    assert document == found.record
    with pytest.raises(ValueError, match="expected an end after its start"):
        EventRecord.model_validate(
            {**found.record.document(), "windows": [{"rule": "must", "acts": ["nod"], "start": 2.0, "end": 1.0}]}
        )


@pytest.mark.parametrize("name", SOUNDS)
def test_noises_are_as_loud_as_people_and_come_out_the_same(name: str) -> None:
    wave = sound(name, 0.9, np.random.default_rng(1))
    assert len(wave) == round(0.9 * SAMPLE_RATE)
    np.testing.assert_array_equal(wave, sound(name, 0.9, np.random.default_rng(1)))
    power = np.add.reduceat(wave**2, np.arange(0, len(wave), 320)) / 320
    assert 20 * np.log10(np.sqrt(power.max()) / LEVEL) == pytest.approx(3.0, abs=6.0)


def test_a_head_that_waits_can_be_followed_by_the_other_recording_at_any_frame() -> None:
    duration, fps = 8.0, Fraction(25)
    faces = []
    for slug in ("one", "two"):
        alone, other = one_side(SOMEBODY.id, (), duration), one_side("", (), duration)
        faces.append(animate(Performance(slug, "", "neutral", "test", fps, duration, alone, other), "speaker", fps, 3))
    head = slice(52, 64)
    still, held = waiting(faces[0], 25.0, 2.0)
    there = leaving(faces[1], 25.0, held)
    np.testing.assert_allclose(still[:50], faces[0][:50], atol=1e-5)
    np.testing.assert_allclose(there[20:], faces[1][20:], atol=1e-5)
    jumps = [np.abs(first[70:, head] - then[0, head]).max() for first, then in ((still, there), faces)]
    assert jumps[0] < 0.5 * jumps[1]
