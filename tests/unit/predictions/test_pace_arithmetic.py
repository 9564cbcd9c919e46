"""The arithmetic of real time: what plays when, nothing earlier than it was ready, and nothing lost."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.predictions.pace import first_frames, moved, moved_words, ready_frames
from omnibench.runner.queues import AudioQueue, HeldQueue
from omnibench.types import Word, samples_before

FPS, RATE = Fraction(25), 8000
RATES = st.sampled_from([Fraction(25), Fraction(30), Fraction(30000, 1001)])


def one(frame: int) -> int:
    """Items of faces before a frame."""
    return frame


@st.composite
def dialogues(draw: st.DrawFn) -> dict[str, object]:
    """What a model handed over in each step, what the steps cost, and its words."""
    frames = draw(st.integers(1, 40))
    fps = draw(RATES)

    def each(values: st.SearchStrategy) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=frames, max_size=frames)))

    steps = sorted(draw(st.lists(st.integers(0, frames - 1), max_size=6)))
    words, latest = [], 0.0
    for step in steps:
        end = float((step + 1) / fps)
        latest = max(latest, end - draw(st.floats(0, 0.5)))
        words.append(Word("a", latest, end))
    return {
        "fps": fps,
        "frames": frames,
        "faces": each(st.integers(0, 3)),
        "sound": each(st.integers(0, 900)),
        "cost": each(st.floats(0, 0.2)),
        "between": each(st.sampled_from([0.0, 0.001, 0.05])),
        "opening": draw(st.sampled_from([0.0, 0.3])),
        "words": words,
        "steps": steps,
    }


def when(found: dict, factor: float = 1.0) -> np.ndarray:
    """First frames of the answers, the costs taken ``factor`` times."""
    cost, between = found["cost"] * factor, found["between"] * factor
    return first_frames(ready_frames(cost, between, found["opening"] * factor, found["fps"]))


def before(found: dict):
    return lambda frame: samples_before(frame, found["fps"], RATE)


def test_an_answer_is_in_time_until_the_frame_after_the_next_begins() -> None:
    """Frame 0 is complete at 1, counted in frames, and frame 2 begins at 2."""
    for seconds, frame in ((0.0, 1), (0.0399, 1), (0.0401, 2), (0.1, 3)):
        assert first_frames(ready_frames([seconds], [0.0], 0.0, FPS)).tolist() == [frame]


def test_a_queue_at_factor_two_falls_behind_by_a_frame_a_frame() -> None:
    ready = ready_frames(np.full(10, 0.08), np.zeros(10), 0.0, FPS)
    assert np.allclose(ready, 1 + 2 * np.arange(1, 11))


def test_opening_and_what_is_done_between_the_steps_keep_the_model_busy() -> None:
    assert ready_frames([0.01, 0.01], [0.0, 0.0], 0.4, FPS) == pytest.approx([11.25, 11.5])
    busy = ready_frames([0.001] * 4, [0.0, 0.06, 0.06, 0.06], 0.0, FPS)
    assert busy == pytest.approx([1.025, 2.55, 4.075, 5.6])
    # What fits into the time in which it has nothing to do anyway costs nothing.
    assert ready_frames([0.001] * 3, [0.0, 0.03, 0.03], 0.0, FPS) == pytest.approx([1.025, 2.025, 3.025])


def test_a_model_that_hands_over_nothing_while_it_is_silent_catches_up() -> None:
    handed, cost = np.zeros(20, np.int64), np.zeros(20)
    handed[[2, 15]], cost[2] = 100, 0.2
    first = first_frames(ready_frames(cost, np.zeros(20), 0.0, FPS))
    found = moved(handed, first, lambda frame: samples_before(frame, FPS, RATE), 20)
    late = (found.places - found.sources) / 320
    assert set(late[:100]) == {5.0}
    assert set(late[100:]) == {0.0}


def test_words_go_with_their_sound_and_without_sound_as_they_were_handed_over() -> None:
    words, steps = [Word("a", 0.1, 0.3), Word("b", 0.5, 0.7)], [8, 18]
    cost = np.zeros(40)
    cost[10] = 0.2
    first = first_frames(ready_frames(cost, np.zeros(40), 0.0, FPS))
    sound = moved(np.full(40, 320), first, lambda frame: samples_before(frame, FPS, RATE), 40)
    spoken = moved_words(words, steps, first, sound, RATE, FPS)
    assert [(round(w.start, 6), round(w.end, 6)) for w in spoken.words] == [(0.1, 0.3), (0.7, 0.9)]
    # Its step is in time again, as answers are quick: the sound is what is late.
    assert spoken.steps.tolist() == [8, 18]
    silent = moved_words(words, [8, 10], first, None, RATE, FPS)
    assert [(round(w.start, 6), round(w.end, 6)) for w in silent.words] == [(0.1, 0.3), (0.7, 0.9)]
    assert silent.steps.tolist() == [8, 15]


@settings(max_examples=60, deadline=None)
@given(dialogues())
def test_without_cost_nothing_moves(found: dict) -> None:
    first = when(found, 0.0)
    for handed, items in ((found["faces"], one), (found["sound"], before(found))):
        assert moved(handed, first, items, found["frames"]).still
    sound = moved(found["sound"], first, before(found), found["frames"])
    spoken = moved_words(found["words"], found["steps"], first, sound, RATE, found["fps"])
    assert (list(spoken.words), spoken.steps.tolist(), spoken.lost) == (found["words"], found["steps"], 0)


@settings(max_examples=60, deadline=None)
@given(dialogues(), st.floats(1.0, 4.0))
def test_nothing_comes_earlier_on_a_slower_machine_and_nothing_is_lost(found: dict, factor: float) -> None:
    frames, fps = found["frames"], found["fps"]
    ends = []
    for first in (when(found), when(found, factor)):
        faces = moved(found["faces"], first, one, frames)
        sound = moved(found["sound"], first, before(found), frames)
        spoken = moved_words(found["words"], found["steps"], first, sound, RATE, fps)
        assert len(spoken.words) + spoken.lost == len(found["words"])
        assert all(0 <= w.start <= w.end <= float(frames / fps) + 1e-5 for w in spoken.words)
        assert sorted(spoken.words, key=lambda word: word.start) == list(spoken.words)
        for part, end in ((faces, frames), (sound, samples_before(frames, fps, RATE))):
            assert (part.places >= part.sources).all()
            assert (np.diff(part.places) > 0).all()
            assert part.fits + part.lost == len(part.sources)
            assert (part.places[: part.fits] < end).all()
            assert (part.places[part.fits :] >= end).all()
        ends.append((faces.places, sound.places, len(spoken.words)))
    (faces, sound, words), (later_faces, later_sound, fewer) = ends
    assert (later_faces >= faces).all()
    assert (later_sound >= sound).all()
    assert fewer <= words


@settings(max_examples=60, deadline=None)
@given(dialogues())
def test_it_is_what_the_clocks_own_queues_play_when_answers_come_at_those_times(found: dict) -> None:
    """Against `omnibench.runner.queues`, frame by frame, in virtual time and at the real pace."""
    frames, fps, rng = found["frames"], found["fps"], np.random.default_rng(0)
    faces = [rng.random((count, 1)) for count in found["faces"]]
    sound = [rng.random(count).astype(np.float32) for count in found["sound"]]
    virtual, real = when(found, 0.0), when(found)

    def played(first: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, int]:
        held, queue = HeldQueue(np.zeros(1)), AudioQueue()
        shown, heard = [np.zeros(1)], [np.zeros(samples_before(1, fps, RATE), np.float32)]
        for frame in range(1, frames):
            for step in np.flatnonzero(first == frame):
                held.push(faces[step])
                queue.push(sound[step])
            shown.append(held.play())
            heard.append(queue.play(samples_before(frame + 1, fps, RATE) - samples_before(frame, fps, RATE)))
        return np.stack(shown), np.concatenate(heard), held.late, queue.late

    shown, heard, *_ = played(virtual)
    later_shown, later_heard, held_late, sound_late = played(real)
    face, audio = (moved(found[k], real, b, frames) for k, b in (("faces", one), ("sound", before(found))))
    assert np.array_equal(shown[face.held(frames)], later_shown)
    assert np.array_equal(audio.placed(heard), later_heard)
    assert (face.late, audio.late) == (held_late, sound_late)
