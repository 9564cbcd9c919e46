"""``omnibench leaderboard work``: a worker of a server, by itself."""

from __future__ import annotations

from pathlib import Path

import click

from leaderboard.commands.host_options import database_option, home_option, refuse_root, rescoring_options, root_option


@click.command()
@home_option
@database_option
@rescoring_options
@root_option
@click.option("--drain", is_flag=True, help="Stop as soon as nothing waits.")
@click.option("--supervised", is_flag=True, hidden=True)
def work(home: Path, database: str | None, entries: Path, by: str, data: str | None, protocols: tuple[str, ...],
         metrics: str | None, lease: float, allow_root: bool, drain: bool, supervised: bool) -> None:  # fmt: skip
    """Re-score what was submitted to the server of --home, until stopped.

    `omnibench leaderboard serve` starts workers by itself; this is for more of them, also on other machines that share
    the folder (then with PostgreSQL).
    """
    from leaderboard.cage.privileges import hide_from_others
    from leaderboard.entry.plain_text import Line
    from leaderboard.entry.problems import check_options
    from leaderboard.server.hosting import board_roots, open_home
    from leaderboard.server.logs import start_logging

    check_options({"--by": (Line, by)})
    refuse_root(allow_root, "work")
    start_logging()
    # What it opens must not find the database's password in this process.
    hide_from_others()
    where, opened = open_home(home, database)
    from leaderboard.server.settings import Rescoring
    from leaderboard.server.verdicts import Bench
    from leaderboard.server.working import work as run

    chosen = None if metrics is None else tuple(name.strip() for name in metrics.split(",") if name.strip())
    bench = Bench(where, opened, board_roots(where, entries), Rescoring(by, data, protocols, chosen), lease)
    run(bench, drain, supervised)
