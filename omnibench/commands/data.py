"""``omnibench data``: list, verify, describe and build data sets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet
    from omnibench.datasets.checks import Problem

_SHOWN: Final = 3
"""Problems of one kind that are listed one by one."""

SEED_VARIABLE: Final = "OMNIBENCH_SEED"
_JSON_OPTION = click.option("--json", "json_file", help="Also write the result there; - is stdout, alone.")
_SPLIT_OPTION = click.option("--split", help="Only this split; all of them otherwise.")


@click.group()
def data() -> None:
    """List, verify, describe and build data sets."""


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
@click.argument("name", type=click.Choice(["mini"]))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write.")
@click.option("--split", "splits", multiple=True, type=click.Choice(["train", "val", "test"]),
              help="Only this one; may be repeated. test where there is a secret, all of them otherwise.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N dialogues of each split.")
@click.option("--seed", envvar=SEED_VARIABLE, metavar="SECRET",
              help=f"Draw people, times, faces and names from a secret; or {SEED_VARIABLE}. Other users of the machine "
              f"see what a command line says.")  # fmt: skip
@click.option("--seed-file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
              help="The secret from a file; - is stdin.")  # fmt: skip
@click.option("--inputs-only", is_flag=True, help="Write what teams get: speakers alone. Needs a secret.")
@click.option("--whole", type=click.Path(path_type=Path),
              help="With --inputs-only: take them out of this folder, built from the same secret.")  # fmt: skip
def build(
    name: str,
    out: Path,
    splits: tuple[str, ...],
    limit: int | None,
    seed: str | None,
    seed_file: Path | None,
    inputs_only: bool,
    whole: Path | None,
) -> None:
    """Make the embedded data set again from its scripts, voices and head mesh. Needs the extra "studio".

    A build that was stopped keeps the speech it has made, beside the folder, and goes on from there; one of inputs
    alone starts over.

    With a secret it makes another data set, the same one from the same secret: the whole for who holds the board, and
    with --inputs-only the speakers alone for who takes part.
    """
    from omnibench.datasets.layout import USUAL_SPLITS
    from omnibench.errors import UsageError
    from omnibench.system.environment import require

    secret = _secret(seed, seed_file)
    if inputs_only and secret is None:
        raise UsageError("--inputs-only: everybody can build the listeners too. Name a secret with --seed-file.")
    if whole is not None and (not inputs_only or splits or limit is not None):
        raise UsageError("--whole goes with --inputs-only, and gives out all that it holds: no --split, no --limit.")
    require("studio")
    from omnibench.studio.build import build_inputs, build_mini
    from omnibench.studio.secret import Secret

    key = None if secret is None else Secret.of(secret)
    _check_target(out, None if key is None else f"{name}-{key.tag}", inputs_only)
    chosen = splits or (USUAL_SPLITS if key is None else ("test",))
    if whole is not None:
        counts = _given_out(whole, out, f"{name}-{key.tag}" if key else "")
    elif inputs_only and key is not None:
        counts = build_inputs(out, key, chosen, limit=limit)
    else:
        counts = build_mini(out, chosen, secret=key, limit=limit)
    for split, count in counts.items():
        click.echo(f"{out / split}: {count} {'speakers' if inputs_only else 'dialogues'} of {name}")


def _given_out(whole: Path, out: Path, name: str) -> dict[str, int]:
    """What teams get of a folder that was built before. Raises InputError for one of another secret."""
    from omnibench.datasets.giving_out import give_out
    from omnibench.datasets.manifest import MANIFEST_NAME, read_manifest
    from omnibench.errors import InputError

    built = read_manifest(whole / MANIFEST_NAME)
    if built.name != name or built.withheld:
        kind = "speakers alone" if built.withheld else built.name
        raise InputError(f"{whole}: holds {kind}; expected the whole that this secret makes, {name}.")
    return give_out(whole, out)


def _secret(seed: str | None, seed_file: Path | None) -> str | None:
    """What the options name. Raises UsageError for both, InputError for a file that cannot be read."""
    from omnibench.errors import InputError, UsageError

    if seed_file is None:
        return seed
    if seed is not None:
        raise UsageError(f"--seed-file and --seed (or {SEED_VARIABLE}): name the secret once.")
    try:
        if str(seed_file) == "-":
            return sys.stdin.read()
        return seed_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
        raise InputError(f"{seed_file}: not readable ({reason}); expected a secret of one line.") from error


def _check_target(out: Path, name: str | None, inputs_only: bool) -> None:
    """Raises UsageError for a folder that holds anything that this build does not make; inputs go to a new one, where
    no listener can be left.
    """
    from omnibench.datasets.layout import USUAL_SPLITS
    from omnibench.datasets.manifest import MANIFEST_NAME, read_manifest
    from omnibench.errors import UsageError

    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    foreign = {path.name for path in out.iterdir()} - {*USUAL_SPLITS, MANIFEST_NAME} if out.is_dir() else set()
    if foreign or out.is_file() or inputs_only:
        found = "is a file" if out.is_file() else f"holds {min(foreign or {path.name for path in out.iterdir()})}"
        before = "." if inputs_only else ", or one that was built before."
        raise UsageError(f"{out}: {found}; choose a new folder with --out{before}")
    made = read_manifest(out / MANIFEST_NAME) if (out / MANIFEST_NAME).is_file() else None
    if made is not None and made.name != (name or "mini"):
        raise UsageError(f"{out}: holds {made.name}, built from another secret; choose a new folder with --out.")


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
