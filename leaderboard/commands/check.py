"""``omnibench leaderboard check``: the entries of a checkout, as the project's CI looks at them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("root", type=click.Path(path_type=Path), default=Path("leaderboard"))
@click.option("--since", help="A git revision, like origin/main: what changed since is a stranger's pull request.")
@click.option("--maintainer", is_flag=True, help="With --since: the change is a maintainer's, and may touch anything.")
def check(root: Path, since: str | None, maintainer: bool) -> None:
    """Check every entry below ROOT (leaderboard/), and what a pull request changes.

    Exit 4 with a list of what is wrong; 5 where all is in order, and a person has to give their word.
    """
    from leaderboard.entry.problems import SubmissionError, WaitingError
    from leaderboard.judging.checking import judge_leaderboard
    from omnibench.errors import InputError, UsageError

    if maintainer and since is None:
        raise UsageError("--maintainer says whose change it is, and needs --since, which says from where it is one.")
    if not root.is_dir():
        raise InputError(
            f"{root}: no such folder; expected a leaderboard's, with submissions/ in it. Name one, or go into a "
            "checkout of the project: omnibench leaderboard check FOLDER"
        )
    found = judge_leaderboard(root, since, maintainer)
    if found.problems:
        raise SubmissionError(str(root), found.problems)
    if found.waiting:
        raise WaitingError(str(root), found.waiting)
    click.echo(f"{root}: {found.count} entries in order")
