"""METEOR and BERTScore against several answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError
from omnibench.metrics.base import Metric
from omnibench.metrics.coupling.several_answers import (
    bertscore_minilm_multi,
    left_out,
    meteor_multi,
    references_of,
)
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.text.meteor import meteor_of
from omnibench.metrics.text.penn_tokens import word_tokenize


@dataclass
class Answer:
    """What a model said."""

    text: str


def overlap(reference: str, answer: str) -> float:
    return len({*reference.split()} & {*answer.split()}) / 4


def value(metric: Metric, data: str, answers: list[str] | None = None, count: int = 3) -> float:
    dataset = open_dataset(data)
    references = [dataset.dialogue("test", name) for name in dataset.ids("test")[:count]]
    pairs = [(Answer(r.listener.text), r) for r in references]
    if answers is not None:
        pairs = [(Answer(text), r) for text, r in zip(answers, references, strict=True)]
    parameters = load_protocol("offline").metrics[metric.spec.name]
    if metric.plan is not None:
        parameters = replace(parameters, plan=metric.plan(pairs, parameters))  # type: ignore[arg-type]
    return metric.aggregate([metric.sample(*pair, parameters) for pair in pairs], parameters)  # type: ignore[arg-type]


def test_each_reference_is_left_out_once_and_a_reference_itself_for_good() -> None:
    assert left_out("a b", ["a b c d", "a x", "y z"], overlap) == pytest.approx((0.25 + 0.5 + 0.5) / 3)
    assert left_out("a x", ["a b c d", "a x", "y z"], overlap) == 0.25


@given(st.lists(st.text("abc ", min_size=1), min_size=3, max_size=3), st.text("abc ", min_size=1))
def test_no_more_than_the_closest_of_all(references: list[str], answer: str) -> None:
    assert left_out(answer, references, overlap) <= max(overlap(text, answer) for text in references)


def test_writers_answers_stand_in_place_of_the_real_ones() -> None:
    real, *others = references_of(open_dataset("studio").dialogue("test", "studio-2001"))
    assert len(others) == 2
    assert all("talking to" in text or "thank you yet" in text for text in others)
    assert real not in others


def test_the_human_listener_is_compared_with_the_others_alone() -> None:
    reference = open_dataset("studio").dialogue("test", "studio-2001")
    real, *others = (word_tokenize(text) for text in references_of(reference))
    assert value(meteor_multi, "studio", count=1) == max(meteor_of(other, real) for other in others)
    assert 0 < value(bertscore_minilm_multi, "studio", count=1) < 1


@pytest.mark.parametrize("metric", [meteor_multi, bertscore_minilm_multi])
def test_silence_is_worth_nothing_and_data_without_others_is_a_dash(metric: Metric) -> None:
    assert value(metric, "studio", ["", ""], count=2) == 0.0
    with pytest.raises(MetricError, match="no other people's answers"):
        value(metric, "mini")
