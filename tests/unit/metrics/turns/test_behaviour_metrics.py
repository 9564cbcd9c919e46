"""The behaviour metrics on dialogues small enough to count by hand."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest

from omnibench.errors import MetricError
from omnibench.features.media import Media
from omnibench.features.turns import Unit
from omnibench.media.face import index_of
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.lips.lip_lag import lip_lag
from omnibench.metrics.speed.step_time import histogram, quantile, rtf, step_p50, step_p99
from omnibench.metrics.turns.answered import answered_2s, answers_to
from omnibench.metrics.turns.false_speech import false_speech
from omnibench.metrics.turns.floor_transfer import floor_transfer_offset
from omnibench.metrics.turns.talk_ratio import talk_ratio
from omnibench.types import Dialogue, Word

RATE = 16_000
PARAMETERS = Parameters(
    "strict",
    {
        "rules": 2,
        "pause": 0.5,
        "longest": 5.0,
        "hesitation": 0.15,
        "shifts": 50,
        "backchannel_seconds": 1.0,
        "backchannel_words": 3,
        "lead": 1.0,
        "within": 2.0,
        "patience": 2.0,
        "least_speech": 0.5,
    },
)


@dataclass
class Person:
    """A track that only has words."""

    words: tuple[Word, ...]
    frames: int = 300


@dataclass
class Prediction:
    """One dialogue's answers, as the score stage hands them over."""

    words: tuple[Word, ...] | None = None
    audio: tuple[np.ndarray, int] | None = None
    face: np.ndarray | None = None
    step_seconds: np.ndarray | None = None
    text: str | None = field(default=None)

    def timed_words(self, pause: float) -> tuple[Word, ...] | None:
        return self.words

    def face_between(self, start: int, stop: int) -> np.ndarray:
        assert self.face is not None
        return self.face[start:stop]

    @property
    def media(self) -> Media:
        if self.audio is None:
            return Media(key="nothing")
        samples, rate = self.audio
        key = hashlib.sha256(samples.tobytes()).hexdigest()
        return Media(key=key, sample_rate=lambda: rate, audio=lambda start, stop: samples[start:stop])


def talk(*spans: tuple[float, float]) -> tuple[Word, ...]:
    """Two words a second in each span, so that a span is one unit of many words."""
    return tuple(
        Word(f"w{i}", float(t), min(float(t) + 0.5, end))
        for i, (start, end) in enumerate(spans)
        for t in np.arange(start, end, 0.5)
    )


def dialogue(speaker: Sequence[Word], listener: Sequence[Word], seconds: float = 12.0) -> Dialogue:
    frames = round(seconds * 25)
    return Dialogue("d", Fraction(25), RATE, Person(tuple(speaker), frames), Person(tuple(listener), frames))  # type: ignore[arg-type]


def value(metric: Metric, *pairs: tuple[Prediction, Dialogue]) -> float:
    return metric.aggregate([metric.sample(p, d, PARAMETERS) for p, d in pairs], PARAMETERS)


def counted(prediction: Prediction, reference: Dialogue) -> tuple[float, float]:
    """Turns, and those answered."""
    found = answered_2s.sample(prediction, reference, PARAMETERS)  # type: ignore[arg-type]
    return found["turns"], found["answered"]


QUESTION_ANSWER = dialogue(talk((0, 4), (8, 10)), talk((4.5, 7), (10.5, 11.5)))


def test_the_human_listener_answers_everything_and_is_as_talkative_as_itself() -> None:
    itself = Prediction(words=QUESTION_ANSWER.listener.words)
    assert value(talk_ratio, (itself, QUESTION_ANSWER)) == pytest.approx(1.0)
    assert counted(itself, QUESTION_ANSWER) == (2.0, 2.0)
    assert value(floor_transfer_offset, (itself, QUESTION_ANSWER)) == pytest.approx(0.5)
    assert value(false_speech, (itself, QUESTION_ANSWER)) == pytest.approx(0.0)


def test_a_silent_model_answers_nothing_and_says_nothing_false() -> None:
    silent = Prediction(words=())
    assert value(talk_ratio, (silent, QUESTION_ANSWER)) == 0.0
    assert counted(silent, QUESTION_ANSWER) == (2.0, 0.0)
    assert value(answered_2s, (silent, QUESTION_ANSWER)) == 0.0
    assert value(false_speech, (silent, QUESTION_ANSWER)) == 0.0
    with pytest.raises(MetricError, match="never take the floor"):
        value(floor_transfer_offset, (silent, QUESTION_ANSWER))


def test_talking_without_end_answers_nothing_and_is_false_where_the_human_was_silent() -> None:
    endless = Prediction(words=talk((0, 12)))
    assert counted(endless, QUESTION_ANSWER) == (2.0, 0.0)
    assert value(talk_ratio, (endless, QUESTION_ANSWER)) == pytest.approx(12 / 3.5)
    # Windows: [4 - 1, 7 + 2] and [10 - 1, 11.5 + 2]; outside lie 0..3 of 12 s.
    assert value(false_speech, (endless, QUESTION_ANSWER)) == pytest.approx(3.0 / 0.2)


@pytest.mark.parametrize(
    ("start", "answered"), [(2.9, 0), (3.1, 1), (4.0, 1), (5.9, 1), (6.1, 0)], ids=lambda v: str(v)
)
def test_an_answer_counts_from_one_second_before_to_two_after_the_turn(start: float, answered: int) -> None:
    unit = Unit(start, start + 3.0, 6)
    assert answers_to([4.0], [unit], lead=1.0, within=2.0) == [unit if answered else None]


def test_an_answer_that_is_over_before_the_turn_is_does_not_count() -> None:
    backchannel = Prediction(words=(Word("Mm-hm.", 3.2, 3.6),))
    assert counted(backchannel, QUESTION_ANSWER) == (2.0, 0.0)


def test_one_long_answer_does_not_answer_two_turns() -> None:
    twice = dialogue(talk((0, 2), (3.3, 4.4)), talk((2.1, 3.2), (4.6, 6)))
    once = Prediction(words=talk((3.9, 6)))
    assert counted(once, twice) == (2.0, 1.0)


def test_the_share_is_over_the_corpus_and_not_a_mean_of_shares() -> None:
    one_turn = dialogue(talk((0, 4)), talk((4.5, 7)))
    good, silent = Prediction(words=talk((4.5, 6))), Prediction(words=())
    random = answered_2s.sample(good, one_turn, PARAMETERS)["random"]
    assert value(answered_2s, (silent, QUESTION_ANSWER), (good, one_turn)) == pytest.approx((1 - random) / (3 - random))


def test_dialogues_that_the_human_does_not_answer_are_outside_the_share_but_inside_false_speech() -> None:
    unanswered = dialogue(talk((0, 6)), ())
    chatty = Prediction(words=talk((7, 9)))
    assert answered_2s.sample_value(answered_2s.sample(chatty, unanswered, PARAMETERS)) is None
    with pytest.raises(MetricError, match="answer no turn"):
        value(answered_2s, (chatty, unanswered))
    with pytest.raises(MetricError, match="say nothing"):
        value(talk_ratio, (chatty, unanswered))
    assert value(false_speech, (chatty, unanswered)) == pytest.approx(2.0 / 0.2)


def test_negative_offsets_stay_negative_in_the_median() -> None:
    early = Prediction(words=talk((3.7, 7), (9.8, 11)))
    assert value(floor_transfer_offset, (early, QUESTION_ANSWER)) == pytest.approx(-0.25)


def buzz_and_lips(late: float, seconds: float = 4.0) -> Prediction:
    rng = np.random.default_rng(2)
    times = np.arange(round(seconds * RATE)) / RATE
    beats = rng.uniform(0.7, seconds - 0.7, 9)

    def opening(t: np.ndarray) -> np.ndarray:
        return np.max([np.clip(1 - np.abs(t - b) / 0.12, 0, 1) for b in beats], axis=0)

    face = np.zeros((round(seconds * 25), 64), np.float32)
    face[:, index_of("jawOpen")] = 0.4 * opening(np.arange(len(face)) / 25 - late)
    return Prediction(audio=(0.3 * opening(times) * np.sin(1200 * times), RATE), face=face)


def test_lip_lag_is_the_median_of_absolute_lags_in_milliseconds() -> None:
    pairs = [(buzz_and_lips(late), QUESTION_ANSWER) for late in (-0.12, 0.0, 0.2)]
    assert value(lip_lag, *pairs) == pytest.approx(120, abs=10)


def test_lip_lag_counts_silence_as_the_worst_unless_the_human_listener_is_silent_too() -> None:
    silent = Prediction(audio=(np.zeros(RATE), RATE), face=np.zeros((25, 64), np.float32))
    quiet = dialogue(talk((0, 4)), ())
    in_time = (buzz_and_lips(0.0), QUESTION_ANSWER)
    assert value(lip_lag, (silent, QUESTION_ANSWER), in_time) == pytest.approx(250, abs=5)
    assert value(lip_lag, (silent, quiet), in_time) == pytest.approx(0, abs=10)
    with pytest.raises(MetricError, match=r"nobody speaks for 0\.5 s"):
        value(lip_lag, (silent, quiet))


def test_a_face_that_stands_still_while_it_speaks_scores_the_worst_lag() -> None:
    talking_statue = buzz_and_lips(0.0)
    assert talking_statue.face is not None
    talking_statue.face[:] = 0.2
    assert value(lip_lag, (talking_statue, QUESTION_ANSWER)) == 500.0


def test_lip_lag_refuses_non_finite_coefficients_and_missing_parts() -> None:
    broken = buzz_and_lips(0.0)
    assert broken.face is not None
    broken.face[3, 5] = np.nan
    with pytest.raises(MetricError, match="not finite"):
        lip_lag.sample(broken, QUESTION_ANSWER, PARAMETERS)
    with pytest.raises(MetricError, match="no audio"):
        lip_lag.sample(Prediction(face=np.zeros((9, 64), np.float32)), QUESTION_ANSWER, PARAMETERS)


def test_step_quantiles_agree_with_numpy_to_a_bin() -> None:
    seconds = np.random.default_rng(0).lognormal(-5, 0.6, 5000)
    half, rest = Prediction(step_seconds=seconds[:2000]), Prediction(step_seconds=seconds[2000:])
    pairs = ((half, QUESTION_ANSWER), (rest, QUESTION_ANSWER))
    assert value(step_p50, *pairs) == pytest.approx(1000 * np.quantile(seconds, 0.5), rel=0.012)
    assert value(step_p99, *pairs) == pytest.approx(1000 * np.quantile(seconds, 0.99), rel=0.02)


def test_step_times_beyond_the_bins_are_kept_at_the_ends() -> None:
    counts = histogram(np.array([0.0, 1e-9, 1e9]))
    assert counts.sum() == 3
    assert quantile(counts, 0.0) < 1.1e-6
    assert quantile(counts, 1.0) > 980


def test_the_real_time_factor_is_computing_over_playing_time() -> None:
    steady = Prediction(step_seconds=np.full(300, 0.01))
    assert value(rtf, (steady, QUESTION_ANSWER)) == pytest.approx(300 * 0.01 / 12)


@pytest.mark.parametrize("seconds", [np.zeros(0), np.array([0.1, np.nan]), np.array([-1.0]), None])
def test_untimed_or_impossible_steps_are_refused(seconds: np.ndarray | None) -> None:
    for metric in (step_p50, step_p99, rtf):
        with pytest.raises(MetricError):
            metric.sample(Prediction(step_seconds=seconds), QUESTION_ANSWER, PARAMETERS)
