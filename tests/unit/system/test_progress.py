"""What a long job says of itself: on a terminal, and where nobody watches."""

from __future__ import annotations

import io
import re
import shutil
import time
from pathlib import Path

import pytest

from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.report.build import build_report, shown_dialogues
from omnibench.responder import find_model
from omnibench.runner.model_process import ModelSpec
from omnibench.runner.play import PlaySpec, Stage
from omnibench.system import progress
from omnibench.system.progress import Progress, Ticker, progress_line, ticked


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_short_job_says_nothing_off_a_terminal() -> None:
    stream = io.StringIO()
    with Ticker("score", 3, "dialogue", stream) as ticker:
        ticker.advance(3)
    assert stream.getvalue() == ""


def test_what_is_made_one_by_one_draws_no_bar_into_a_log(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(ticked(iter("abc"), "build events", 3, "situation")) == ["a", "b", "c"]
    assert capfd.readouterr() == ("", "")


def test_a_long_job_says_where_it_is_though_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.05)
    stream = io.StringIO()
    with Ticker("score", 4, "dialogue", stream) as ticker:
        ticker.advance()
        until = time.monotonic() + 20
        while stream.getvalue().count("\n") < 2 and time.monotonic() < until:
            time.sleep(0.01)
    lines = stream.getvalue().splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("score: 1/4 dialogues, ") for line in lines)


def test_a_job_that_goes_on_counts_from_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.05)
    stream, terminal = io.StringIO(), Terminal()
    with Ticker("train", 8, "update", stream, done=4) as ticker, Ticker("train", 8, "update", terminal, True, 4) as bar:
        ticker.reach(6, {"loss": 0.5})
        bar.reach(6, {"loss": 0.5})
        until = time.monotonic() + 20
        while not stream.getvalue().count("\n") and time.monotonic() < until:
            time.sleep(0.01)
    assert "6/8" in terminal.getvalue()
    assert re.fullmatch(r"train: 6/8 updates, 0 s gone, about 0 s left  loss 0.500", stream.getvalue().splitlines()[-1])


@pytest.mark.parametrize(
    ("count", "seconds", "expected"),
    [
        (0, 61, "job: 0/8 steps, 1 min 1 s gone"),
        (2, 60, "job: 2/8 steps, 1 min 0 s gone, about 3 min 0 s left"),
        (4, 3720, "job: 4/8 steps, 1 h 2 min gone, about 1 h 2 min left"),
        (8, 59.7, "job: 8/8 steps, 1 min 0 s gone"),
    ],
)
def test_the_rest_takes_as_long_as_the_pace_so_far_says(count: int, seconds: float, expected: str) -> None:
    assert progress_line("job", count, 8, "step", seconds) == expected


def test_a_bar_shows_the_time_left_and_goes_away() -> None:
    stream = Terminal()
    with Ticker("score", 4, "dialogue", stream) as ticker:
        ticker.advance()
        time.sleep(0.2)
        ticker.advance()
    text = stream.getvalue()
    assert re.search(r"score: +50%.*2/4 \[00:00<00:00", text)
    assert text.rstrip(" ").endswith("\r")


@pytest.mark.parametrize(("drawn", "work"), [(True, "60 frames to play and to draw"), (False, "60 frames to play")])
def test_a_run_says_what_it_counts(drawn: bool, work: str) -> None:
    stream = io.StringIO()
    with Progress("m on data-test", 3, 1, 60, stream, drawn=drawn) as counted:
        counted.frames(60)
        counted.dialogues(2)
    first, last = stream.getvalue().splitlines()
    assert first == f"m on data-test: 3 dialogues, 1 done before, {work}"
    assert last.startswith("m on data-test: 3/3 dialogues in ")


def test_more_than_there_is_counts_as_all() -> None:
    stream = Terminal()
    with Ticker("score", 4, "dialogue", stream, leave=True) as ticker:
        ticker.advance(3)
        ticker.advance(3)
    assert "4/4" in stream.getvalue()


def test_a_report_counts_the_dialogues_that_it_shows(synthetic: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic / "test" / "vector" / "listener", tmp_path / "run" / "vector")
    answers, dataset = Predictions(tmp_path / "run"), open_dataset(str(synthetic))
    chosen = shown_dialogues(answers, dataset.ids("test"), ["a", "c"])
    counted: list[int] = []
    out = tmp_path / "report.html"
    build_report(answers, dataset, "test", out, chosen, "none", progress=lambda: counted.append(1))
    assert len(counted) == len(chosen) == 2


@pytest.mark.parametrize(("renderer", "each"), [("mesh-1", 2), ("", 1)])
def test_drawing_a_frame_counts_as_much_as_playing_it(
    synthetic: Path, tmp_path: Path, renderer: str, each: int
) -> None:
    assert "face" in find_model("frozen").card.outputs
    frames = open_dataset(str(synthetic)).dialogue("test", "a").frames
    counted: list[int] = []
    stage = Stage(
        PlaySpec(ModelSpec("frozen"), open_dataset(str(synthetic)), "test", renderer=renderer, allow_transfer=True),
        apart=False,
    )
    assert stage.play(["a"], tmp_path, counted.append)[0].entry.status == "ok"
    stage.close()
    assert sum(counted) == each * frames
