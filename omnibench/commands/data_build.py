"""``omnibench data build``: make a data set of the studio. Needs the extra ``studio``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

SEED_VARIABLE: Final = "OMNIBENCH_SEED"


@click.group()
def build() -> None:
    """Make a data set from its scripts, voices and head mesh. Needs the extra "studio".

    A build that was stopped keeps the speech it has made, beside the folder, and goes on from there; one of inputs
    alone starts over.
    """


def _of_scripts(name: str, splits: tuple[str, ...], shipped: str) -> Callable[..., None]:
    """The command that builds a data set whose scripts, and itself, come with the installation."""

    @build.command(name, short_help=f"{shipped[0].upper()}{shipped[1:]}, or another one from a secret.")
    @click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write.")
    @click.option("--split", "chosen", multiple=True, type=click.Choice(splits),
                  help="Only this one; may be repeated. test where there is a secret, all otherwise.")  # fmt: skip
    @click.option("--limit", type=click.IntRange(min=1), help="Only the first N dialogues of each split.")
    @click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
    @click.option("--seed", envvar=SEED_VARIABLE, metavar="SECRET",
                  help=f"Draw people, times, faces and names from a secret; or {SEED_VARIABLE}. Other users of the "
                  f"machine see what a command line says.")  # fmt: skip
    @click.option("--seed-file", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
                  help="The secret from a file; - is stdin.")  # fmt: skip
    @click.option("--inputs-only", is_flag=True, help="Write what teams get: speakers alone. Needs a secret.")
    @click.option("--whole", type=click.Path(path_type=Path),
                  help="With --inputs-only: take them out of this folder, built from the same secret.")  # fmt: skip
    def command(
        out: Path,
        chosen: tuple[str, ...],
        limit: int | None,
        workers: int,
        seed: str | None,
        seed_file: Path | None,
        inputs_only: bool,
        whole: Path | None,
    ) -> None:
        from omnibench.errors import UsageError
        from omnibench.system.environment import require

        secret = _secret(seed, seed_file)
        if inputs_only and secret is None:
            raise UsageError("--inputs-only: everybody can build the listeners too. Name a secret with --seed-file.")
        if whole is not None and (not inputs_only or chosen or limit is not None):
            raise UsageError(
                "--whole goes with --inputs-only, and gives out all that it holds: no --split, no --limit."
            )
        require("studio")
        from omnibench.studio.build import build as build_whole
        from omnibench.studio.build import build_inputs
        from omnibench.studio.recipe import RECIPES
        from omnibench.studio.secret import Secret

        recipe, key = RECIPES[name], None if secret is None else Secret.of(secret)
        _check_target(out, name if key is None else f"{name}-{key.tag}", inputs_only)
        wanted = chosen or (recipe.splits if key is None else (recipe.hidden,))
        if whole is not None:
            counts = _given_out(whole, out, f"{name}-{key.tag}" if key else "")
        elif inputs_only and key is not None:
            counts = build_inputs(recipe, out, key, wanted, limit=limit)
        else:
            counts = build_whole(recipe, out, wanted, workers, secret=key, limit=limit)
        for split, count in counts.items():
            click.echo(f"{out / split}: {count} {'speakers' if inputs_only else 'dialogues'} of {name}")

    command.help = (
        f"Make {shipped} again. With a secret it makes another data set, the same one from the same secret: the whole "
        f"for who holds the board, and with --inputs-only the speakers alone for who takes part."
    )
    return command


_of_scripts("mini", ("train", "val", "test"), "the small embedded data set")
_of_scripts("studio", ("val", "test"), "the large embedded data set")


@build.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write.")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), required=True,
              help="Of dialogue; what the folder holds already counts.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which dialogues.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
@click.option("--targets-only", is_flag=True,
              help="No sound and no faces: phones, durations, pitch and energy, for teaching a voice.")  # fmt: skip
def chat(out: Path, hours: float, seed: int, workers: int, targets_only: bool) -> None:
    """Hours to learn from: people's written chat, filtered, and acted.

    A build that was stopped goes on where it was; the folder is a valid data set at any time. Dialogue k of a seed is
    the same however many hours are asked for.
    """
    import json

    from omnibench.system.environment import require

    require("studio")
    from omnibench.studio.chat.building import FILTERS_NAME, build_chat

    built = build_chat(out, hours, seed, workers, targets_only)
    for table, rules in json.loads((out / FILTERS_NAME).read_text(encoding="utf-8")).items():
        if isinstance(rules, dict):
            click.echo(f"{table}: " + ", ".join(f"{rule} {count:,}" for rule, count in rules.items()))
    click.echo(f"{out}: {built.dialogues} dialogues, {built.seconds / 3600:.2f} hours of chat")
    if built.added:
        click.echo(
            f"made now: {built.added / 3600:.2f} hours of dialogue in {built.wall:,.0f} s by {workers} workers "
            f"({built.processor:,.0f} CPU seconds): {built.added / built.wall:.2f} times real time, "
            f"{built.processor / built.added:.2f} CPU seconds a second"
        )


@build.command("events", short_help="Situations with known answers.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N situations of each kind.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
def events(out: Path, limit: int | None, workers: int) -> None:
    """Make the situations with known answers again."""
    from omnibench.system.environment import require

    require("studio")
    from omnibench.studio.events.build import EACH, NAME, build_events

    _check_target(out, NAME, inputs_only=False)
    for split, count in build_events(out, workers, each=min(limit or EACH, EACH)).items():
        click.echo(f"{out / split}: {count} situations of {NAME}")


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


def _check_target(out: Path, name: str, inputs_only: bool) -> None:
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
    if made is not None and made.name != name:
        raise UsageError(f"{out}: holds {made.name}, another data set than {name}; choose a new folder with --out.")
