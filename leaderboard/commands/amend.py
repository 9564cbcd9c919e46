"""``omnibench leaderboard amend``: a maintainer clears a flag of an entry, or withdraws it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("entry")
@click.option("--by", required=True, help="Who decides, as it will be shown.")
@click.option("--reason", required=True, help="Shown with the entry.")
@click.option("--clear", metavar="KIND", help="The kind of flag that was found to be in order.")
@click.option("--withdraw", is_flag=True, help="Take the entry out of the ranking; its folder stays.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("leaderboard"),
    show_default=True,
    help="Holds submissions/ and awards.json.",
)
def amend(entry: str, by: str, reason: str, clear: str | None, withdraw: bool, root: Path) -> None:  # fmt: skip
    """Clear a flag of ENTRY, or withdraw it, and renew its award."""
    from leaderboard.entry.plain_text import Line, NonEmptyProse
    from leaderboard.entry.problems import check_options
    from leaderboard.judging.amending import amend as change
    from omnibench.errors import UsageError

    if (clear is None) != withdraw:
        raise UsageError("Say either --clear KIND or --withdraw.")
    check_options({"--by": (Line, by), "--reason": (NonEmptyProse, reason)})
    amended = change(root, entry, by, reason, clear)
    click.echo(f"{amended.id}: {'withdrawn' if withdraw else f'{clear} cleared'}")
