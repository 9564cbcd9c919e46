"""What holds for the metrics of turns whatever is said, on random dialogues on a grid of an eighth of a second."""

from dataclasses import replace

import numpy as np
from drawn_dialogues import Answer, Drawn, parameters
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from omnibench.errors import MetricError
from omnibench.features.turns import Unit, units_of
from omnibench.metrics.base import Metric
from omnibench.metrics.turns.answered import answered_2s, answers_to
from omnibench.metrics.turns.backchannels import (
    backchannel_f1,
    backchannel_precision,
    backchannel_rate,
    backchannel_recall,
    matches,
)
from omnibench.metrics.turns.false_speech import false_speech
from omnibench.metrics.turns.floor_transfer import floor_transfer_offset
from omnibench.metrics.turns.fto_wasserstein import WORST, fto_wasserstein, wasserstein
from omnibench.metrics.turns.response_delay import LIMIT, response_delay
from omnibench.metrics.turns.talk_ratio import talk_ratio
from omnibench.metrics.turns.turn_rates import gap_rate, overlap_rate
from omnibench.metrics.turns.unanswered import unanswered
from omnibench.types import Dialogue, Word

GRID = 8
MEASURES = (
    answered_2s,
    backchannel_f1,
    backchannel_precision,
    backchannel_rate,
    backchannel_recall,
    false_speech,
    floor_transfer_offset,
    fto_wasserstein,
    gap_rate,
    overlap_rate,
    response_delay,
    talk_ratio,
    unanswered,
)

spoken = st.lists(st.tuples(st.integers(0, 30 * GRID), st.integers(1, 2 * GRID)), max_size=14).map(
    lambda drawn: tuple(Word("w", start / GRID, (start + length) / GRID) for start, length in sorted(drawn))
)
times = st.lists(st.integers(0, 200).map(lambda n: n / GRID), max_size=12).map(sorted)
offsets = st.lists(st.integers(-80, 80).map(lambda n: n / 16), min_size=1, max_size=12).map(np.array)


def value(metric: Metric, *triples: tuple[tuple[Word, ...], ...]) -> float | None:
    """The corpus value over (speaker, human, model), None where there is nothing to measure."""
    rules = parameters(metric)
    if "shifts" in rules.values:
        rules = replace(rules, values={**rules.values, "shifts": 10})
    statistics = []
    for speaker, human, model in triples:
        people = Drawn(speaker, 33 * 25), Drawn(human, 33 * 25)
        here = Dialogue("random", 25, 16_000, *people)  # type: ignore[arg-type]
        statistics.append(metric.sample(Answer(model), here, rules))  # type: ignore[arg-type]
    try:
        return metric.aggregate(statistics, rules)
    except MetricError:
        return None


def moved(words: tuple[Word, ...], seconds: float) -> tuple[Word, ...]:
    return tuple(Word(word.text, word.start + seconds, word.end + seconds) for word in words)


@given(spoken, spoken)
def test_the_human_listener_is_at_the_ideal_of_every_measure_that_has_one(
    speaker: tuple[Word, ...], human: tuple[Word, ...]
) -> None:
    itself = (speaker, human, human)
    assert value(fto_wasserstein, itself) in (0.0, None)
    assert value(backchannel_precision, itself) in (1.0, None)
    assert value(backchannel_f1, itself) in (1.0, None)
    assert value(unanswered, itself) in (0.0, None)
    assert value(backchannel_recall, itself) in (1.0, None)
    assert value(talk_ratio, itself) in (1.0, None)
    assert value(false_speech, itself) == 0.0


@given(spoken, spoken)
def test_the_human_listener_gives_its_own_rates(speaker: tuple[Word, ...], human: tuple[Word, ...]) -> None:
    for metric in (gap_rate, overlap_rate, backchannel_rate):
        people = Drawn(speaker, 825), Drawn(human, 825)
        here = Dialogue("random", 25, 16_000, *people)  # type: ignore[arg-type]
        found = metric.sample(Answer(human), here, parameters(metric))  # type: ignore[arg-type]
        assert found["events"] == found["reference_events"]


@given(spoken, spoken, spoken, st.integers(1, 40))
def test_starting_the_clock_later_changes_no_measure(
    speaker: tuple[Word, ...], human: tuple[Word, ...], model: tuple[Word, ...], eighths: int
) -> None:
    later = tuple(moved(side, eighths / GRID) for side in (speaker, human, model))
    for metric in MEASURES:
        now, then = value(metric, (speaker, human, model)), value(metric, later)
        assert now == then or np.isclose(now, then, atol=1e-9)  # type: ignore[arg-type]


@given(spoken, spoken, spoken, spoken)
def test_the_order_of_dialogues_and_copies_of_all_of_them_change_no_measure(
    speaker: tuple[Word, ...], human: tuple[Word, ...], model: tuple[Word, ...], other: tuple[Word, ...]
) -> None:
    first, second = (speaker, human, model), (other, human, speaker)
    for metric in MEASURES:
        whole = value(metric, first, second)
        for again in (value(metric, second, first), value(metric, first, second, first, second)):
            assert whole == again or np.isclose(whole, again, atol=1e-9)  # type: ignore[arg-type]


@given(spoken, spoken, spoken)
def test_every_measure_stays_in_its_range(
    speaker: tuple[Word, ...], human: tuple[Word, ...], model: tuple[Word, ...]
) -> None:
    ranges = {
        answered_2s: (-1, 1),
        backchannel_f1: (0, 1),
        unanswered: (0, 1),
        backchannel_precision: (0, 1),
        backchannel_recall: (0, 1),
        fto_wasserstein: (0, WORST),
        response_delay: (-1, LIMIT),
        false_speech: (0, 60),
    }
    for metric, (low, high) in ranges.items():
        found = value(metric, (speaker, human, model))
        assert found is None or low <= found <= high


@given(spoken, spoken, spoken)
def test_falling_silent_never_improves_what_has_a_better_side_and_asks_for_answers(
    speaker: tuple[Word, ...], human: tuple[Word, ...], model: tuple[Word, ...]
) -> None:
    for metric, sign in ((backchannel_recall, 1), (fto_wasserstein, -1)):
        speaking, silent = value(metric, (speaker, human, model)), value(metric, (speaker, human, ()))
        assert (speaking is None) == (silent is None)
        assert speaking is None or silent is None or sign * silent <= sign * speaking


@given(offsets, offsets)
def test_the_distance_is_scipys(first: np.ndarray, second: np.ndarray) -> None:
    assert np.isclose(wasserstein(first, second), wasserstein_distance(first, second), atol=1e-12)


@given(times, times, st.integers(0, 16).map(lambda n: n / GRID))
def test_pairs_are_no_more_than_either_side_and_all_of_a_side_against_itself(
    first: list[float], second: list[float], window: float
) -> None:
    pairs = matches(first, second, window)
    assert pairs == matches(second, first, window)
    assert pairs <= min(len(first), len(second))
    assert pairs <= matches(first, second, window + 1)
    assert matches(first, first, window) == len(first)


@given(times, times)
def test_no_other_pairing_is_larger(first: list[float], second: list[float]) -> None:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if first and second:
        near = np.abs(np.subtract.outer(first, second)) <= 0.5
        assert matches(first, second, 0.5) == (maximum_bipartite_matching(csr_matrix(near)) >= 0).sum()


@given(spoken, spoken, st.integers(0, 7))
def test_a_beat_answers_no_turn_above_chance(speaker: tuple[Word, ...], human: tuple[Word, ...], first: int) -> None:
    beat = tuple(Word("yeah", at + first / GRID, at + first / GRID + 0.25) for at in range(33))
    found = value(answered_2s, (speaker, human, beat))
    assert found is None or found <= 0.1


@given(times, spoken)
def test_no_other_assignment_waits_less(ends: list[float], words: tuple[Word, ...]) -> None:
    given_units = units_of(words, 0.5)
    ends = sorted(set(ends))[:4]

    def least(left: list[float], units: tuple[Unit, ...]) -> float:
        """By trying all, pairs in order."""
        if not left:
            return 0.0
        waits = [
            abs(unit.start - left[0]) + least(left[1:], units[at + 1 :])
            for at, unit in enumerate(units)
            if left[0] - 1 <= unit.start <= left[0] + 2 and unit.end > left[0]
        ]
        return min([LIMIT + least(left[1:], units), *waits])

    found = answers_to(ends, given_units, 1.0, 2.0)
    total = sum(LIMIT if a is None else abs(a.start - end) for end, a in zip(ends, found, strict=True))
    assert np.isclose(total, least(ends, given_units), atol=1e-5)
    taken = [a for a in found if a is not None]
    assert taken == sorted(set(taken))
