"""``omnibench leaderboard token``: who may upload."""

from __future__ import annotations

from pathlib import Path

import click

from leaderboard.commands.host_options import database_option, home_option


@click.group()
def token() -> None:
    """Give, list and revoke the upload tokens of a server's teams."""


@token.command()
@click.argument("team")
@home_option
@database_option
def add(team: str, home: Path, database: str | None) -> None:
    """Print a new token for TEAM, whose submissions have to be --team TEAM. It is shown once and stored nowhere."""
    from leaderboard.server.hosting import open_home

    _, opened = open_home(home, database)
    from leaderboard.server.settings import Intake
    from leaderboard.server.tokens import add_token

    with opened.writing() as session:
        made = add_token(session, team, Intake().burst)
    click.echo(made)


@token.command(name="list")
@home_option
@database_option
def show(home: Path, database: str | None) -> None:
    """List the tokens by their ids, which are no secret: a token is omb_<id>_<secret>."""
    import time

    from leaderboard.server.hosting import open_home

    _, opened = open_home(home, database)
    from leaderboard.server.tokens import list_tokens

    def day(seconds: float) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(seconds))

    with opened.reading() as session:
        for item in list_tokens(session):
            ended = f"  revoked {day(item.revoked_at)}" if item.revoked_at is not None else ""
            click.echo(f"{item.id}  {day(item.created_at)}  {item.team}{ended}")


@token.command()
@click.argument("token_id", metavar="ID")
@home_option
@database_option
def revoke(token_id: str, home: Path, database: str | None) -> None:
    """End the token ID at once. What was sent with it stays."""
    from leaderboard.server.hosting import open_home

    _, opened = open_home(home, database)
    from leaderboard.server.tokens import revoke_token

    with opened.writing() as session:
        revoke_token(session, token_id)
    click.echo(f"{token_id}: revoked")
