"""The leaderboard in a real Chromium, opened from disk: what a visitor with a mouse, a keyboard, a phone does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from site_factory import MAIN, number, write_run, write_runs

from leaderboard.site.browser import wait_until
from leaderboard.site.build import build_site
from leaderboard.site.sources import local_rows, reported_rows

if TYPE_CHECKING:
    from conftest import Open
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
EVIL = "</script><img src=x onerror=window.hacked=1><b>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    runs = write_runs(folder / "runs")
    write_run(runs, "third", {"meteor": number("meteor", 0.9), "fd": number("fd", 0.1)}, card={"summary": EVIL})
    build_site([*local_rows(runs), *reported_rows()], folder / "site")
    return folder / "site" / "index.html"


def names(page: Page) -> list[str]:
    return page.eval_on_selector_all(".board tbody th[scope=row] a", "found => found.map(a => a.textContent)")


def test_sorting_by_mouse_and_by_keyboard(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline&grouped=no&controls=no")
    assert names(page) == ["third", "mirror", "echo"]
    page.locator("#sort-meteor").click()
    assert names(page) == ["echo", "mirror", "third"]
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("METEOR")
    assert page.evaluate("document.activeElement.id") == "sort-meteor"
    page.locator("#sort-rouge_l").focus()
    page.keyboard.press("Enter")
    assert names(page) == ["mirror", "echo", "third"], "a row without the metric stays at the end"
    page.keyboard.press("Enter")
    assert names(page) == ["echo", "mirror", "third"]
    page.select_option("#sort", "fd")
    assert names(page)[0] == "third", "lower is better for FD"
    assert page.locator("tr[data-row*=third] .rank").inner_text() == "1"


def test_ranks_show_their_uncertainty(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline&sort=meteor&grouped=no&controls=no")
    assert page.locator(".board tbody .rank").all_inner_texts() == ["1", "2–3", "2–3"]


def test_the_protocol_switch_never_mixes(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline")
    offline = set(names(page))
    page.locator("#protocol-offline").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#board").inner_text().startswith("No row has been scored under strict yet")
    page.locator("#protocol-paper").check(force=True)
    page.select_option("#data", index=1)
    assert names(page) == ["paper_only"]
    assert not offline & {"paper_only"}
    page.select_option("#data", index=0)
    assert page.locator(".board tr.reported").count() == 13
    assert page.locator(".board tr:not(.reported, .group)").count() == 1, "the header alone"
    assert page.locator("#about-protocol").inner_text().startswith("What the official scripts compute")


def test_filter_columns_and_groups(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline")
    page.locator("#filter").fill("mirr")
    assert names(page) == ["mirror"]
    assert page.locator("#count").inner_text() == "1 of 4 rows."
    page.locator("#filter").fill("")
    page.locator("#show-controls").uncheck()
    assert "silence" not in names(page)
    page.select_option("#columns", "face")
    assert page.locator(".board thead .sorter").all_inner_texts() == ["FD\u00a0↓"]
    address = page.url
    again = visit(site, address[address.index("#") :])
    assert "silence" not in names(again)
    assert again.locator("#columns").input_value() == "face"


def test_help_signature_and_bibtex_are_dialogs_that_give_the_focus_back(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline")
    page.get_by_role("button", name="About METEOR").press("Enter")
    assert "staying silent" in page.locator("dialog").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "About METEOR"
    page.get_by_role("button", name="Signature of mirror").click()
    assert (
        "meteor|proto:offline|transcript:oracle|data:mini-test@fad7673a || cov:4/4|v:0.1.0"
        in page.locator("dialog pre").inner_text()
    )
    page.get_by_role("button", name="Copy").click()
    wait_until(page, "document.querySelector('dialog [role=status]').textContent === 'Signatures copied.'")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    page.get_by_role("button", name="BibTeX of mirror").click()
    assert page.locator("dialog pre").inner_text().startswith("@misc{mirror,")


def test_scatter_of_any_two_metrics(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline&x=rouge_l&y=fd")
    assert page.locator("#scatter svg a").count() == 2
    page.select_option("#x-metric", "meteor")
    assert page.locator("#scatter svg a").count() == 3
    link = page.locator("#scatter svg a[aria-label*='mirror']")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/local-mirror-mini-test.html")


def test_from_a_cell_to_its_worst_dialogue(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline")
    page.get_by_role("link", name="mirror, FD: 0.90").click()
    wait_until(page, "document.querySelector('#metric-offline')?.value === 'fd'")
    assert page.locator(".dialogues tbody tr.first th").inner_text().startswith("d003"), "the largest FD"
    page.select_option("#metric-offline", "meteor")
    assert page.locator(".dialogues tbody tr.first th").inner_text().startswith("d000")


def test_text_of_strangers_does_nothing(site: Path, visit: Open) -> None:
    page = visit(site, "#protocol=offline")
    page = visit(site.parent / "entries" / "local-third-mini-test.html")
    assert EVIL in page.locator(".lead").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_for_axe(site: Path, visit: Open, accessible: Callable[[Page], None], scheme: str) -> None:
    page = visit(site, "#protocol=offline&columns=all", scheme=scheme)
    accessible(page)
    page.get_by_role("button", name="About METEOR").click()
    accessible(page)
    accessible(visit(site.parent / "entries" / "local-mirror-mini-test.html", scheme=scheme))


@pytest.mark.parametrize("file", ["index.html", "entries/local-mirror-mini-test.html"])
def test_a_phone_shows_all_of_it_in_its_width(
    site: Path, visit: Open, accessible: Callable[[Page], None], file: str
) -> None:
    page = visit(site.parent / file, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(page)


def test_the_theme_can_be_chosen(site: Path, visit: Open) -> None:
    page = visit(site)
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.locator("#theme").click()
    assert page.evaluate(colour) == light
    page.locator("#theme").click()
    assert page.evaluate(colour) != light
    page.reload()
    assert page.evaluate(colour) != light


def test_signatures_are_whole_to_read_and_to_copy(site: Path, visit: Open) -> None:
    page = visit(next((site.parent / "entries").glob("*mirror*")))
    shown = page.locator("#signatures-0").text_content() or ""
    assert shown.splitlines() == [number(name, 0.0)["signature"] for name in MAIN]


def test_what_is_claimed_stands_back_where_it_is_heard(tmp_path: Path, visit: Open) -> None:
    heard = {"heard_answered_2s": number("heard_answered_2s", 0.5)}
    both = {"answered_2s": number("answered_2s", 0.9), "talk_ratio": number("talk_ratio", 1.0)}
    write_run(tmp_path / "runs", "sounding", {**heard, **both})
    write_run(tmp_path / "runs", "silent", both)
    build_site(local_rows(tmp_path / "runs"), tmp_path / "site")

    def columns(page: Page) -> list[str]:
        return [name.split("\u00a0")[0] for name in page.locator(".board thead .sorter").all_inner_texts()]

    index = tmp_path / "site" / "index.html"
    assert columns(visit(index, "#protocol=offline&columns=turns")) == ["Talk ratio", "Answered ≤ 2 s, heard"]
    assert len(columns(visit(index, "#protocol=offline&columns=all"))) == 3
