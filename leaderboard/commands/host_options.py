"""Options that the commands of a server's hosts share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

DATABASE_VARIABLE: Final = "OMNIBENCH_DATABASE"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

home_option: Final[Decorator] = click.option(
    "--home",
    required=True,
    type=click.Path(path_type=Path),
    help="The server's folder: database, uploads, entries. Made if needed.",
)
database_option: Final[Decorator] = click.option(
    "--database",
    envvar=DATABASE_VARIABLE,
    metavar="URL",
    help=f"Like postgresql://user@host/name, or {DATABASE_VARIABLE}; an SQLite file in --home otherwise.",
)
_RESCORING: Final[tuple[Decorator, ...]] = (
    click.option(
        "--entries",
        type=click.Path(path_type=Path),
        default=Path(__file__).parents[1],
        help="More entries and controls, to show and to compare with; by default the project's own.",
    ),
    click.option("--by", default="the leaderboard's server", show_default=True, help="Who re-scores, as entries say."),
    click.option("--data", help="A registered data set or a folder; what each submission names otherwise."),
    click.option(
        "--protocol",
        "protocols",
        multiple=True,
        type=click.Choice(["paper", "strict", "offline"]),
        help="May be repeated; those that the team sent scores of otherwise, or the data set's default.",
    ),
    click.option("--metrics", help="Only these, comma-separated."),
    click.option(
        "--lease",
        type=click.FloatRange(1, 3600),
        default=60.0,
        show_default=True,
        help="Seconds after which the job of a worker that says nothing is another's.",
    ),
)


def rescoring_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how workers score."""
    for option in reversed(_RESCORING):
        command = option(command)
    return command
