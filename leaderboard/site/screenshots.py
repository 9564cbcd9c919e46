"""``omnibench leaderboard screenshots``: pictures of the pages at desktop and phone width, for the README."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DESKTOP: Final = (1440, 1000)
PHONE: Final = (390, 844)
PATIENCE: Final = 240_000
"""Milliseconds for a page on a busy machine."""

READY: Final = "[...document.querySelectorAll('video[src]')].every(video => video.readyState >= 2 && !video.seeking)"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture ``name.png``: a window of ``size`` pixels, in ``scheme``, scrolled to the first ``part`` if any."""

    name: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    part: str = ""


LEADERBOARD: Final = (
    Shot("leaderboard-desktop", DESKTOP, "light"),
    Shot("leaderboard-desktop-dark", DESKTOP, "dark"),
    Shot("leaderboard-phone", PHONE, "light", ".board tbody tr[data-row]"),
)
REPORT: Final = (
    Shot("report-desktop", DESKTOP, "light", "#viewer"),
    Shot("report-phone", PHONE, "dark", "#viewer"),
)


@click.command()
@click.argument("predictions", required=False, type=click.Path(path_type=Path))
@click.option("--data", default="mini", show_default=True, help="What PREDICTIONS answer.")
@click.option("--split", default="test", show_default=True)
@click.option("--site", type=click.Path(path_type=Path), help="A built site; the project's own entries otherwise.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the PNG files.")
def screenshots(predictions: Path | None, data: str, split: str, site: Path | None, out: Path) -> None:
    """Take the screenshots: the leaderboard in light and dark, on a desktop and a phone; with PREDICTIONS also the
    viewer of their report.
    """
    import tempfile

    from leaderboard.site.browser import chromium
    from omnibench.errors import InputError

    if site is not None and not (site / "index.html").is_file():
        raise InputError(f"{site}/index.html: no such file. `omnibench leaderboard build --out {site}` makes one.")
    with tempfile.TemporaryDirectory(prefix="omnibench-") as folder:
        pages: list[tuple[Path, tuple[Shot, ...]]] = [
            ((site or _site(Path(folder) / "site")) / "index.html", LEADERBOARD)
        ]
        if predictions is not None:
            pages.append((_report(predictions, data, split, Path(folder) / "report.html"), REPORT))
        out.mkdir(parents=True, exist_ok=True)
        with chromium() as browser:
            for page, shots in pages:
                for shot in shots:
                    click.echo(str(_take(browser, page, shot, out)))


def _site(out: Path) -> Path:
    from leaderboard.site.build import build_site
    from leaderboard.site.sources import entry_rows, reported_rows

    build_site([*entry_rows(Path(__file__).parents[1]), *reported_rows()], out)
    return out


def _report(predictions: Path, data: str, split: str, out: Path) -> Path:
    from omnibench.datasets.opening import open_dataset
    from omnibench.predictions.folder import Predictions
    from omnibench.report.build import build_report

    dataset = open_dataset(data)
    try:
        build_report(Predictions(predictions), dataset, split, out)
    finally:
        dataset.close()
    return out


def _take(browser: Browser, file: Path, shot: Shot, out: Path) -> Path:
    from leaderboard.site.browser import wait_until

    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=shot.scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    if page.locator("#viewer").count():
        wait_until(page, READY)
        page.evaluate("omnibenchPlayer.seek(document.querySelector('#seek').max / 3)")
        wait_until(page, READY)
    if shot.part:
        page.locator(shot.part).first.evaluate("element => element.scrollIntoView({behavior: 'instant'})")
    target = out / f"{shot.name}.png"
    _write_small(page.screenshot(), target)
    context.close()
    return target


def _write_small(png: bytes, target: Path) -> None:
    """In 256 colours, which a page needs few more of: a third of the bytes."""
    from omnibench.errors import MissingError

    try:
        from PIL import Image
    except ImportError as error:
        raise MissingError('Screenshots need Pillow. Get it with: pip install "omnibench[web]"') from error
    with Image.open(BytesIO(png)) as image:
        few = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(target, optimize=True)
