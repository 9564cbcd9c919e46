"""``omnibench assets``: list, fetch and verify networks and lexicons."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from omnibench.assets.finding import Asset


@click.group()
def assets() -> None:
    """List, fetch and verify the networks that metrics need.

    Files lie in $OMNIBENCH_ASSETS, or ~/.cache/omnibench/assets; fetched once, they are used without a network.
    """


@assets.command("list")
@click.option("--json", "json_file", help="Write the list there as JSON instead; - is stdout.")
def list_(json_file: str | None) -> None:
    """List every asset: size, licence, what it is for, and where it is or the command that gets it."""
    from omnibench.assets.finding import ASSETS, assets_folder, how_to_get, locate

    rows = [(asset, locate(asset)) for asset in ASSETS.values()]
    if json_file is not None:
        text = json.dumps([_row(asset, path) for asset, path in rows], indent=2) + "\n"
        click.echo(text, nl=False) if json_file == "-" else Path(json_file).write_text(text, encoding="utf-8")
        return
    click.echo(f"Folder: {assets_folder()}")
    for asset, path in rows:
        click.echo(f"{asset.name}  {_size(asset)}, {asset.licence}: {asset.purpose}")
        click.echo(f"  sha256 {asset.sha256 or f'not known ({asset.unknown}); held from the first fetch on'}")
        click.echo(f"  {path}" if path else f"  missing: {how_to_get(asset)}")


@assets.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--from", "source", type=click.Path(path_type=Path),
              help="A file that was fetched by other means, for one NAME; a folder of files for a group.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True,
              help="Seconds without a byte before a connection counts as dead.")  # fmt: skip
def fetch(names: tuple[str, ...], source: Path | None, timeout: float) -> None:
    """Get assets by NAME, each checked against its sha256. A group's name (the part before /) gets all of its files.

    Exits 3 where a file cannot be had, 4 where what came is not the pinned file; nothing half-written stays.
    """
    from omnibench.assets.fetching import Line, adopt
    from omnibench.assets.fetching import fetch as get
    from omnibench.assets.finding import group
    from omnibench.errors import UsageError

    wanted = list(dict.fromkeys(asset for name in names for asset in group(name)))
    if source is not None and len(wanted) > 1 and not source.is_dir():
        raise UsageError(f"--from takes one file for one NAME; {', '.join(names)} are {len(wanted)} files: name one.")
    for asset in wanted:
        if source is not None:
            path = adopt(asset, source / Path(asset.file).name if source.is_dir() else source)
        else:
            with _progress(asset) as on_bytes:
                path = get(asset, on_bytes, Line(timeout=timeout))
        click.echo(f"{asset.name}  {path}")


@assets.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
def verify(names: tuple[str, ...]) -> None:
    """Read every asset that is on this machine, or those of NAME, and compare its sha256.

    Exits 4 where a file is not the pinned one, 3 where one of NAME is missing.
    """
    from omnibench.assets.finding import ASSETS, check, group, how_to_get, locate
    from omnibench.errors import InputError, MissingError

    chosen = list(dict.fromkeys(asset for name in names for asset in group(name))) or list(ASSETS.values())
    wrong: list[str] = []
    missing: list[str] = []
    for asset in chosen:
        path = locate(asset)
        if path is None:
            missing.append(asset.name)
            click.echo(f"{asset.name}  missing: {how_to_get(asset)}")
            continue
        try:
            click.echo(f"{asset.name}  ok  sha256 {check(asset, path, again=True)}")
        except InputError as error:
            wrong.append(asset.name)
            click.echo(f"{asset.name}  wrong: {error}")
    if wrong:
        raise InputError(
            f"{len(wrong)} of {len(chosen)} files are not the pinned ones: {', '.join(wrong)} (see above)."
        )
    if names and missing:
        raise MissingError(f"Not on this machine: {', '.join(missing)} (see above for the commands that get them).")


def _size(asset: Asset) -> str:
    """``54.6 MB``, ``482 B``, or ``about 818.5 MB`` where it is not known to the byte."""
    count = asset.size or asset.about
    text = f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count} B"
    return text if asset.size else f"about {text}"


def _row(asset: Asset, path: Path | None) -> dict[str, Any]:
    from omnibench.assets.finding import Url, how_to_get

    return {
        "name": asset.name,
        "file": asset.file,
        "size": asset.size,
        "sha256": asset.sha256,
        **({} if asset.size else {"about": asset.about}),
        **({} if asset.sha256 else {"unknown": asset.unknown}),
        "licence": asset.licence,
        "purpose": asset.purpose,
        "sources": [s.url if isinstance(s, Url) else f"{s.install}: {s.module}/{s.path}" for s in asset.sources],
        "state": "present" if path else "missing",
        "where": str(path) if path else how_to_get(asset),
    }


@contextmanager
def _progress(asset: Asset) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from tqdm import tqdm

    with tqdm(
        total=asset.size or asset.about or None, unit="B", unit_scale=True, desc=asset.name, file=sys.stderr
    ) as bar:
        yield bar.update
