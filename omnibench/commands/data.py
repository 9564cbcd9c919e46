"""``omnibench data``: list, verify, describe and build data sets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnibench.commands.data_build import build

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet
    from omnibench.datasets.checks import Problem

_SHOWN: Final = 3
"""Problems of one kind that are listed one by one."""

_JSON_OPTION = click.option("--json", "json_file", help="Also write the result there; - is stdout, alone.")
_SPLIT_OPTION = click.option("--split", help="Only this split; all of them otherwise.")


@click.group()
def data() -> None:
    """List, verify, describe and build data sets."""


data.add_command(build)


@data.command("list")
@click.argument("name_or_dir", required=False)
def list_(name_or_dir: str | None) -> None:
    """List the registered data sets; or, with NAME_OR_DIR, the dialogues of one."""
    from omnibench.datasets.opening import DATASETS, open_dataset, opened
    from omnibench.errors import InputError, MissingError

    if name_or_dir is not None:
        found = open_dataset(name_or_dir)
        faults = [line for split in found.splits() for line in _listed(found, split)]
        if faults:
            lines = "\n".join(f"  {line}" for line in faults[:_SHOWN])
            more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            raise InputError(
                f"{name_or_dir}: {len(faults)} of these cannot be played:\n{lines}{more}\n"
                f"`omnibench data verify {name_or_dir}` lists all that is wrong."
            )
        return
    for name in DATASETS.names():
        try:
            found = opened(name)
        except MissingError as error:
            click.echo(f"{name}  missing: {error}")
            continue
        counts = ", ".join(f"{split} {len(found.ids(split))}" for split in found.splits())
        click.echo(f"{name}  {found.version}  {counts}  (protocol {found.default_protocol})")


@data.command()
@click.argument("name_or_dir")
@_SPLIT_OPTION
@_JSON_OPTION
def verify(name_or_dir: str, split: str | None, json_file: str | None) -> None:
    """Check every file of NAME_OR_DIR and list every problem at once. Exits 4 if there is an error, 0 on warnings."""
    from omnibench.datasets.opening import open_dataset
    from omnibench.datasets.verify import verify as check
    from omnibench.errors import InputError

    dataset = open_dataset(name_or_dir)
    splits = _chosen(dataset, split)
    with _progress(dataset, splits, "verify") as on_dialogue:
        problems = check(dataset, splits, on_dialogue)
    errors, where = sum(problem.severity == "error" for problem in problems), dataset.root or dataset.name
    dialogues = sum(len(dataset.ids(name)) for name in splits)
    _write_json(json_file, _problems_json(dataset, splits, dialogues, problems))
    if json_file != "-":
        for line in _first_of_each_kind(problems):
            click.echo(line)
        alone = " of speakers alone" if all(map(dataset.withholds, splits)) else ""
        click.echo(f"{where}: {dialogues} dialogues{alone}, {errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise InputError(f"{where}: {errors} errors; expected none. Mend the files named above and verify again.")


@data.command()
@click.argument("name_or_dir")
@_SPLIT_OPTION
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the plots; runs/stats/<name> otherwise.")
@_JSON_OPTION
def stats(name_or_dir: str, split: str | None, out: Path | None, json_file: str | None) -> None:
    """Print the counts, durations and words of the paper's Figure 4 and Table 5 for NAME_OR_DIR; write the plots."""
    from omnibench.datasets.opening import open_dataset
    from omnibench.datasets.stats import as_json, as_text, gather
    from omnibench.datasets.stats_plots import write_plots

    dataset = open_dataset(name_or_dir)
    splits = _chosen(dataset, split)
    with _progress(dataset, splits, "stats") as on_dialogue:
        gathered = gather(dataset, splits, on_dialogue)
    _write_json(json_file, as_json(dataset.name, dataset.version, gathered))
    if json_file != "-":
        click.echo(as_text(dataset.name, dataset.version, gathered))
    for path in write_plots(out or Path("runs", "stats", dataset.name), dataset.name, gathered):
        click.echo(f"wrote {path}", err=json_file == "-")


@data.command()
@click.argument("name_or_dir")
@click.option("--out", type=click.Path(path_type=Path), help="Write it there; stdout otherwise.")
def card(name_or_dir: str, out: Path | None) -> None:
    """Write a Croissant card of NAME_OR_DIR: JSON-LD that search engines for data and loaders read.

    What files cannot say (description, licence, creators, how it was made) comes from an about.json in the folder.
    """
    from omnibench.datasets.about import ABOUT_NAME
    from omnibench.datasets.croissant import croissant_card
    from omnibench.datasets.opening import open_dataset
    from omnibench.files.atomic import write_text

    dataset = open_dataset(name_or_dir)
    with _progress(dataset, dataset.splits(), "card") as on_dialogue:
        content = croissant_card(dataset, on_dialogue)
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)
        click.echo(f"wrote {out}")
    left_out = [key for key in ("description", "license", "creator", "datePublished") if key not in content]
    if left_out:
        where = dataset.root / ABOUT_NAME if dataset.root else ABOUT_NAME
        click.echo(f"left out, for nobody says it: {', '.join(left_out)}; {where} can.", err=True)


def _listed(dataset: DataSet, split: str) -> list[str]:
    """Print the dialogues of a split; which of them have something else in the place of a file."""
    from omnibench.datasets.responsenet import ResponseNetFolder

    for dialogue in dataset.ids(split):
        click.echo(f"{split}\t{dialogue}")
    if not isinstance(dataset, ResponseNetFolder):
        return []
    unread = [f"{folder}: {what}" for folder, what in dataset.files(split).unread.items()]
    return unread + [f"{dialogue}: {what}" for dialogue, what in dataset.faults(split).items()]


def _first_of_each_kind(problems: Sequence[Problem]) -> list[str]:
    """A line a problem; of more than `_SHOWN` that differ in names and numbers alone, the first ones and a count."""
    from omnibench.scoring.reasons import kind_of

    kinds: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        path, field = Path(problem.file), f"  {problem.field}" if problem.field else ""
        kind = kind_of(f"{problem.severity} {path.parent}{field}"), kind_of(problem.message, path.stem)
        kinds.setdefault(kind, []).append(f"{problem.severity:7}  {problem.file}{field}: {problem.message}")
    lines = []
    for own in kinds.values():
        few = len(own) <= _SHOWN + 1
        lines += own if few else [*own[:_SHOWN], f"{'':7}  and {len(own) - _SHOWN} like these; --json FILE lists all"]
    return lines


def _chosen(dataset: DataSet, split: str | None) -> tuple[str, ...]:
    if split is None:
        return dataset.splits()
    dataset.ids(split)
    return (split,)


@contextmanager
def _progress(dataset: DataSet, splits: tuple[str, ...], title: str) -> Iterator[Callable[[str], None]]:
    from tqdm import tqdm

    total = sum(len(dataset.ids(split)) for split in splits)
    with tqdm(total=total, desc=title, unit="dialogue", disable=not sys.stderr.isatty()) as bar:

        def on_dialogue(dialogue: str) -> None:
            bar.set_postfix_str(dialogue)
            bar.update()

        yield on_dialogue


def _problems_json(
    dataset: DataSet, splits: tuple[str, ...], dialogues: int, problems: list[Problem]
) -> dict[str, Any]:
    from dataclasses import asdict

    errors = sum(problem.severity == "error" for problem in problems)
    return {
        "schema_version": 1,
        "data": dataset.name,
        "version": dataset.version,
        "splits": list(splits),
        "dialogues": dialogues,
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [asdict(problem) for problem in problems],
    }


def _write_json(json_file: str | None, content: dict[str, Any]) -> None:
    from omnibench.files.atomic import write_text

    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if json_file == "-":
        click.echo(text, nl=False)
    elif json_file is not None:
        write_text(Path(json_file), text)
