"""``omnibench leaderboard screenshots``: pictures of the built pages at desktop and phone width, for the README."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import click

DESKTOP: Final = (1440, 1000)
PHONE: Final = (390, 844)
PATIENCE: Final = 240_000
"""Milliseconds for a page on a busy machine."""

READY: Final = "[...document.querySelectorAll('video[src]')].every(video => video.readyState >= 2 && !video.seeking)"


@click.command()
@click.option("--site", required=True, type=click.Path(path_type=Path), help="What `omnibench leaderboard build` made.")
@click.option("--report", type=click.Path(path_type=Path), help="A page of `omnibench report`, to be shown too.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the PNG files.")
def screenshots(site: Path, report: Path | None, out: Path) -> None:
    """Take the screenshots: the leaderboard in light and dark, on a desktop and a phone; a report's viewer."""
    from omnibench.errors import InputError

    index = site / "index.html"
    if not index.is_file():
        raise InputError(f"{index}: no such file. `omnibench leaderboard build --out {site}` makes one.")
    wanted: list[tuple[str, Path, tuple[int, int], Literal["light", "dark"]]] = [
        ("leaderboard-desktop.png", index, DESKTOP, "light"),
        ("leaderboard-desktop-dark.png", index, DESKTOP, "dark"),
        ("leaderboard-phone.png", index, PHONE, "light"),
    ]
    if report is not None:
        if not report.is_file():
            raise InputError(f"{report}: no such file. `omnibench report PREDICTIONS --out {report}` makes one.")
        wanted += [("report-desktop.png", report, DESKTOP, "light"), ("report-phone.png", report, PHONE, "dark")]
    _take(wanted, out)


def _take(wanted: list[tuple[str, Path, tuple[int, int], Literal["light", "dark"]]], out: Path) -> None:
    from leaderboard.site.browser import chromium, wait_until

    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for name, page_file, (width, height), scheme in wanted:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.goto(page_file.resolve().as_uri())
            if page.locator("#viewer").count():
                wait_until(page, READY)
                page.evaluate("omnibenchPlayer.seek(document.querySelector('#seek').max / 3)")
                wait_until(page, READY)
                page.locator("#viewer").evaluate("element => element.scrollIntoView({behavior: 'instant'})")
            page.screenshot(path=out / name)
            context.close()
            click.echo(f"{out / name}")
