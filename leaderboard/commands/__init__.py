"""``omnibench leaderboard``: the group. A subcommand is imported when it is run or asked for help, not before."""

from __future__ import annotations

import importlib
from typing import Final

import click

# Subcommand: (module, attribute, the line that the group's help shows).
COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "validate": ("leaderboard.commands.validate", "validate", "Say everything that is wrong with a submission."),
    "rescore": ("leaderboard.commands.rescore", "rescore", "Recompute the scores of a submission; award its badge."),
    "build": ("leaderboard.site.command", "build", "Build the static site."),
    "screenshots": ("leaderboard.site.screenshots", "screenshots", "Take pictures of the leaderboard and of a report."),
    "amend": ("leaderboard.commands.amend", "amend", "Clear a flag of an entry, or withdraw it."),
    "check": ("leaderboard.commands.check", "check", "Check the entries of a pull request."),
    "serve": ("leaderboard.commands.serve", "serve", "Run the leaderboard as a service."),
    "token": ("leaderboard.commands.token", "token", "Give, list and revoke the upload tokens of a service."),
    "work": ("leaderboard.commands.work", "work", "Run a worker of a service by itself."),
    "migrate": ("leaderboard.commands.migrate", "migrate", "Bring a service's database to this release."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=_LazyGroup)
def leaderboard() -> None:
    """Validate what teams submit, recompute its scores, and publish them."""
