"""Intervals that did not hold their own number.

A bootstrap of clips with replacement was put around a Fréchet distance: repeated clips make covariances poorer and the
distance larger, and the whole interval lay above the estimate. A share of unique bigrams got one that reached above 1,
and dialogues of five people passed for as many independent ones as there were clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset

from omnibench.datasets.opening import open_dataset
from omnibench.metrics.base import METRICS
from omnibench.metrics.face.frechet import frechet, merge, moments_of
from omnibench.metrics.statistics import corpus_interval
from omnibench.scoring.measuring import score_predictions


def test_a_frechet_interval_holds_its_estimate_where_a_naive_bootstrap_does_not() -> None:
    """Resampling with replacement repeats clips; at N < d its whole interval lay above the distance itself."""
    rng = np.random.default_rng(5)
    pairs = [(moments_of(rng.normal(size=(4, 16))), moments_of(rng.normal(size=(4, 16)))) for _ in range(12)]

    def distance(picks: Sequence[int]) -> float:
        return frechet(merge([pairs[i][0] for i in picks]), merge([pairs[i][1] for i in picks]))

    full = distance(range(12))
    naive = [distance(rng.integers(0, 12, size=12).tolist()) for _ in range(200)]
    assert np.quantile(naive, 0.025) > full
    interval = corpus_interval("subsample", distance, 12, (0.0, np.inf))
    assert interval is not None
    assert interval.low < full < interval.high
    assert "without replacement" in interval.method


@pytest.mark.parametrize("name", ["fd", "distinct_2"])
def test_what_repeated_dialogues_would_bias_is_never_bootstrapped(name: str) -> None:
    assert METRICS.get(name).aggregation.interval in ("jackknife", "subsample")


def test_intervals_are_over_people_where_the_data_names_them(tmp_path: Path) -> None:
    ids = tuple(f"d{number}" for number in range(6))
    people = {name: {"speaker": "s", "listener": f"p{number // 2}"} for number, name in enumerate(ids)}
    data = write_dataset(tmp_path / "data", ids=ids, modalities=("text",), persons=people)
    other = write_dataset(tmp_path / "other", ids=ids, modalities=("text",), seed=4)
    (tmp_path / "run").mkdir()
    (other / "test" / "text" / "listener").rename(tmp_path / "run" / "text")
    entry = score_predictions(tmp_path / "run", open_dataset(str(data)), "test", "strict", ["rouge_l"]).metrics[
        "rouge_l"
    ]
    assert "over 3 people (6 dialogues)" in entry.interval.method
