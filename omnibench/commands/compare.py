"""``omnibench compare``: is the difference between two runs more than chance?"""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--metrics", help="Only these, comma-separated; the correction is then for these alone.")
@click.option("--seed", default=0, show_default=True, help="Of the swaps, where there are too many to try all.")
@click.option("--json", "json_file", help="Also write the comparison there; - is stdout.")
def compare(run_a: Path, run_b: Path, metrics: str | None, seed: int, json_file: str | None) -> None:
    """Compare two scored runs on the dialogues that both have: is a difference more than chance?

    Test: approximate randomisation. All dialogues of one person (the human listener; where the data set names nobody,
    single dialogues) are swapped between the runs, and the metric is taken anew, each way or, beyond some thousand
    ways, a sample of them. p is the share of the ways that differ as much as what was seen.

    Interval: the differences that the same test does not reject, at 95 % or what so few people allow.

    Verdict: by p after Holm's correction for all metrics compared, at .05.

    Sources: Noreen 1989; Hartigan 1969; Holm 1979; Canay, Romano & Shaikh 2017.
    """
    from omnibench.api.comparing import compare as compare_folders
    from omnibench.files.atomic import write_text

    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics is not None else None
    found = compare_folders(run_a, run_b, metrics=names, seed=seed)
    click.echo(str(found), err=json_file == "-")
    text = json.dumps(found.to_document(), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
    elif json_file is not None:
        write_text(Path(json_file), text)
