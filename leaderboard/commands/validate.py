"""``omnibench leaderboard validate``: everything that is wrong with a submission, at once."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--data", help="A registered data set or a folder; what the submission names otherwise.")
@click.option("--split", help="What the submission names otherwise.")
def validate(submission: Path, data: str | None, split: str | None) -> None:
    """Check SUBMISSION, an archive or a folder of predictions, and list every problem. Exit 4 where there are any.

    Media are decoded in a separate process with limits; nothing is written outside a temporary folder.
    """
    import tempfile

    from leaderboard.archive.folders import validate_folder
    from leaderboard.archive.validation import describe, validate_archive
    from leaderboard.commands.host_options import notice_root

    notice_root()
    with tempfile.TemporaryDirectory(prefix="omnibench-") as work:
        if submission.is_dir():
            checked, left_out = validate_folder(submission, Path(work), data, split)
            for name in left_out:
                click.echo(f"not part of a submission: {name}", err=True)
        else:
            checked = validate_archive(submission, Path(work), data, split)
        click.echo(f"{submission}: valid")
        for line in describe(checked):
            click.echo(f"  {line}")
