"""``omnibench leaderboard cage``: what holds a stranger's files on this machine, tried."""

from __future__ import annotations

import click


@click.command()
@click.option("--table", is_flag=True, help="Each way to build it, as the table in leaderboard/POLICY.md has it.")
def cage(table: bool) -> None:
    """Say what confines the processes that open strangers' files on this machine, and try to get out of them.

    Each attempt is harmless where it succeeds. As root, --table tries it as another user too. Exit 6: something got out
    of the cage as it is built here.
    """
    from leaderboard.cage.trial import WAYS, trials
    from leaderboard.cage.trial import table as lines
    from omnibench.errors import MismatchError, MissingError

    found = trials() if table else trials([*WAYS][:1], both=False)
    faults = {place: trial.fault for place, trial in found.items() if trial.fault}
    for (user, way), fault in faults.items():
        click.echo(f"not tried, {way}, {user}: {fault}", err=True)
    if len(faults) == len(found):
        raise MissingError("The cage could not be tried here; the lines above say why.")
    if table:
        click.echo("\n".join(lines(found)))
        return
    (trial,) = found.values()
    for line in trial.enforced:
        click.echo(line)
    through = [f"{purpose}: {', '.join(names)}" for purpose, names in trial.through.items() if names]
    click.echo(f"{sum(map(len, trial.tried.values()))} attempts to get out")
    if through:
        raise MismatchError("Out of the cage got:\n" + "\n".join(f"  - {line}" for line in through))
