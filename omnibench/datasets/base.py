"""What a data set is to the rest of the suite, and how one is found: by registered name or by folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from omnibench.errors import InputError, closest, unknown_name
from omnibench.registry import Registry
from omnibench.types import Audio, Dialogue, Face, Image


class DataSet(Protocol):
    """Dialogues by split and id. Lists are always in the manifest's order; media are read when a track is asked."""

    name: str
    version: str
    root: Path | None
    default_protocol: str

    def splits(self) -> tuple[str, ...]:
        """The splits there are: train, val, test first, then others."""

    def ids(self, split: str) -> tuple[str, ...]:
        """The dialogues of a split. Raises UsageError for a split that is not there."""

    def dialogue(self, split: str, dialogue_id: str) -> Dialogue:
        """One dialogue with lazy tracks. Raises UsageError for an unknown id, InputError for a missing file."""

    def manifest_hash(self, split: str) -> str:
        """Hex sha256 of what the split is: equal for equal data, wherever the folder lies."""

    def voice_reference(self, split: str, dialogue_id: str) -> tuple[Audio, bool] | None:
        """Speech of the listener at the dialogue's rate, and whether it is of this very clip; None: no speech."""

    def portrait(self, split: str, dialogue_id: str) -> Image | None:
        """The listener's first picture ``(H, W, 3)`` uint8, or None where the data has none."""

    def initial_face(self, split: str, dialogue_id: str) -> Face | None:
        """The listener's first face ``(64,)`` without NaN, or None where the data has none."""

    def close(self) -> None:
        """Let go of open files."""


class DataSetEntry(Protocol):
    """What an entry point of the group ``omnibench.datasets`` names. Importing it must be cheap."""

    name: str

    def open(self) -> DataSet:
        """The data set, ready to be read. Raises MissingError naming the command that gets what is missing."""


DATASETS: Registry[DataSetEntry] = Registry("omnibench.datasets", kind="data set", listing="omnibench data list")


def open_dataset(name_or_dir: str) -> DataSet:
    """A data set by registered name, or any folder in ResponseNet layout.

    A registered name wins over a folder of the same name; ``./name`` means the folder.

    Raises:
        UsageError: no folder, and nearly a registered name.
        InputError: neither a folder nor nearly a name, or a folder in another layout.
        MissingError: a registered data set whose files have to be fetched or built first.
    """
    if name_or_dir in DATASETS.names():
        return DATASETS.get(name_or_dir).open()
    path = Path(name_or_dir).expanduser()
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


def location_of(name_or_dir: str) -> str:
    """What finds the same data set again from any working directory: a registered name, or a folder's full path."""
    return name_or_dir if name_or_dir in DATASETS.names() else str(Path(name_or_dir).expanduser().resolve())
