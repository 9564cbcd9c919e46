"""``omnibench leaderboard build``: the static site."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The site's folder; an earlier site in it is replaced.",
)
@click.option(
    "--entries",
    type=click.Path(path_type=Path),
    help="Holds submissions/, controls/ and awards.json; by default the project's own.",
)
@click.option(
    "--runs",
    "run_folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Also show the scored runs below it, marked as local. May be given several times.",
)
@click.option("--reported/--no-reported", default=True, show_default=True, help="The paper's reported rows.")
@click.option("--media", is_flag=True, help="Also make a report with players for each local run, and link to it.")
@click.option("--data", default="mini", show_default=True, help="With --media: where the speakers are.")
def build(
    out: Path, entries: Path | None, run_folders: tuple[Path, ...], reported: bool, media: bool, data: str
) -> None:
    """Build the leaderboard's pages: a folder that opens from the file system and loads nothing from elsewhere."""
    from leaderboard.entry.entries import foreign_to
    from leaderboard.entry.problems import grouped
    from leaderboard.site.build import build_site
    from leaderboard.site.media import build_reports, with_media
    from leaderboard.site.rows import numbered
    from leaderboard.site.sources import local_rows, reported_rows, sound_entry_rows

    root = entries if entries is not None else Path(__file__).parents[1]
    for path in (path for kind in ("submissions", "controls") for path in foreign_to(root / kind)):
        click.echo(f"passed over, no part of an entry: {path}", err=True)
    rows, problems = sound_entry_rows(root)
    for line in grouped(problems):
        click.echo(f"left out, not in order: {line}", err=True)
    runs = {row.folder.resolve(): row for folder in run_folders for row in local_rows(folder) if row.folder}
    rows += runs.values()
    if reported:
        rows += reported_rows()
    rows = numbered(rows)
    if media:
        rows = with_media(rows, data)
    written = build_site(rows, out)
    for name in build_reports(rows, data, out) if media else ():
        click.echo(f"{out / name}", err=True)
    size = sum(path.stat().st_size for path in written)
    counted = {badge: sum(row.badge == badge for row in rows) for badge in dict.fromkeys(row.badge for row in rows)}
    click.echo(", ".join(f"{count} {badge}" for badge, count in counted.items()), err=True)
    click.echo(f"{out / 'index.html'} ({len(written)} files, {size / 1000:.0f} kB)")
