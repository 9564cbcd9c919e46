"""``omnibench leaderboard serve``: the leaderboard as a service."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import click

from leaderboard.commands.host_options import (
    DATABASE_VARIABLE,
    ROOT_VARIABLE,
    database_option,
    home_option,
    refuse_root,
    rescoring_options,
    root_option,
)
from leaderboard.entry.limits import MIB


@click.command()
@home_option
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 is any free one.")
@click.option("--certificate", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="For https: PEM.")
@click.option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Its key, PEM.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(0, 64), help="Processes that re-score.")
@rescoring_options
@root_option
@click.option("--reported/--no-reported", default=True, show_default=True, help="The paper's reported rows.")
@click.option(
    "--archive-limit",
    default=4096,
    show_default=True,
    type=click.IntRange(1, 4096),
    help="MiB of an archive.",
)
@click.option(
    "--uploads-per-hour", default=12.0, show_default=True, type=click.FloatRange(0.01), help="Of one team, on average."
)
@click.option("--burst", default=6, show_default=True, type=click.IntRange(1), help="Uploads of one team in a row.")
@click.option(
    "--waiting", default=3, show_default=True, type=click.IntRange(1), help="Unfinished submissions of one team."
)
@click.option(
    "--connections", default=512, show_default=True, type=click.IntRange(8, 65536), help="Open at once; more get 503."
)
@click.option(
    "--per-address",
    default=128,
    show_default=True,
    type=click.IntRange(1),
    help="Of these, one client's (IPv6: a /64's).",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="NETWORK",
    help="A proxy in front, like 10.0.0.7 or 10.0.0.0/8: its X-Forwarded-For is believed. May be repeated.",
)
def serve(home: Path, database: str | None, host: str, port: int, certificate: Path | None, key: Path | None,
          workers: int, entries: Path, by: str, data: str | None, protocols: tuple[str, ...], metrics: str | None,
          lease: float, allow_root: bool, reported: bool, archive_limit: int, uploads_per_hour: float, burst: int,
          waiting: int, connections: int, per_address: int, proxies: tuple[str, ...]) -> None:  # fmt: skip
    """Accept submissions, re-score them in the background, show the pages. Stops in order on Ctrl-C, SIGTERM or SIGHUP.

    Teams send with `omnibench submit … --to URL` and a token of `omnibench leaderboard token add`. Without
    --certificate, put it behind a proxy that speaks https.
    """
    from leaderboard.server.hosting import REQUEST_SECONDS, board_roots, open_home
    from omnibench.errors import UsageError

    if (certificate is None) != (key is None):
        raise UsageError("--certificate and --key come together.")
    for network in proxies:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise UsageError(f"--proxy: {error}; expected an address, or a network like 10.0.0.0/8.") from error
    from leaderboard.cage.privileges import hide_from_others
    from leaderboard.entry.plain_text import Line
    from leaderboard.entry.problems import check_options
    from leaderboard.server.logs import start_logging

    check_options({"--by": (Line, by)})
    refuse_root(allow_root, "serve")
    start_logging()
    where, opened = open_home(home, database, REQUEST_SECONDS)
    from leaderboard.server.serving import Address
    from leaderboard.server.serving import serve as run
    from leaderboard.server.settings import Admission, Intake

    if database is not None:
        # Workers read it from here: a command line, which everybody on the machine can see, is no place for passwords.
        os.environ[DATABASE_VARIABLE] = database
    # What it opens must not find the database's password in this process.
    hide_from_others()
    # Its workers are of the same user.
    os.environ[ROOT_VARIABLE] = str(int(allow_root))
    words = ["leaderboard", "work", "--supervised", "--home", str(home), "--entries", str(entries), "--by", by]
    words += ["--lease", str(lease), *(word for name in protocols for word in ("--protocol", name))]
    words += ["--data", data] if data else []
    words += ["--metrics", metrics] if metrics is not None else []
    intake = Intake(archive_limit * MIB, uploads_per_hour, float(burst), waiting)
    address = Address(host, port, certificate, key, Admission(connections, per_address, proxies))
    crew = [words] * workers
    run(where, opened, board_roots(where, entries), reported, intake, address, crew, lambda url: click.echo(url))
