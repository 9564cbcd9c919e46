"""``omnibench submit``: pack predictions for the leaderboard, checked first; post them, or prepare a pull request."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--team", required=True, help="As it will be shown.")
@click.option("--contact", required=True, help="A mail address or a web page; it is published.")
@click.option("--name", default="", help="Of the entry, [a-z0-9-]; the model's otherwise.")
@click.option("--notes", default="", help="What readers should know, as plain text.")
@click.option("--paper", help="A web address.")
@click.option("--code", help="A web address.")
@click.option("--bibtex", type=click.Path(path_type=Path), help="A file.")
@click.option("--attest", type=click.Path(path_type=Path), help="The declaration about training data, a JSON file.")
@click.option("--card", type=click.Path(path_type=Path), help="The model card as JSON, where there is no run.json.")
@click.option("--data", help="What the answers are to, where there is no run.json.")
@click.option("--split", help="Likewise; test otherwise.")
@click.option("--out", type=click.Path(path_type=Path), help="The archive; <date>_<name>.zip here otherwise.")
@click.option("--to", "server", help="Post it to this server; the token is read from OMNIBENCH_TOKEN.")
@click.option(
    "--entry",
    "entry_root",
    type=click.Path(path_type=Path),
    help="Also write the entry's folder below this one, like leaderboard/submissions, for a pull request.",
)
@click.option("--url", help="Where the archive will lie, for --entry.")
def submit(predictions: Path, team: str, contact: str, name: str, notes: str, paper: str | None, code: str | None,
           bibtex: Path | None, attest: Path | None, card: Path | None, data: str | None, split: str | None,
           out: Path | None, server: str | None, entry_root: Path | None, url: str | None) -> None:  # fmt: skip
    """Pack PREDICTIONS and run.json into one archive, checked as the leaderboard checks it.

    Everything that is wrong is said at once (exit 4), and then nothing is written.
    """
    import tempfile

    from leaderboard.archive.posting import TOKEN_VARIABLE, post_archive
    from leaderboard.archive.submitting import Statement, make_archive
    from leaderboard.archive.validation import describe
    from leaderboard.entry.addresses import Url
    from leaderboard.entry.problems import check_options
    from leaderboard.judging.composing import self_reported, sent_scores
    from leaderboard.judging.entering import enter
    from omnibench.errors import InputError, UsageError

    check_options({"--url": (Url, url)})
    if entry_root is not None and url is None:
        raise UsageError("--entry needs --url: the address under which the archive can be fetched and re-scored.")
    try:
        citation = bibtex.read_text(encoding="utf-8") if bibtex else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{bibtex}: not readable as text ({error}).") from error
    fields = {"team": team, "contact": contact, "notes": notes, "paper": paper, "code": code, "bibtex": citation}
    with tempfile.TemporaryDirectory(prefix="omnibench-") as work:
        statement = Statement(fields, name, card, attest)
        archive, checked, left_out = make_archive(predictions, statement, out, Path(work), data, split)
        lines = [f"{archive}: valid", *(f"  {line}" for line in describe(checked))]
        # Everything is written before anything is said: whoever reads the first lines alone ends this command.
        if checked.metadata is not None and entry_root is not None:
            scores, samples = sent_scores(checked)
            folder, asked = enter(entry_root, self_reported(checked, checked.metadata, scores, url), samples)
            lines += [f"  a maintainer will ask: {line}" for line in asked]
            lines.append(f"{folder}: the entry; commit it and open a pull request")
        for file in left_out:
            click.echo(f"not part of a submission: {file}", err=True)
        click.echo("\n".join(lines))
    if server is not None:
        receipt = post_archive(archive, checked.sha256, server, os.environ.get(TOKEN_VARIABLE, ""))
        click.echo(f"accepted as {receipt.id}; how it is getting on: {receipt.status_url}")
