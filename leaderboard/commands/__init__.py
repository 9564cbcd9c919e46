"""``omnibench leaderboard``: the group. A subcommand is imported when it is run or asked for help, not before."""

from __future__ import annotations

from typing import Final

import click

from omnibench.system.command_line import LazyGroup

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "validate": ("leaderboard.commands.validate:validate", "Say everything that is wrong with a submission."),
    "rescore": ("leaderboard.commands.rescore:rescore", "Recompute the scores of a submission; award its badge."),
    "build": ("leaderboard.site.command:build", "Build the static site."),
    "screenshots": ("leaderboard.site.screenshots:screenshots", "Take pictures of the leaderboard and of a report."),
    "amend": ("leaderboard.commands.amend:amend", "Clear a flag of an entry, or withdraw it."),
    "cage": ("leaderboard.commands.cage:cage", "Say what confines strangers' files here, and try it."),
    "check": ("leaderboard.commands.check:check", "Check the entries of a pull request."),
    "serve": ("leaderboard.commands.serve:serve", "Run the leaderboard as a service."),
    "token": ("leaderboard.commands.token:token", "Give, list and revoke the upload tokens of a service."),
    "work": ("leaderboard.commands.work:work", "Run a worker of a service by itself."),
    "migrate": ("leaderboard.commands.migrate:migrate", "Bring a service's database to this release."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def leaderboard() -> None:
    """Validate what teams submit, recompute its scores, and publish them."""
