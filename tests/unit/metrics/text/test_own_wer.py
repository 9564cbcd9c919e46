"""Whether a model's sound says its words: people who do, words that are swapped, and too few of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.errors import MetricError
from omnibench.features.store import FeatureStore
from omnibench.metrics.base import Metric, Parameters
from omnibench.metrics.given import GivenAnswer
from omnibench.metrics.protocol import load_protocol
from omnibench.metrics.text.own_wer import own_vocabulary, own_wer, own_words

NAMES = ("mini-1002", "mini-1005", "mini-1007")


def value(metric: Metric, answers: list[GivenAnswer], folder: Path, **changed: object) -> float:
    values = {**load_protocol("strict").metrics[metric.spec.name].values, **changed}
    rules = Parameters("strict", values, FeatureStore(folder))
    return metric.aggregate([metric.sample(answer, None, rules) for answer in answers], rules)  # type: ignore[arg-type]


def answers(texts: tuple[str, ...] = NAMES) -> list[GivenAnswer]:
    """What some listeners say with what others have said."""
    data = open_dataset("mini")
    sounds = [data.dialogue("val", name) for name in NAMES]
    words = [data.dialogue("val", name).listener.text for name in texts]
    parts = [
        {"audio": (d.listener.audio(), d.sample_rate), "text": text} for d, text in zip(sounds, words, strict=True)
    ]
    return [GivenAnswer(own, "answer") for own in parts]  # type: ignore[arg-type]


@pytest.mark.needs("recogniser")
def test_people_say_their_own_words_and_nobody_elses(tmp_path: Path) -> None:
    assert value(own_wer, answers(), tmp_path, least_words=20) <= 0.1
    swapped = answers((*NAMES[1:], NAMES[0]))
    assert value(own_wer, swapped, tmp_path, least_words=20) > 0.8
    silent = [GivenAnswer({"audio": (np.zeros(16_000, np.float32), 16_000), "text": "one two three"}, "answer")]
    assert value(own_wer, silent, tmp_path, least_words=1) == 1.0
    with pytest.raises(MetricError, match="3 words are said, and it takes 50"):
        value(own_wer, silent, tmp_path)


def test_words_and_different_words_are_counted_without_sounds_that_are_none(tmp_path: Path) -> None:
    said = [GivenAnswer({"text": text}, "answer") for text in ("Mm-hm. Yes, yes!", "Yes, 25.", "")]
    assert value(own_words, said, tmp_path) == 5
    assert value(own_vocabulary, said, tmp_path) == 3
