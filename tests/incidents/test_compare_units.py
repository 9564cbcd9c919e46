"""The interval resampled people and the test swapped dialogues.

``omnibench compare`` printed an interval that held 0 beside p = 0.004: the five people of mini's test split had made
the interval, their 24 dialogues the test. With effects of people of 0, 0.5 and 1 standard deviation and no difference,
p < .05 came in 5, 13 and 30 % of draws. One unit makes both now, and where so few people allow no finding, the
verdict says that.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from data_factory import write_dataset

from omnibench.commands.compare import compare
from omnibench.datasets.opening import open_dataset
from omnibench.scoring.comparison import Comparison, compare_runs
from omnibench.scoring.measuring import score_predictions

METRICS = ["rouge_l", "distinct_2", "fd"]


def two_runs(folder: Path, people: Sequence[str]) -> tuple[Path, Path]:
    """Answers of one human seed and another, to dialogues of these listeners."""
    ids = tuple(f"d{number:02d}" for number in range(len(people)))
    persons = {name: {"speaker": "s", "listener": who} for name, who in zip(ids, people, strict=True)}
    parts = ("text", "vector")
    data = write_dataset(folder / "data", ids=ids, seed=0, modalities=parts, persons=persons if people[0] else None)
    found = []
    for seed in (1, 2):
        made = write_dataset(folder / f"made{seed}", ids=ids, seed=seed, modalities=parts)
        for part in parts:
            shutil.copytree(made / "test" / part / "listener", folder / f"run{seed}" / part)
        score_predictions(folder / f"run{seed}", open_dataset(str(data)), "test", "strict", METRICS)
        found.append(folder / f"run{seed}")
    return found[0], found[1]


def give_values(run: Path, values: Mapping[str, float]) -> None:
    """Let ROUGE-L of each dialogue be what is said."""
    lines = []
    for line in map(json.loads, (run / "samples.jsonl").read_text().splitlines()):
        row = line["metrics"]["rouge_l"]
        row["value"] = row["statistics"]["value"] = values[line["id"]]
        lines.append(json.dumps(line))
    (run / "samples.jsonl").write_text("\n".join(lines) + "\n")


def compared(runs: tuple[Path, Path], gains: Sequence[float]) -> Comparison:
    for run, values in zip(runs, (0.5 + np.asarray(gains) / 2, 0.5 - np.asarray(gains) / 2), strict=True):
        give_values(run, {f"d{number:02d}": float(value) for number, value in enumerate(values)})
    (row,) = compare_runs(*runs, metrics=["rouge_l"])
    return row


def test_two_lucky_people_of_five_are_no_finding(tmp_path: Path) -> None:
    """20 of 24 dialogues are better, and by a lot, but all of them are of two people."""
    who = [f"p{number}" for number in (*[0] * 10, *[1] * 10, 2, 3, 4, 4)]
    gains = [*np.linspace(0.1, 0.3, 20), -0.02, -0.01, -0.02, -0.01]
    row = compared(two_runs(tmp_path, who), gains)
    assert (row.unit, row.n_units, row.smallest_p, row.dialogues) == ("person", 5, 0.0625, 24)
    assert row.p_value is not None
    assert row.p_value > 0.06
    assert row.verdict == "too few people to tell"
    assert row.interval is not None
    assert row.interval.low <= 0 <= row.interval.high


def test_without_names_the_dialogue_is_the_unit_of_both(tmp_path: Path) -> None:
    row = compared(two_runs(tmp_path, [""] * 24), [*np.linspace(0.1, 0.3, 20), -0.02, -0.01, -0.02, -0.01])
    assert (row.unit, row.n_units, row.level) == ("dialogue", 24, 0.95)
    assert row.p_value is not None
    assert row.p_value < 0.01
    assert row.verdict == "A better"
    assert row.interval is not None
    assert row.interval.low > 0


@pytest.mark.parametrize(("effect", "most"), [(0.0, 5), (1.0, 5)])
def test_people_who_differ_are_not_taken_for_a_difference(tmp_path: Path, effect: float, most: int) -> None:
    """40 draws without a difference, 12 people with two dialogues each: 5 % are 2."""
    runs = two_runs(tmp_path, [f"p{number % 12}" for number in range(24)])
    rng, found = np.random.default_rng(5), 0
    for _ in range(40):
        gains = (effect * np.tile(rng.normal(size=12), 2) + rng.normal(size=24)) / 50
        row = compared(runs, gains)
        assert row.p_value is not None
        assert row.interval is not None
        assert (row.interval.low <= 0 <= row.interval.high) == (row.p_value > 0.05)
        assert (row.verdict == "no clear difference") == (row.p_value > 0.05)
        found += row.p_value <= 0.05
    assert found <= most


def test_every_kind_of_metric_is_compared_by_people_and_says_how_far_five_go(tmp_path: Path) -> None:
    runs = two_runs(tmp_path, [f"p{number % 5}" for number in range(10)])
    rows = compare_runs(*runs)
    assert {row.metric for row in rows} == set(METRICS)
    for row in rows:
        assert (row.unit, row.n_units, row.smallest_p) == ("person", 5, 0.0625), row.metric
        assert row.p_holm is not None
        assert row.p_value is not None
        assert row.p_holm >= row.p_value >= 0.0625
        assert row.interval is not None
        assert row.level == 0.9375
        assert (row.interval.low <= 0 <= row.interval.high) == (row.p_value > 0.0625)
    shown = CliRunner().invoke(compare, [*map(str, runs)]).output
    assert "5 people: p cannot go below 0.0625; intervals at 93.75 %" in shown
    assert "10 dialogues" in shown
    assert shown.count("too few people to tell") == 3


def test_equal_runs_are_called_equal(tmp_path: Path) -> None:
    one, _ = two_runs(tmp_path, [f"p{number % 5}" for number in range(10)])
    for row in compare_runs(one, Path(shutil.copytree(one, tmp_path / "again"))):
        assert (row.p_value, row.verdict) == (1.0, "equal"), row.metric
