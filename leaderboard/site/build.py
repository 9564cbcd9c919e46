"""The static site on disk: opens from the file system, loads nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from leaderboard.site.boards import boards_of
from leaderboard.site.pages import assets, entry_page, index_page
from leaderboard.site.rows import Row
from omnibench.errors import InputError
from omnibench.files.atomic import write_text

MARKER: Final = ".omnibench-site"


def build_site(rows: Sequence[Row], out: Path) -> list[Path]:
    """Write all pages; ``index.html`` last, so that it never names a page that is not there yet.

    Pages of rows that are gone are removed. Reports under ``media/`` are left alone.

    Args:
        rows: in any order; their slugs have to be different.
        out: an empty folder, one that does not exist, or an earlier site.

    Returns:
        What was written.

    Raises:
        InputError: the folder holds something else, or two rows have one slug.
    """
    _check_slugs(rows)
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file; expected a folder for the site. Choose another with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise InputError(f"{out}: holds files that are no site of ours. Choose another folder with --out.")
    boards = boards_of(rows)
    pages = {f"entries/{row.slug}.html": entry_page(row, boards) for row in rows if row.badge != "reported"}
    files = {**assets(rows), **pages, "index.html": index_page(rows, boards)}
    write_text(out / MARKER, "Made by `omnibench leaderboard build`, which replaces it.\n")
    for name, text in files.items():
        write_text(out / name, text)
    for page in (out / "entries").glob("*.html"):
        if f"entries/{page.name}" not in pages:
            page.unlink()
    return [out / name for name in files]


def _check_slugs(rows: Sequence[Row]) -> None:
    seen: dict[str, Row] = {}
    for row in rows:
        if row.slug in seen:
            raise InputError(f'Two rows would have the page {row.slug}.html: "{seen[row.slug].name}" and "{row.name}".')
        seen[row.slug] = row
