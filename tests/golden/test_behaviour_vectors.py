"""The metrics of turns on drawn dialogues (``drawn_dialogues``): each expected number is counted on the drawing, by the
definition that the metric's docstring cites.
"""

import numpy as np
import pytest
from drawn_dialogues import score, statistics

from omnibench.errors import MetricError
from omnibench.metrics.base import Metric
from omnibench.metrics.turns.answered import answered_2s
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

# 12 s. Two turns of the speaker, each answered by the human 0.5 s after its end.
SPEAKER = "########..............########..................".ljust(48, ".")
HUMAN = "..........########..............######..........".ljust(48, ".")
SILENT = "." * 48
EARLY = ".......########..............########...........".ljust(48, ".")  # 0.25 s before each end
LATE = "............########..............######........".ljust(48, ".")  # 1 s after each end
HALF = "..........########..............................".ljust(48, ".")  # answers the first turn only
MIXED = ".......########...................######........".ljust(48, ".")  # 0.25 s early, then 1 s late

OFFSETS = [(HUMAN, 0.5), (EARLY, -0.25), (LATE, 1.0), (HALF, 0.5), (MIXED, 0.375)]
DISTANCES = [(HUMAN, 0.0), (EARLY, 0.75), (LATE, 0.5), (HALF, 0.0), (MIXED, 0.625), (SILENT, WORST)]
DELAYS = [(HUMAN, 0.5), (EARLY, -0.25), (LATE, 1.0), (HALF, (0.5 + LIMIT) / 2), (MIXED, 0.375), (SILENT, LIMIT)]
GAPS = [(HUMAN, 10.0), (EARLY, 0.0), (LATE, 10.0), (HALF, 5.0), (MIXED, 5.0), (SILENT, 0.0)]
OVERLAPS = [(HUMAN, 0.0), (EARLY, 10.0), (LATE, 0.0), (MIXED, 5.0), (SILENT, 0.0), ("#" * 48, 5.0)]
# Corrected for chance: moved round the 12 s, each unit begins within the 3 s of each turn a quarter of the time, and
# the units are too far apart to answer one turn both; the beat of every second is in time wherever it is moved to.
ANSWERED = [(HUMAN, 1.0), (EARLY, 1.0), (LATE, 1.0), (HALF, (1 / 2 - 1 / 4) / (1 - 1 / 4)), (SILENT, 0.0)]
ANSWERED += [("#..." * 12, 0.0), ("#" * 48, -1.0)]
RATIOS = [(HUMAN, 1.0), (SILENT, 0.0), (HALF, 8 / 14), (EARLY, 16 / 14), (LATE, 1.0), ("#" * 48, 48 / 14)]


@pytest.mark.parametrize(("model", "expected"), OFFSETS)
def test_the_median_offset(model: str, expected: float) -> None:
    assert score(floor_transfer_offset, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


@pytest.mark.parametrize(("model", "expected"), DISTANCES)
def test_the_distance_of_offsets_to_the_humans(model: str, expected: float) -> None:
    assert score(fto_wasserstein, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


@pytest.mark.parametrize(("model", "expected"), DELAYS)
def test_the_delay_counts_a_turn_without_an_answer_as_the_limit(model: str, expected: float) -> None:
    assert score(response_delay, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


@pytest.mark.parametrize(("model", "expected"), GAPS)
def test_gaps_a_minute(model: str, expected: float) -> None:
    assert score(gap_rate, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


@pytest.mark.parametrize(("model", "expected"), OVERLAPS)
def test_overlaps_a_minute(model: str, expected: float) -> None:
    assert score(overlap_rate, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


@pytest.mark.parametrize(("model", "expected"), ANSWERED)
def test_turns_answered_in_two_seconds_corrected_for_chance(model: str, expected: float) -> None:
    # The 50 steps of 0.24 s meet 3 s with 12 or 13 of them.
    assert score(answered_2s, (SPEAKER, HUMAN, model)) == pytest.approx(expected, abs=0.03)


# 15 s. The speaker hesitates twice (0.25 s) and is answered once.
HESITANT = "########.########.########..................................".ljust(60, ".")
PATIENT = "............................########........................".ljust(60, ".")
# One word in each silence: at every pause, at the first one and the turn, at the turn.
EVERY = "........#........#.........#................................".ljust(60, ".")
SOME = "........#..................#................................".ljust(60, ".")


@pytest.mark.parametrize(("model", "taken"), [(PATIENT, 0), (EVERY, 2), (SOME, 1)])
def test_one_who_speaks_at_every_silence_answers_no_turn_above_chance(model: str, taken: int) -> None:
    found = statistics(answered_2s, HESITANT, PATIENT, model)
    assert (found["turns"], found["answered"], found["pauses"], found["taken"]) == (1.0, 1.0, 2.0, taken)
    assert score(answered_2s, (HESITANT, PATIENT, model)) == pytest.approx(1 - taken / 2)


def test_a_pause_in_which_the_human_speaks_too_is_none_to_keep_silent_in() -> None:
    found = statistics(answered_2s, HESITANT, SOME, EVERY)
    assert (found["pauses"], found["taken"]) == (1.0, 1.0)


def test_an_answer_after_five_seconds_is_no_transfer_and_the_turn_is_unanswered() -> None:
    speaker, human = "####" + "." * 36, ".....####" + "." * 31
    for seconds, none in ((4.75, 0.0), (5.0, 0.0), (5.25, 1.0)):
        late = (speaker, human, ("." * round(4 + seconds * 4) + "####").ljust(40, "."))
        assert score(unanswered, late) == none
        if none:
            with pytest.raises(MetricError, match="never take the floor"):
                score(floor_transfer_offset, late)
        else:
            assert score(floor_transfer_offset, late) == pytest.approx(seconds)


def test_a_late_answer_in_the_next_turn_is_a_late_one_of_the_last() -> None:
    #          the turn ends at 2 s, the next begins at 2.75 s and ends at 6 s; the answer begins at 3.25 s
    speaker = "########...#############".ljust(48, ".")
    human = ".........##.............########".ljust(48, ".")
    late = ".............##############".ljust(48, ".")
    assert score(floor_transfer_offset, (speaker, human, late)) == pytest.approx(1.25)


# The human tells, the speaker says "mm-hm" in it, which is nothing to answer.
def test_a_backchannel_of_the_speaker_is_no_turn() -> None:
    speaker = "########..............##.........######..............".ljust(60, ".")
    human = ".........###########.####.###..........#####.........".ljust(60, ".")
    for metric, listener in ((answered_2s, human), (unanswered, "." * 60)):
        assert statistics(metric, speaker, human, listener)["turns"] == 2.0
    # Right behind the "mm-hm": 4 s late for the turn before it.
    late = (speaker, human, "." * 24 + "#####" + "." * 31)
    assert score(floor_transfer_offset, late) == pytest.approx(4.0)


# What begins where the human had nothing to say is 5 s off: (near + 5 * false) / (1 + false).
@pytest.mark.parametrize("false", [0, 1, 2])
def test_offsets_are_judged_with_false_speech(false: int) -> None:
    speaker, human = "####" + "." * 76, ".....####" + "." * 71
    model = ("." * 6 + "####" + ("." * 16 + "##") * false).ljust(80, ".")
    assert score(fto_wasserstein, (speaker, human, model)) == pytest.approx((0.25 + WORST * false) / (1 + false))


@pytest.mark.parametrize(("model", "expected"), RATIOS)
def test_seconds_spoken_for_each_of_the_humans(model: str, expected: float) -> None:
    assert score(talk_ratio, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


# The human may be answered for from 1 s before the speaker's end to 2 s after its own: 1 to 6.5 s and 6.5 to 11.5 s.
FALSE = [(HUMAN, 0.0), (SILENT, 0.0), ("#" * 48, 7.5), ("####" + "." * 44, 5.0), ("." * 46 + "##", 2.5), (LATE, 0.0)]


@pytest.mark.parametrize(("model", "expected"), FALSE)
def test_seconds_a_minute_spoken_where_the_human_had_nothing_to_say(model: str, expected: float) -> None:
    assert score(false_speech, (SPEAKER, HUMAN, model)) == pytest.approx(expected)


# 15 s of one speaker with two pauses of 0.25 s; the human says "mm-hm" three times and answers at the end.
TALE = "############.###############.###########....................".ljust(60, ".")
NODDER = ".........##..........##..........##.......##########........".ljust(60, ".")
ONE_AND_A_LATE_ONE = ".........##............................##.##########........".ljust(60, ".")
NEAR = "...........##......##............................##.........".ljust(60, ".")  # 0.5 s late, 0.5 s early, none
FAR = "............##....##................##......................".ljust(60, ".")  # 0.75 s off, each
TWICE = ".......##..##...............................................".ljust(60, ".")  # 0.5 s before and after one
LONG = ".........####........####........####.......................".ljust(60, ".")  # 1 s, four words: no backchannel


@pytest.mark.parametrize(
    ("model", "rate", "precision", "recall", "f1"),
    [
        (NODDER, 12.0, 1.0, 1.0, 1.0),
        (NEAR, 8.0, 1.0, 2 / 3, 4 / 5),
        (FAR, 12.0, 0.0, 0.0, 0.0),
        (TWICE, 8.0, 0.5, 1 / 3, 2 / 5),
        (NODDER[:30] + "." * 30, 8.0, 1.0, 2 / 3, 4 / 5),
        (ONE_AND_A_LATE_ONE, 4.0, 1.0, 1 / 3, 1 / 2),
    ],
)
def test_backchannels(model: str, rate: float, precision: float, recall: float, f1: float) -> None:
    assert score(backchannel_rate, (TALE, NODDER, model)) == pytest.approx(rate)
    assert score(backchannel_precision, (TALE, NODDER, model)) == pytest.approx(precision)
    assert score(backchannel_recall, (TALE, NODDER, model)) == pytest.approx(recall)
    assert score(backchannel_f1, (TALE, NODDER, model)) == pytest.approx(f1)


@pytest.mark.parametrize("model", [LONG, "." * 60])
def test_a_model_without_backchannels_has_a_recall_and_no_precision(model: str) -> None:
    assert score(backchannel_rate, (TALE, NODDER, model)) == 0.0
    assert score(backchannel_recall, (TALE, NODDER, model)) == 0.0
    assert score(backchannel_f1, (TALE, NODDER, model)) == 0.0
    with pytest.raises(MetricError, match="the answers hold no backchannel"):
        score(backchannel_precision, (TALE, NODDER, model))


def test_a_failed_interruption_is_an_overlap_and_takes_no_floor() -> None:
    within = (TALE, NODDER, LONG)
    assert score(overlap_rate, within) == pytest.approx(12.0)
    assert score(gap_rate, within) == 0.0
    with pytest.raises(MetricError, match="never take the floor"):
        score(floor_transfer_offset, within)


def test_an_answer_right_at_the_end_of_the_turn_is_neither_gap_nor_overlap() -> None:
    latched = (SPEAKER, HUMAN, "." * 8 + "#" * 8 + "." * 32)
    assert (score(gap_rate, latched), score(overlap_rate, latched)) == (0.0, 0.0)
    assert score(floor_transfer_offset, latched) == pytest.approx(0.0)


def test_the_humans_own_events_stand_beside_the_models() -> None:
    found = statistics(gap_rate, SPEAKER, HUMAN, HALF)
    assert (found["events"], found["reference_events"]) == (1.0, 2.0)
    found = statistics(backchannel_rate, TALE, NODDER, TWICE)
    assert (found["events"], found["reference_events"]) == (2.0, 3.0)


def test_sums_run_over_the_corpus_and_the_distance_over_dialogues() -> None:
    corpus = ((SPEAKER, HUMAN, HALF), (TALE, NODDER, NODDER))
    assert score(gap_rate, *corpus) == pytest.approx(2 / 27 * 60)
    assert score(fto_wasserstein, (SPEAKER, HUMAN, EARLY), (SPEAKER, HUMAN, SILENT)) == pytest.approx(
        (0.75 + WORST) / 2
    )


@pytest.mark.parametrize("metric", [fto_wasserstein, response_delay])
def test_a_human_who_never_answers_leaves_nothing_to_measure(metric: Metric) -> None:
    with pytest.raises(MetricError, match="human listeners"):
        score(metric, (SPEAKER, SILENT, HUMAN))
    assert score(metric, (SPEAKER, SILENT, HUMAN), (SPEAKER, HUMAN, HUMAN)) == score(metric, (SPEAKER, HUMAN, HUMAN))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # scipy.stats.wasserstein_distance's documentation.
        ([0, 1, 3], [5, 6, 8], 5.0),
        # By hand: everything moves by 2; half moves by 1; mass 1/3 moves by 3; one point spread to either side.
        ([0.0, 1.0], [2.0, 3.0], 2.0),
        ([0.0, 0.0], [0.0, 1.0], 0.5),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 3.0], 1.0),
        ([0.0], [-1.0, 1.0], 1.0),
        ([-0.5, 0.5], [0.5, -0.5], 0.0),
    ],
)
def test_the_distance_between_samples(first: list[float], second: list[float], expected: float) -> None:
    assert wasserstein(np.array(first, float), np.array(second, float)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [1.0], 0),
        ([1.0], [1.5], 1),
        ([1.0], [1.625], 0),
        ([1.0, 1.25], [1.5], 1),
        # The nearest pairs would leave 1.0 and 2.25 without: 1.0-1.5 and 1.75-2.25 are the two.
        ([1.0, 1.75], [1.5, 2.25], 2),
        ([1.0, 2.0, 3.0], [0.5, 2.5, 3.5], 3),
    ],
)
def test_the_largest_pairing(first: list[float], second: list[float], expected: int) -> None:
    assert matches(first, second, 0.5) == matches(second, first, 0.5) == expected
