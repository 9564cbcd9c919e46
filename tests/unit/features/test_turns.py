"""Turns from word times: the definitions of Heldner & Edlund 2010 on small, hand-drawn dialogues, and invariants."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.features.turns import (
    Unit,
    answered_turns,
    is_backchannel,
    outside,
    spoken_seconds,
    transfers,
    union,
    units_of,
)
from omnibench.types import Word

PAUSE = 0.5


def words(*spans: tuple[float, float]) -> list[Word]:
    return [Word(f"w{i}", start, end) for i, (start, end) in enumerate(spans)]


def test_a_pause_of_exactly_the_threshold_splits_a_unit() -> None:
    assert units_of(words((0, 1), (1.5, 2)), PAUSE) == (Unit(0, 1, 1), Unit(1.5, 2, 1))
    assert units_of(words((0, 1), (1.25, 2)), PAUSE) == (Unit(0, 2, 2),)


def test_a_word_inside_a_longer_one_does_not_shorten_the_unit() -> None:
    assert units_of(words((0, 3), (1, 2)), PAUSE) == (Unit(0, 3, 2),)


@pytest.mark.parametrize(
    ("listener", "offset"),
    [
        (Unit(2.4, 4.0, 5), 0.4),  # a gap
        (Unit(1.7, 4.0, 5), -0.3),  # overlap between speakers: signed, never clamped to 0
        (Unit(0.5, 4.0, 9), -1.5),  # an interruption that wins the floor
    ],
)
def test_the_offset_of_a_floor_transfer_is_signed(listener: Unit, offset: float) -> None:
    (transfer,) = transfers([Unit(0.0, 2.0, 6)], [listener])
    assert transfer.offset == pytest.approx(offset)


def test_overlap_within_a_speaker_transfers_nothing() -> None:
    assert transfers([Unit(0.0, 5.0, 12)], [Unit(1.0, 3.0, 6)]) == ()


def test_only_the_last_turn_before_an_answer_is_answered() -> None:
    speaker = [Unit(0.0, 1.0, 3), Unit(2.0, 3.0, 3)]
    (transfer,) = transfers(speaker, [Unit(3.2, 4.0, 4)])
    assert transfer.before == speaker[1]


def test_a_dialogue_of_questions_and_answers_counts_each_once() -> None:
    speaker = [Unit(0.0, 2.0, 6), Unit(4.0, 6.0, 6)]
    listener = [Unit(2.2, 2.6, 1), Unit(3.2, 3.6, 2), Unit(6.1, 8.0, 7)]
    assert [t.after.start for t in transfers(speaker, listener)] == [2.2, 6.1]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (Unit(1.0, 1.4, 1), True),  # "mm-hm" while the other speaks on
        (Unit(3.0, 3.4, 1), True),  # in a pause, and the other goes on 0.2 s later
        (Unit(6.2, 6.6, 1), False),  # the last word of the dialogue: a short answer
        (Unit(1.0, 2.4, 1), False),  # too long
        (Unit(1.0, 1.4, 4), False),  # too many words
    ],
)
def test_a_backchannel_is_short_and_leaves_the_floor_where_it_was(unit: Unit, expected: bool) -> None:
    speaker = [Unit(0.0, 2.9, 9), Unit(3.6, 6.0, 8)]
    assert is_backchannel(unit, speaker, PAUSE, seconds=1.0, words=3) is expected


def test_a_short_first_word_of_the_dialogue_is_no_backchannel() -> None:
    assert not is_backchannel(Unit(0.1, 0.4, 1), [Unit(0.6, 3.0, 8)], PAUSE, seconds=1.0, words=3)


def test_backchannels_answer_no_turn() -> None:
    speaker = [Unit(0.0, 2.0, 6), Unit(2.6, 5.0, 8)]
    listener = [Unit(1.9, 2.3, 1), Unit(5.2, 7.0, 5)]
    found = answered_turns(speaker, listener, PAUSE, seconds=1.0, words=3)
    assert [(t.before, t.after) for t in found] == [(speaker[1], listener[1])]


def test_spoken_seconds_leave_pauses_out_and_count_overlaps_once() -> None:
    assert spoken_seconds(words((0, 1), (1.2, 2.2), (2.0, 2.5))) == pytest.approx(2.3)
    assert spoken_seconds([]) == 0.0


spans = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 60)).map(lambda p: (p[0] / 20, (p[0] + p[1]) / 20)), max_size=12
)


@given(spans, st.integers(1, 40).map(lambda n: n / 20))
def test_units_keep_every_word_and_are_a_pause_apart(drawn: list[tuple[float, float]], pause: float) -> None:
    units = units_of(words(*drawn), pause)
    assert sum(u.words for u in units) == len(drawn)
    assert all(b.start - a.end >= pause for a, b in pairwise(units))


@given(spans, spans)
def test_inside_and_outside_make_the_whole(some: list[tuple[float, float]], allowed: list[tuple[float, float]]) -> None:
    whole = sum(b - a for a, b in union(some))
    inside = sum(max(0.0, min(b, d) - max(a, c)) for a, b in union(some) for c, d in union(allowed))
    assert outside(some, allowed) + inside == pytest.approx(whole)
    assert outside(some, []) == pytest.approx(whole)
    assert outside(some, some) == pytest.approx(0.0)


@given(spans, spans)
def test_each_unit_answers_at_most_one_turn(
    first: list[tuple[float, float]], second: list[tuple[float, float]]
) -> None:
    found = transfers(units_of(words(*first), PAUSE), units_of(words(*second), PAUSE))
    assert len({t.before for t in found}) == len(found)
    assert all(t.after.start > t.before.start and t.after.end > t.before.end for t in found)
