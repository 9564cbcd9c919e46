"""``omnibench leaderboard check``: the entries of a checkout, as the project's CI looks at them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("root", type=click.Path(path_type=Path), default=Path("leaderboard"))
@click.option("--since", help="A git revision, like origin/main: what changed since is treated as a pull request.")
def check(root: Path, since: str | None) -> None:
    """Check the schema and the badges of every entry below ROOT (leaderboard/). Exit 4 with a list."""
    from leaderboard.entry.problems import SubmissionError
    from leaderboard.judging.checking import check_leaderboard
    from omnibench.errors import InputError

    if not root.is_dir():
        raise InputError(
            f"{root}: no such folder; expected a leaderboard's, with submissions/ in it. Name one, or go into a "
            "checkout of the project: omnibench leaderboard check FOLDER"
        )
    count, problems = check_leaderboard(root, since)
    if problems:
        raise SubmissionError(str(root), problems)
    click.echo(f"{root}: {count} entries in order")
