"""First-sound and last-word latency on dialogues whose numbers are known: since when each counts, and what has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from test_behaviour_metrics import QUESTION_ANSWER, RATE, Prediction, dialogue, talk

from omnibench.errors import MetricError
from omnibench.metrics.base import Metric
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.turns.latency import first_sound_latency, last_word_latency
from omnibench.predictions.receipts import counted_words
from omnibench.types import Dialogue, Word

ENDS = (4.0, 10.0)
"""Where the speaker's two turns end that the human answers, half a second later each."""


def sound(*spans: tuple[float, float], seconds: float = 13.0) -> tuple[np.ndarray, int]:
    """A tone in each span."""
    samples = np.zeros(round(seconds * RATE), np.float32)
    for start, end in spans:
        inside = slice(round(start * RATE), round(end * RATE))
        samples[inside] = 0.3 * np.sin(np.arange(inside.stop - inside.start) * 0.3)
    return samples, RATE


def value(metric: Metric, prediction: Prediction, reference: Dialogue = QUESTION_ANSWER) -> float:
    parameters = load_protocol("strict").metrics[metric.spec.name]
    return metric.aggregate([metric.sample(prediction, reference, parameters)], parameters)


@dataclass
class Received(Prediction):
    """Answers of which the clock kept in which step each word came, as a run does."""

    steps: Sequence[int] = ()

    def timed_words(self, pause: float) -> tuple[Word, ...]:
        assert self.words is not None
        return counted_words(self.words, self.steps, Fraction(25), pause)


def test_both_count_from_the_end_of_the_speakers_turn() -> None:
    """Answers of 1.2 s, .7 and .9 s after the turns; the sound's level begins up to a window of 25 ms early."""
    spans = [(end + after, end + after + 1.2) for end, after in zip(ENDS, (0.7, 0.9), strict=True)]
    own = Prediction(words=talk(*spans), audio=sound(*spans))
    assert value(first_sound_latency, own) == pytest.approx(0.8, abs=0.015)
    assert value(last_word_latency, own) == pytest.approx(0.8 + 1.2)


def test_neither_begins_with_the_recording_the_humans_answer_or_the_models_own_last_word() -> None:
    """The same answer to a turn, later in a longer dialogue, after an earlier word of the model's own, and with a human
    who answers later.
    """
    own = [(0.0, 0.4), (9.0, 10.0)]
    for human in (8.3, 9.6):
        reference = dialogue(talk((3, 8)), talk((human, 11)))
        prediction = Prediction(words=talk(*own), audio=sound(*own))
        assert value(first_sound_latency, prediction, reference) == pytest.approx(1.0, abs=0.015)
        assert value(last_word_latency, prediction, reference) == pytest.approx(2.0)


def test_an_answer_that_begins_before_the_turn_is_over_has_a_negative_latency_and_a_late_one_none() -> None:
    early = [(3.6, 5.0)]
    assert value(first_sound_latency, Prediction(words=(), audio=sound(*early))) == pytest.approx(-0.4, abs=0.015)
    reference = dialogue(talk((0, 4)), talk((4.5, 7)), seconds=13.0)
    late = [(9.2, 11.0)]
    for metric in (first_sound_latency, last_word_latency):
        with pytest.raises(MetricError, match="no turn is answered"):
            value(metric, Prediction(words=talk(*late), audio=sound(*late)), reference)


@pytest.mark.parametrize("tokens", [1, 2, 7])
def test_a_codecs_look_ahead_is_in_the_first_sound_whatever_the_words_claim(tokens: int) -> None:
    """Sound that a codec holds back for as many tokens of 20 ms; the model's words come as without one."""
    spans = [(end + 0.5, end + 1.5) for end in ENDS]
    held = [(start + tokens * 0.02, end + tokens * 0.02) for start, end in spans]
    at_once, later = (Prediction(words=talk(*spans), audio=sound(*own)) for own in (spans, held))
    latency = value(first_sound_latency, later) - value(first_sound_latency, at_once)
    assert latency == pytest.approx(tokens * 0.02)
    assert value(last_word_latency, later) == value(last_word_latency, at_once)


def test_a_model_without_sound_has_no_first_sound_and_a_silent_one_answers_nothing() -> None:
    words = talk((4.5, 6.0))
    with pytest.raises(MetricError, match="no audio"):
        value(first_sound_latency, Prediction(words=words))
    assert value(last_word_latency, Prediction(words=words)) == pytest.approx(2.0)
    with pytest.raises(MetricError, match="no turn is answered"):
        value(first_sound_latency, Prediction(words=words, audio=sound()))
    with pytest.raises(MetricError, match="no turn is answered"):
        value(last_word_latency, Prediction(words=(), audio=sound((4.5, 6.0))))


def test_a_word_counts_when_it_was_received_and_as_claimed_where_nobody_kept_that() -> None:
    words = (Word("Right.", 4.2, 4.6),)
    assert value(last_word_latency, Prediction(words=words)) == pytest.approx(0.6)
    assert value(last_word_latency, Received(words=words, steps=[114])) == pytest.approx(0.6)
    # Handed over with the answer to frame 149, which is complete at 6 s.
    assert value(last_word_latency, Received(words=words, steps=[149])) == pytest.approx(2.0)
