"""``omnibench leaderboard migrate``: a server's database after an update of omnibench."""

from __future__ import annotations

from pathlib import Path

import click

from leaderboard.commands.host_options import database_option, home_option


@click.command()
@home_option
@database_option
def migrate(home: Path, database: str | None) -> None:
    """Bring the database of a stopped server to the layout of this release. An SQLite file is copied first."""
    from leaderboard.server.hosting import require_server

    require_server()
    from leaderboard.server.database import migrate as run
    from leaderboard.server.database import open_database
    from leaderboard.server.home import Home

    where = Home(home)
    for line in where.prepare():
        click.echo(line, err=True)
    with where.alone():
        before, now, copy = run(where, open_database(where, database))
    if copy is not None:
        click.echo(f"{copy}: a copy from before")
    click.echo(f"revision {now}" if before == now else f"revision {before or 'none'} -> {now}")
