"""Ids with what means something else in an address: their clips play in a real Chromium, beside the page and inside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from data_factory import write_dataset

from leaderboard.site.browser import wait_until
from omnibench.datasets.opening import open_dataset
from omnibench.predictions.folder import Predictions
from omnibench.report.build import Media, build_report

if TYPE_CHECKING:
    from conftest import Open

pytestmark = pytest.mark.browser
IDS = ("a#1", "50%25", "what?", "a & b", 'it\'s "so"', "x+y;z", "-dash", "one,two", "日本", "<b>", "a\\b", "n" * 240)
READY = (
    "document.querySelectorAll('video[src]').length == 2 && "
    "[...document.querySelectorAll('video')].every(v => v.readyState >= 2)"
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), ids=IDS, seconds=0.6)


@pytest.mark.parametrize("media", ["beside", "embed"])
def test_every_clip_plays(media: Media, data: Path, tmp_path: Path, visit: Open) -> None:
    for part in ("text", "audio", "vector", "video"):
        shutil.copytree(data / "test" / part / "listener", tmp_path / "run" / part)
    out = tmp_path / "100% of #1?.html"
    build_report(Predictions(tmp_path / "run"), open_dataset(str(data)), "test", out, media=media)
    page = visit(out, f"#{quote(IDS[1], safe='')}")
    for name in IDS:
        page.locator(f"#dialogues button[data-id={CSS_ESCAPED[name]}]").click()
        wait_until(page, READY)
        assert page.locator("#dialogue-title").inner_text() == name
        again = visit(out, page.evaluate("location.hash"))
        assert again.locator("#dialogue-title").inner_text() == name
        again.close()


def test_an_address_typed_by_hand_opens_a_dialogue(data: Path, tmp_path: Path, visit: Open) -> None:
    shutil.copytree(data / "test" / "text" / "listener", tmp_path / "run" / "text")
    out = tmp_path / "r.html"
    build_report(Predictions(tmp_path / "run"), open_dataset(str(data)), "test", out, media="none")
    assert visit(out, "#50%").locator("#dialogue-title").inner_text() in IDS
    assert visit(out, "#what?").locator("#dialogue-title").inner_text() == "what?"


CSS_ESCAPED = {name: '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in IDS}
"""As strings of a selector."""
