"""``paper`` printed 24/24 where the official scripts had left two pairs out of the mean, and said nothing.

They skip a pair whose text is empty on either side, a video without a face track, a recording of which the silence
filter leaves nothing, and a clip that is too short for a window. ``paper`` does the same, and says how many dialogues
made the number; that is the protocol's quirk, no gap in the answers, so the exit status is 0.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_factory import write_dataset
from score_entries import entry_of as score_entry
from score_entries import scores_of

from omnibench.cli import main
from omnibench.errors import MetricError, SkippedError
from omnibench.files.score_records import MetricEntry
from omnibench.metrics.base import METRICS
from omnibench.metrics.protocol import load_protocol
from omnibench.scoring.aggregation import metric_entry
from omnibench.scoring.reasons import counted_mark, footnotes
from omnibench.scoring.scores import Outcome
from omnibench.tables.run_table import format_scores

IDS = tuple(f"d{number:02}" for number in range(24))
TEXT = ("meteor", "rouge_l", "distinct_2")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, modalities=("text", "vector"))


@pytest.fixture
def answers(data: Path, tmp_path: Path) -> Path:
    """The human's own texts, two of them emptied."""
    shutil.copytree(data / "test" / "text" / "listener", tmp_path / "run" / "text")
    for name, text in (("d03", ""), ("d11", " \n")):
        (tmp_path / "run" / "text" / f"{name}.json").write_text(json.dumps({"text": text, "words": []}))
    return tmp_path / "run"


def score(folder: Path, data: Path, protocol: str, *more: str) -> dict[str, Any]:
    arguments = [str(folder), "--data", str(data), "--protocol", protocol, "--metrics", ",".join(TEXT), *more]
    assert main(["score", *arguments]) == 0
    return json.loads((folder / "scores.json").read_text())["metrics"]


def test_what_the_official_scripts_skip_is_counted_as_they_do(answers: Path, data: Path, capsys: Captured) -> None:
    found = score(answers, data, "paper")
    said = capsys.readouterr().out
    assert said.count("(22/24 counted)") == 3
    assert "22/24 counted, as the official script does (meteor, rouge_l, distinct_2)" in said
    assert "!" not in said
    for name in TEXT:
        assert (found[name]["n_scored"], found[name]["n_expected"], found[name]["n_counted"]) == (24, 24, 22), name
        assert "|cov:24/24 (22 counted)|" in found[name]["signature"].replace(" || ", "|")
    assert found["rouge_l"]["value"] == pytest.approx(1.0)


def test_a_silent_human_is_one_of_those_that_the_official_scripts_skip(
    answers: Path, data: Path, tmp_path: Path, capsys: Captured
) -> None:
    own = Path(shutil.copytree(data, tmp_path / "own"))
    (own / "test" / "text" / "listener" / "d20.json").write_text(json.dumps({"text": "", "words": []}))
    found = score(answers, own, "paper")["rouge_l"]
    assert (found["n_expected"], found["n_outside"], found["n_counted"]) == (23, 1, 21)
    assert "21/24 counted, as the official script does (rouge_l)" in capsys.readouterr().out.replace("meteor, ", "")


def test_strict_skips_nobody(answers: Path, data: Path, capsys: Captured) -> None:
    found = score(answers, data, "strict")
    assert "counted" not in capsys.readouterr().out
    assert all("n_counted" not in entry for entry in found.values())
    assert found["rouge_l"]["value"] == pytest.approx(22 / 24)


def test_a_missing_answer_is_no_quirk(answers: Path, data: Path, capsys: Captured) -> None:
    (answers / "text" / "d00.json").unlink()
    arguments = [str(answers), "--data", str(data), "--protocol", "paper", "--metrics", "rouge_l"]
    assert main(["score", *arguments]) == 5
    said = capsys.readouterr().out
    assert "(23/24 !)" in said
    assert "21/23 counted, as the official script does (rouge_l)" in said


def entry_of(name: str, outcomes: list[Outcome], protocol: str = "paper") -> MetricEntry:
    rules = load_protocol(protocol)
    return metric_entry(METRICS.get(name), rules.metrics[name], outcomes, rules.absent, lambda coverage: coverage)


@pytest.mark.parametrize(
    ("name", "statistics"),
    [("utmosv2", {"value": 3.0, "spread": 0.0, "counted": 1.0}), ("lse_d", {"total": 18.0, "count": 2.0})],
)
def test_a_skipped_recording_is_covered_and_out_of_the_mean(name: str, statistics: dict[str, float]) -> None:
    """A recording that the silence filter empties, a video without a face track."""
    scored = [Outcome(f"d{i}", "ok", "", statistics) for i in range(3)]
    entry = entry_of(name, [*scored, Outcome("gone", "skipped", "nothing left")])
    assert entry.value == pytest.approx(statistics.get("value", 9.0))
    assert (entry.n_scored, entry.n_expected, entry.n_counted) == (4, 4, 3)
    assert entry.not_scored == {"gone": "skipped: nothing left"}
    scores = scores_of({name: entry.document()}, "paper")
    assert scores.incomplete == ()
    assert "(3/4 counted)" in format_scores(scores)
    assert f"  3/4 counted, as the official script does ({name})" in footnotes(scores, Path("run"))


def test_where_all_are_skipped_there_is_no_number_and_no_gap() -> None:
    entry = entry_of("lse_d", [Outcome(name, "skipped", "no face track") for name in IDS])
    assert entry.status == "not_applicable"
    assert "24 x no face track: d00 … d23" in entry.reason


def test_a_skipped_and_a_missing_one_are_a_gap() -> None:
    entry = entry_of("lse_d", [Outcome("a", "skipped", "no face"), Outcome("b", "infra_failed", "no answer")])
    assert (entry.status, entry.n_scored, entry.n_expected) == ("not_scored", 0, 2)


def test_a_clip_that_no_window_was_drawn_from_is_not_counted() -> None:
    from omnibench.metrics.video.fvd import fvd_mini

    rng, parameters = np.random.default_rng(0), load_protocol("offline").metrics["fvd_mini"]
    seeds = len(parameters["seeds"])

    def clip(drawn: float) -> dict[str, Any]:
        shape = {"predicted": rng.normal(size=(seeds, 1, 4)), "real": rng.normal(size=(seeds, 1, 4))}
        taken = {"predicted_drawn": np.full((seeds, 1), drawn), "real_drawn": np.ones((seeds, 1))}
        return {**shape, **taken, "counted": drawn}

    outcomes = [Outcome(str(i), "ok", "", clip(float(i > 0))) for i in range(6)]
    entry = metric_entry(fvd_mini, parameters, outcomes, "left_out", lambda coverage: coverage)
    assert (entry.n_scored, entry.n_counted) == (6, 5)


def test_a_quiet_recording_is_skipped_under_the_filter() -> None:
    from omnibench.metrics.sound.utmosv2_inputs import draw, drop_quiet

    with pytest.raises(SkippedError) as caught:
        draw(drop_quiet(np.full(32_000, 0.01, np.float32)), np.random.RandomState(0))
    assert isinstance(caught.value, MetricError)


def test_the_mark_says_nothing_where_all_count() -> None:
    assert counted_mark(score_entry(value=1.0, n_scored=24, n_outside=0), "paper") == ""
    assert counted_mark(score_entry(value=1.0, n_scored=23, n_outside=1), "strict") == ""
    assert counted_mark(score_entry(value=1.0, n_scored=23, n_counted=20), "strict") == "(20/23 counted)"
