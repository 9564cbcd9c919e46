"""Graded damage: grade 0 is none, lengths are kept where promised, stronger grades damage what weaker ones do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnibench.audit import damage
from omnibench.audit.damage_table import DAMAGES, generator
from omnibench.types import Image, Word

RATE = 8_000
SHARE = st.floats(0, 1)
SEED = st.integers(0, 2**32 - 1)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def voice(seconds: float = 1.0) -> np.ndarray:
    """A tone between two silences, so that there is something that counts as speech."""
    tone = 0.3 * np.sin(np.arange(round(seconds * RATE)) * 0.4)
    quiet = np.zeros(RATE // 2)
    return np.concatenate([quiet, tone, quiet]).astype(np.float32)


def spoken(count: int) -> list[Word]:
    return [Word(f"w{i}", i * 0.5, i * 0.5 + 0.3) for i in range(count)]


@given(st.floats(0, 3))
def test_delayed_keeps_the_length_and_moves_the_rest(seconds: float) -> None:
    sound = voice()
    late = damage.delayed(sound, RATE, seconds)
    moved = min(round(seconds * RATE), sound.size)
    assert late.shape == sound.shape
    assert late.dtype == sound.dtype
    assert not late[:moved].any()
    np.testing.assert_array_equal(late[moved:], sound[: sound.size - moved])


@given(st.floats(0, 60), SEED)
def test_noise_has_the_asked_ratio_to_the_speech(decibels: float, seed: int) -> None:
    sound = voice() * np.float32(0.1)
    noise = damage.noisy(sound, RATE, decibels, rng(seed)) - sound
    # The level of the tone in its own stretch; the activity detector rounds its ends to 10 ms.
    level = np.sqrt(np.mean(sound[RATE // 2 : -RATE // 2].astype(np.float64) ** 2))
    assert 20 * np.log10(level / np.sqrt(np.mean(noise.astype(np.float64) ** 2))) == pytest.approx(decibels, abs=0.6)


def test_no_noise_is_added_where_nothing_is_said_or_none_is_asked() -> None:
    silence = np.zeros(RATE, np.float32)
    np.testing.assert_array_equal(damage.noisy(silence, RATE, 0.0, rng()), silence)
    np.testing.assert_array_equal(damage.noisy(voice(), RATE, np.inf, rng()), voice())


def test_noise_never_leaves_the_range() -> None:
    loud = damage.noisy(voice() * np.float32(3), RATE, 0.0, rng())
    assert loud.dtype == np.float32
    assert np.abs(loud).max() <= 1.0


@given(st.floats(0, 2))
def test_padding_moves_nothing(seconds: float) -> None:
    sound = voice()
    longer = damage.padded(sound, RATE, seconds)
    np.testing.assert_array_equal(longer[: sound.size], sound)
    assert longer.size == sound.size + round(seconds * RATE)
    assert not longer[sound.size :].any()


@given(SHARE, SHARE, SEED)
def test_holes_keep_the_length_and_grow(first: float, second: float, seed: int) -> None:
    sound = np.ones(RATE, np.float32)
    few, many = (damage.holed(sound, RATE, share, rng(seed)) for share in sorted((first, second)))
    assert few.shape == many.shape == sound.shape
    assert not many[few == 0].any()
    assert np.mean(many == 0) == pytest.approx(max(first, second), abs=0.051)


@given(st.integers(0, 12), SHARE, SHARE, SEED)
def test_dropped_words_are_nested_and_counted(count: int, first: float, second: float, seed: int) -> None:
    words = spoken(count)
    more, fewer = (damage.without_words(words, share, rng(seed)) for share in sorted((first, second)))
    assert set(fewer) <= set(more) <= set(words)
    assert len(fewer) == count - round(max(first, second) * count)
    assert list(more) == [word for word in words if word in set(more)]


@given(st.integers(0, 12), SHARE, SEED)
def test_shuffled_words_keep_their_texts_and_the_times_of_the_places(count: int, share: float, seed: int) -> None:
    words = spoken(count)
    shuffled = damage.shuffled_words(words, share, rng(seed))
    assert Counter(w.text for w in shuffled) == Counter(w.text for w in words)
    assert [(w.start, w.end) for w in shuffled] == [(w.start, w.end) for w in words]
    moved = sum(a != b for a, b in zip(words, shuffled, strict=True))
    expected = max(2, round(share * count)) if share > 0 and count > 1 else 0
    assert moved == expected


@given(st.floats(0, 10))
def test_late_words_are_the_same_words(seconds: float) -> None:
    late = damage.delayed_words(spoken(4), seconds)
    assert [w.text for w in late] == [w.text for w in spoken(4)]
    np.testing.assert_allclose([w.start - o.start for w, o in zip(late, spoken(4), strict=True)], seconds, atol=1e-9)


@given(st.integers(0, 300), SHARE, SHARE, SEED)
def test_frozen_and_reversed_stretches_grow_around_one_place(count: int, a: float, b: float, seed: int) -> None:
    small, large = sorted((a, b))
    for make in (damage.frozen_order, damage.reversed_order):
        weak, strong = (make(count, share, rng(seed)) for share in (small, large))
        assert weak.shape == strong.shape == (count,)
        touched = [np.flatnonzero(order != np.arange(count)) for order in (weak, strong)]
        # A reversed stretch of odd length leaves its middle frame in place.
        if touched[0].size:
            assert touched[1].min() <= touched[0].min() + 1
            assert touched[1].max() >= touched[0].max() - 1
    order = damage.reversed_order(count, large, rng(seed))
    assert sorted(order.tolist()) == list(range(count))
    still = damage.frozen_order(count, large, rng(seed))
    assert (np.diff(still) == 0).sum() == max(round(large * count) - 1, 0)


def test_a_wholly_frozen_or_reversed_clip() -> None:
    assert damage.frozen_order(6, 1.0, rng()).tolist() == [0] * 6
    assert damage.reversed_order(6, 1.0, rng()).tolist() == [5, 4, 3, 2, 1, 0]


@settings(max_examples=20)
@given(st.floats(0, 5), SEED)
def test_jitter_is_in_units_of_each_columns_own_motion(strength: float, seed: int) -> None:
    face = np.zeros((400, 64), np.float32)
    face[:, 1:] = np.random.default_rng(5).normal(3.0, 2.0, (400, 63))
    noise = damage.jittered(face, strength, rng(seed)) - face
    assert not noise[:, 0].any()
    np.testing.assert_allclose(noise[:, 1:].std(), strength * 2.0, rtol=0.05, atol=1e-5)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), SEED)
def test_blur_takes_means_over_squares(height: int, width: int, side: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    blurred = damage.blurred(image, side)
    assert blurred.shape == image.shape
    assert blurred.dtype == np.uint8
    corner = image[:side, :side].astype(float)
    if side <= min(height, width):
        np.testing.assert_allclose(blurred[0, 0], corner.mean(axis=(0, 1)), atol=0.51)
    if side == 1:
        np.testing.assert_array_equal(blurred, image)


def test_a_plain_picture_has_nothing_to_blur() -> None:
    plain = np.full((30, 20, 3), 77, np.uint8)
    np.testing.assert_array_equal(damage.blurred(plain, 7), plain)


@given(st.integers(1, 12), st.integers(1, 4), SHARE, SEED)
def test_answers_are_exchanged_in_a_circle_and_none_is_lost(count: int, people: int, share: float, seed: int) -> None:
    ids = [f"d{i}" for i in range(count)]
    persons = {name: f"p{i % people}" for i, name in enumerate(ids)}
    partners = damage.exchanged(ids, persons, share, rng(seed))
    assert sorted(partners) == sorted(partners.values()) == sorted(ids)
    swapped = sum(a != b for a, b in partners.items())
    assert swapped == (max(2, round(share * count)) if share > 0 and count > 1 else 0)


def test_another_persons_answer_is_another_persons() -> None:
    ids = [f"d{i}" for i in range(8)]
    persons = {name: "anna" if i < 4 else "ben" for i, name in enumerate(ids)}
    partners = damage.exchanged(ids, persons, 1.0, rng(3))
    assert sum(persons[a] != persons[b] for a, b in partners.items()) >= 6


@pytest.mark.parametrize("order", [[], [3, 0, 0, 2], list(range(599, -1, -1))])
def test_pictures_come_in_the_asked_order_from_any_number_of_passes(order: list[int]) -> None:
    def clip() -> Iterator[Image]:
        for index in range(600):
            yield np.full((1, 1, 3), index % 256, np.uint8)

    shown = [int(image[0, 0, 0]) for image in damage.reordered(clip, np.array(order, dtype=np.int64))]
    assert shown == [index % 256 for index in order]


IDENTITIES: dict[str, Callable[[], tuple[object, object]]] = {
    "audio_shift": lambda: (damage.delayed(voice(), RATE, 0.0), voice()),
    "audio_noise": lambda: (damage.noisy(voice(), RATE, np.inf, rng()), voice()),
    "dropouts": lambda: (damage.holed(voice(), RATE, 0.0, rng()), voice()),
    "silence_padding": lambda: (damage.padded(voice(), RATE, 0.0), voice()),
    "word_drop": lambda: (damage.without_words(spoken(5), 0.0, rng()), tuple(spoken(5))),
    "word_shuffle": lambda: (damage.shuffled_words(spoken(5), 0.0, rng()), tuple(spoken(5))),
    "late_words": lambda: (damage.delayed_words(spoken(5), 0.0), tuple(spoken(5))),
    "frozen_face": lambda: (damage.frozen_order(9, 0.0, rng()), np.arange(9)),
    "reversed_face": lambda: (damage.reversed_order(9, 0.0, rng()), np.arange(9)),
    "face_jitter": lambda: (damage.jittered(np.ones((9, 64)), 0.0, rng()), np.ones((9, 64))),
    "video_blur": lambda: (damage.blurred(np.ones((9, 9, 3), np.uint8), 1), np.ones((9, 9, 3))),
    "other_answer": lambda: (damage.exchanged(["a", "b"], {}, 0.0, rng()), {"a": "a", "b": "b"}),
}


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_grade_zero_is_no_damage(name: str) -> None:
    damaged, original = IDENTITIES[name]()
    if isinstance(original, np.ndarray):
        np.testing.assert_array_equal(damaged, original)
    else:
        assert damaged == original


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_every_damage_has_five_ordered_grades_and_touches_what_it_changes(name: str) -> None:
    entry = DAMAGES[name]
    assert len(entry.grades) >= 5
    falling = name == "audio_noise"
    assert list(entry.grades) == sorted(set(entry.grades), reverse=falling)
    functions = {
        "text": entry.words or entry.partners,
        "audio": entry.audio or entry.partners,
        "face": entry.face or entry.order or entry.partners,
        "video": entry.order or entry.picture or entry.partners,
    }
    touched = {"text" if need == "words" else need for need in entry.touches}
    assert {need for need, function in functions.items() if function} == touched


def test_grades_of_one_dialogue_share_their_draws_and_dialogues_do_not() -> None:
    first, again, other = (generator(0, "word_drop", name).random() for name in ("a", "a", "b"))
    assert first == again
    assert first != other
    assert generator(1, "word_drop", "a").random() != first
