"""One headless Chromium for all tests with the marker ``browser``, and pages that fail a test on any error in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 120_000
AUDIT = "axe.run(document, {resultTypes: ['violations'], preload: {assets: ['media']}}).then(r => r.violations)"

Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from leaderboard.site.browser import chromium

    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """``visit(file, "#part", width=390, scheme="dark")`` opens a page from disk. At the end: no error on any console,
    which is where a violated policy would be told, and no request for anything but files.
    """
    contexts, complaints = [], list[str]()

    def told(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def asked(request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            complaints.append(request.url)

    def open_page(file: Path, part: str = "", width: int = 1280, height: int = 900, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", asked)
        page.goto(file.resolve().as_uri() + part)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails on what axe-core calls serious or critical. Its script goes in through the debugger, which a page's policy
    does not govern. It must not fetch style sheets anew, which the policy forbids: no default rule reads them.
    """
    from importlib.resources import files

    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.evaluate(script)
        found = page.evaluate(AUDIT)
        serious = [
            f"{v['id']}: {v['help']}: {[n['html'][:120] for n in v['nodes'][:3]]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []

    return check
