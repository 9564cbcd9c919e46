"""``omnibench leaderboard rescore``: the maintainer's command that awards badges."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--by", required=True, help="Who awards the badge, as it will be shown.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("leaderboard"),
    show_default=True,
    help="Holds submissions/, controls/ and awards.json.",
)
@click.option("--data", help="A registered data set or a folder; what the submission names otherwise.")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    type=click.Choice(["paper", "strict", "offline"]),
    help="May be repeated; those that the team sent scores of otherwise, or the data set's default.",
)
@click.option("--metrics", help="Only these, comma-separated.")
@click.option("--url", help="Where the archive lies; what the entry says otherwise.")
@click.option(
    "--reproduction",
    type=click.Path(path_type=Path),
    help="An archive of answers that you made with the team's model: awards the badge reproduced.",
)
@click.option("--control", is_flag=True, help="SUBMISSION is a run of one of the project's own controls.")
def rescore(submission: Path, by: str, root: Path, data: str | None, protocols: tuple[str, ...], metrics: str | None,
            url: str | None, reproduction: Path | None, control: bool) -> None:  # fmt: skip
    """Recompute the scores of SUBMISSION, an archive, look for what is wrong with it, and write its entry.

    Scoring happens in a separate process with limits. Exit 4: the archive is refused. Exit 6: not reproduced.
    """
    import tempfile

    from leaderboard.commands.host_options import notice_root
    from leaderboard.entry.addresses import Url
    from leaderboard.entry.plain_text import Line
    from leaderboard.entry.problems import check_options
    from leaderboard.judging.awarding import Request, award

    check_options({"--by": (Line, by), "--url": (Url, url)})
    chosen = tuple(name.strip() for name in metrics.split(",") if name.strip()) if metrics is not None else None
    request = Request(submission, by, root, data, protocols, url, reproduction, control, chosen)
    notice_root()
    with tempfile.TemporaryDirectory(prefix="omnibench-") as work:
        folder, entry = award(request, Path(work))
    click.echo(f"{folder}: {entry.badge}")
    for flag in entry.flags:
        click.echo(f"  flag {flag.kind}: {flag.message}")
    for kind, said in sorted(entry.verification.checks.items() if entry.verification else ()):
        if said != "checked":
            click.echo(f"  not checked, {kind}: {said}")
