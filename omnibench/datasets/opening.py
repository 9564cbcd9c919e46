"""Finds data sets: by registered name, or by folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from omnibench.datasets.base import DataSet
from omnibench.errors import InputError, closest, unknown_name
from omnibench.registry import Registry
from omnibench.system.places import expanded

DataSetEntry = Callable[[], DataSet]
"""What an entry point of the group ``omnibench.datasets`` names, a class or a function: called, it gives the data set,
or raises MissingError naming the command that gets what is missing. Importing it must be cheap.
"""

DATASETS: Registry[DataSetEntry] = Registry("omnibench.datasets", kind="data set", listing="omnibench data list")


def load_dataset(name_or_dir: str | Path) -> DataSet:
    """A data set by registered name, or any folder in ResponseNet layout.

    A registered name wins over a folder of the same name; ``./name`` means the folder.

    Raises:
        UsageError: no folder, and nearly a registered name.
        InputError: neither a folder nor nearly a name, or a folder in another layout.
        MissingError: a registered data set whose files have to be fetched or built first.

    Example:
        >>> mini = load_dataset("mini")
        >>> mini.splits(), len(mini.ids("test"))
        (('train', 'val', 'test'), 24)
        >>> first = next(mini.dialogues("test"))
        >>> first.speaker.words[0].text, float(first.fps), first.listener.face().shape
        ('We', 25.0, (240, 64))
    """
    return open_dataset(str(name_or_dir))


def open_dataset(name_or_dir: str) -> DataSet:
    """`load_dataset` of what a command line says. Raises as it does."""
    if name_or_dir in DATASETS.names():
        return opened(name_or_dir)
    path = expanded(name_or_dir)
    if path.is_dir():
        from omnibench.datasets.responsenet import ResponseNetFolder

        return ResponseNetFolder(path)
    if path.exists():
        raise InputError(
            f"{path}: a file; expected a folder in ResponseNet layout (train|val|test/text|audio|vector|video)."
        )
    if os.sep not in name_or_dir and closest(name_or_dir, DATASETS.names()):
        raise unknown_name("data set or folder", name_or_dir, DATASETS.names(), "omnibench data list")
    raise InputError(
        f"{path}: no such folder; expected one in ResponseNet layout, or a name of `omnibench data list` "
        f"({', '.join(DATASETS.names())})."
    )


def opened(name: str) -> DataSet:
    """A registered data set. Raises InputError for an entry point that gives none; others as `load_dataset`."""
    found: object = DATASETS.get(name)()
    if not isinstance(found, DataSet):
        raise InputError(
            f'The entry point "{name}" of {DATASETS.module(name)} gives a {type(found).__name__}; expected a class '
            f"derived from omnibench.DataSet, or a function that returns one."
        )
    found.location = name
    return found
