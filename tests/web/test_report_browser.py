"""The report in a real Chromium: both videos on one clock, everything on the page following it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from data_factory import write_dataset

from leaderboard.site.browser import wait_until
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.report.build import build_report
from omnibench.scoring.measuring import score_predictions

if TYPE_CHECKING:
    from conftest import Open
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
EVIL = "</script><img src=x onerror=window.hacked=1>"
NEAR = 0.05
"""Seconds that the two videos may be apart."""

READY = "[...document.querySelectorAll('video[src]')].every(v => v.readyState >= 2 && !v.seeking)"
TIMES = "[...document.querySelectorAll('video')].map(v => v.currentTime)"
SECOND_WORD = "JSON.parse(document.querySelector('#report-data').textContent).dialogues[0].sides.speaker.words[1]"
PLAY_TO_THE_END = """() => omnibenchPlayer.play().then(() => new Promise(done => {
  const found = [];
  const look = () => {
    found.push([...document.querySelectorAll('video')].map(v => v.currentTime));
    if (omnibenchPlayer.playing()) requestAnimationFrame(look); else done(found);
  };
  look();
}))"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three dialogues of 4 s at 30000/1001 frames; one of the answers says markup and another says nothing."""
    folder = tmp_path_factory.mktemp("report")
    data = write_dataset(folder / "data", ids=("a", "b", "c"), fps=Fraction(30000, 1001), seconds=4)
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(data / "test" / part / "listener", folder / "run" / part)
    said = {"text": EVIL, "words": [{"text": EVIL, "start": 0.5, "end": 1.0}]}
    (folder / "run" / "text" / "b.json").write_text(json.dumps(said))
    (folder / "run" / "text" / "c.json").write_text(json.dumps({"text": "", "words": []}))
    dataset = open_dataset(str(data))
    score_predictions(folder / "run", dataset, "test", "strict", ["rouge_l", "fd", "talk_ratio"])
    build_report(Predictions(folder / "run"), dataset, "test", folder / "report.html")
    return folder / "report.html"


def ready(page: Page) -> Page:
    wait_until(page, READY)
    return page


def apart(times: list[list[float]]) -> float:
    return max(abs(a - b) for a, b in times)


def test_two_clicks_lead_from_a_score_to_its_worst_dialogue(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    page.locator("[data-metric=rouge_l]").click()
    assert page.locator("#list-order").inner_text() == "By ROUGE-L, worst first."
    page.locator("#dialogues button").first.click()
    assert page.locator("#dialogue-title").inner_text() in ("b", "c")
    assert "ROUGE-L 0.000" in page.locator("#dialogue-scores").inner_text()
    assert page.evaluate("document.activeElement.id") == "dialogue-title"
    assert page.url.endswith("/rouge_l")


def test_playing_keeps_both_videos_together_to_the_end(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    drifts: list[list[float]] = page.evaluate(PLAY_TO_THE_END)
    assert len(drifts) > 10
    assert drifts[-1][0] > 3.8, "it played to the end"
    assert apart(drifts) <= NEAR
    assert page.locator("#play").inner_text() == "Play"


def test_seeking_keeps_both_videos_together(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    for seconds in (3.0, 0.4, 2.2):
        page.evaluate(f"omnibenchPlayer.seek({seconds})")
        ready(page)
        speaker, answer = page.evaluate(TIMES)
        assert abs(speaker - seconds) <= NEAR
        assert abs(speaker - answer) <= NEAR
    assert apart(page.evaluate(PLAY_TO_THE_END)) <= NEAR


def test_a_seek_interrupts_playing_and_does_not_end_it(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    page.locator("#play").click()
    page.evaluate("omnibenchPlayer.seek(1.0)")
    wait_until(page, "omnibenchPlayer.playing() && omnibenchPlayer.time() > 1.2")
    page.locator("#play").click()
    assert page.evaluate("omnibenchPlayer.playing()") is False
    assert page.locator("#play").inner_text() == "Play"


def test_the_keyboard_does_it_all(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    page.locator("body").press("ArrowRight")
    ready(page)
    assert page.evaluate("omnibenchPlayer.time()") == pytest.approx(1.0, abs=0.01)
    page.keyboard.press(".")
    ready(page)
    assert page.evaluate("omnibenchPlayer.time()") == pytest.approx(1.0 + 1001 / 30000, abs=0.01)
    page.keyboard.press("Space")
    wait_until(page, "omnibenchPlayer.playing()")
    page.keyboard.press("Space")
    wait_until(page, "!omnibenchPlayer.playing()")
    page.keyboard.press("j")
    assert page.locator("#dialogue-title").inner_text() == "b"
    page.locator("#seek").focus()
    page.keyboard.press("End")
    ready(page)
    assert page.evaluate("omnibenchPlayer.time()") == pytest.approx(4.0, abs=0.05)


def test_the_transcript_follows_and_leads(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#a"))
    first = page.locator("#words-speaker li button").first
    first.click()
    ready(page)
    start = float(first.inner_text().removesuffix(" s"))
    assert page.evaluate("omnibenchPlayer.time()") == pytest.approx(start, abs=0.06)
    text, begin, end = page.evaluate(SECOND_WORD)
    page.evaluate(f"omnibenchPlayer.seek({(begin + end) / 2})")
    ready(page)
    assert page.locator("#words-speaker .now .current").all_inner_texts() == [text]
    box: Any = page.locator("#timeline").bounding_box()
    page.locator("#timeline").click(position={"x": box["width"] * 0.75, "y": 20})
    ready(page)
    assert page.evaluate("omnibenchPlayer.time()") > 1.5


def test_words_that_are_markup_stay_words(report: Path, visit: Open) -> None:
    page = ready(visit(report, "#b"))
    assert EVIL in page.locator("#words-answer").inner_text()
    page.locator("#captions").click()
    page.evaluate("omnibenchPlayer.seek(0.7)")
    ready(page)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_nothing_serious_for_axe_and_no_wider_than_the_window(
    report: Path, visit: Open, accessible: Callable[[Page], None], width: int, scheme: str
) -> None:
    page = ready(visit(report, "#a/rouge_l", width=width, scheme=scheme))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible(page)
