"""Stores the answered turns of mini's train split beside ``jukebox``.

python -m baselines.controls.choose_shelf
"""

from __future__ import annotations

import sys

import click

from baselines.controls.jukebox import STORED
from baselines.controls.shelf import shelf_of, store_shelf
from omnibench.datasets.opening import open_dataset
from omnibench.system.command_line import run_command


@click.command()
def choose() -> None:
    """Store every answered turn of mini's train split, with the voice and the face of the answer."""
    dataset = open_dataset("mini")
    shelf = shelf_of(dataset, "train")
    source = f"{dataset.name} {dataset.version} train"
    store_shelf(shelf, STORED, source=source, command="python -m baselines.controls.choose_shelf")
    click.echo(f"{len(shelf.heard)} answered turns of {source}.")


if __name__ == "__main__":
    sys.exit(run_command(choose, "python -m baselines.controls.choose_shelf"))
