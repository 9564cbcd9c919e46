"""Power of the paired test: where the answer is known, beside the test itself, and what a reader is shown."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from data_factory import write_dataset
from paired_answers import IDS, answers
from scipy.special import stdtrit

from omnibench.cli import main
from omnibench.datasets.opening import open_dataset
from omnibench.metrics.aggregation import Corpus, Mean, Median, Ratio
from omnibench.metrics.base import Aggregation, Metric, MetricSpec, Parameters
from omnibench.scoring.measuring import score_predictions
from omnibench.scoring.paired_test import paired_test
from omnibench.scoring.paired_values import Row
from omnibench.scoring.power import MetricPower, metric_power

PEOPLE, EACH = 60, 3
SIZES = (15, 45, 90, 180)
CORPUS = Corpus(lambda own, _: float(np.mean([s["value"] for s in own])))


def power_of(aggregation: Aggregation, runs: dict[str, np.ndarray], sizes: tuple[int, ...] = SIZES) -> MetricPower:
    spec = MetricSpec("made_up", "Made up", "higher", (), "a number")
    metric = Metric(spec, lambda *_: {}, aggregation)
    rows = {
        name: {
            f"d{i}": Row(f"p{i // EACH}", {"value": value, "one": 1.0, "list": np.array([value])})
            for i, value in enumerate(values)
        }
        for name, values in runs.items()
    }
    return metric_power(metric, Parameters("strict"), rows, sizes)


def two_runs(shift: float = 0.0, person: float = 1.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    people = np.repeat(rng.normal(0, person, PEOPLE), EACH)
    people *= person / people.std() if person else 0.0
    common = rng.normal(5, 1, PEOPLE * EACH)
    return {"a": common + people - people.mean() + shift, "b": common}


def mean_of_swapped(gains: np.ndarray, swaps: np.ndarray) -> np.ndarray:
    return np.where(swaps, -gains, gains).mean(axis=1)


@pytest.mark.parametrize("aggregation", [Mean(), Ratio("value", "one"), CORPUS])
def test_known_spread_of_people_gives_the_textbooks_answer(aggregation: Aggregation) -> None:
    # People differ by 1, their dialogues not at all: the standard error is 1 / sqrt(people), whatever the dialogues.
    found = power_of(aggregation, two_runs())
    assert (found.units, found.drawn) == (PEOPLE, (5, 15, 30, 60))
    smallest = found.pairs[0].smallest
    assert smallest[0] is None, "five people allow no p below .0625"
    for people, own in zip(found.drawn[1:], smallest[1:], strict=True):
        textbook = (stdtrit(people - 1, 0.975) + stdtrit(people - 1, 0.8)) / np.sqrt(people)
        assert own == pytest.approx(textbook, rel=0.12)


def test_medians_are_told_by_their_spread() -> None:
    found = power_of(Median("list", "nothing"), two_runs())
    few, *rest = found.pairs[0].smallest
    assert found.how == "spread"
    assert few is None
    assert [own is not None and own > 0 for own in rest] == [True] * 3
    assert rest == sorted(rest, key=lambda own: -(own or 0))


def test_the_test_finds_that_difference_in_four_of_five_draws() -> None:
    runs, people = two_runs(), 15
    smallest = power_of(Mean(), runs).pairs[0].smallest[1]
    assert smallest is not None
    gains = (runs["a"] - runs["b"]).reshape(PEOPLE, EACH).mean(axis=1) + smallest
    rng, seen = np.random.default_rng(9), 0
    for _ in range(300):
        own = gains[rng.integers(0, PEOPLE, people)]
        found = paired_test(partial(mean_of_swapped, own), [1.0] * people, 500)
        seen += found.p_value <= 0.05 and found.difference > 0
    assert seen / 300 == pytest.approx(0.8, abs=0.06)


def test_a_pair_is_told_apart_by_its_own_difference_and_equal_ones_are_counted() -> None:
    near, far = (power_of(Mean(), two_runs(shift)).pairs[0] for shift in (0.3, 3.0))
    assert near.smallest[1:] == pytest.approx(far.smallest[1:])
    assert [pair.told(place) for pair in (near, far) for place in (0, 1, 2)] == [False, False, False, False, True, True]
    same = two_runs()["b"]
    assert power_of(Mean(), {"a": same, "b": same}).equal == 1


def test_the_command_says_it_of_every_metric(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = open_dataset(str(write_dataset(tmp_path / "data", ids=IDS, modalities=("text", "vector"))))
    for seed in (3, 4):
        run = answers(tmp_path / "made" / str(seed), seed)
        score_predictions(run, data, "test", "strict", ["rouge_l", "fd"])
        shutil.move(run, tmp_path / "runs" / str(seed))
    assert main(["metrics", "--power", str(tmp_path / "runs"), "--json", str(tmp_path / "power.json")]) == 0
    shown = capsys.readouterr().out
    assert "n = 24" in shown
    assert "extrapolated" in shown
    (table,) = json.loads((tmp_path / "power.json").read_text())["tables"]
    assert table["metrics"]["fd"]["how"] == "linear"
    assert table["metrics"]["rouge_l"]["how"] == "test"
    medians = [size["median"] for size in table["metrics"]["rouge_l"]["sizes"]]
    assert medians == sorted(medians, reverse=True)
    assert main(["metrics", "--power", str(tmp_path / "runs" / "3")]) == 4
    assert "omnibench run" in capsys.readouterr().err
