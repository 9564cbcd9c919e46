"""Options that the commands of a server's hosts share."""

from __future__ import annotations

import os
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
ROOT_VARIABLE: Final = "OMNIBENCH_ALLOW_ROOT"
root_option: Final[Decorator] = click.option(
    "--allow-root",
    is_flag=True,
    envvar=ROOT_VARIABLE,
    help=f"Run as root all the same, or {ROOT_VARIABLE}=1: for containers that know no other user.",
)
_DANGER: Final = "a decoder that a stranger's file takes over would be root, if it got out of its cage"
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


def refuse_root(allowed: bool, command: str) -> None:
    """Stop a command that opens strangers' files for as long as it runs, where root started it.

    Args:
        allowed: whether the one who started it said so.
        command: how it is called, for the line that says how to start it.

    Raises:
        UsageError: it is root, and nobody allowed it.
    """
    from omnibench.errors import UsageError

    if _is_root() and not allowed:
        raise UsageError(
            f"{command} does not run as root: {_DANGER}. Make a user for it and start it as that user:\n"
            f"  sudo useradd --system --create-home omnibench\n"
            f"  sudo -u omnibench omnibench leaderboard {command} …\n"
            "or say --allow-root where there is no other, as in a container."
        )


def notice_root() -> None:
    """Say on standard error what opening strangers' files as root means, where root does."""
    if _is_root():
        click.echo(f"omnibench: you are root; {_DANGER}. Better use a user without privileges.", err=True)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def rescoring_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how workers score."""
    for option in reversed(_RESCORING):
        command = option(command)
    return command
