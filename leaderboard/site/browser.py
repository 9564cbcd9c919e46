"""A headless Chromium for screenshots and for the pages' tests: the system's own, steered by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from omnibench.errors import MissingError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that closes with the block. ``OMNIBENCH_CHROMIUM`` names its program where it is not on the path.

    Raises:
        MissingError: Playwright or Chromium is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise MissingError('Screenshots need Playwright. Get it with: pip install "omnibench[web]"') from error
    program = os.environ.get("OMNIBENCH_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise MissingError("No Chromium on the path. Get it with: apt-get install chromium")
    # Inside a container the superuser has no user name space for the sandbox; the pages are our own files.
    arguments = ["--disable-gpu", "--mute-audio", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as steering:
        browser = steering.chromium.launch(executable_path=program, args=arguments, timeout=240_000)
        try:
            yield browser
        finally:
            browser.close()


def wait_until(page: Page, condition: str) -> None:
    """Return once a JavaScript expression is true. Playwright's own waiting evaluates strings inside the page, which
    the pages' policy forbids.
    """
    page.evaluate(
        f"new Promise(done => {{ const look = () => ({condition}) ? done() : setTimeout(look, 25); look(); }})"
    )
