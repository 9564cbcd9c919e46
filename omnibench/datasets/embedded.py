"""A data set that comes with the installation, in ResponseNet layout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omnibench.datasets.manifest import MANIFEST_NAME
from omnibench.errors import MissingError

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet


def embedded(name: str, folder: Path) -> DataSet:
    """The data set of a folder of this package, beside which its ``about.json`` lies.

    Raises:
        MissingError: the installation came without its data files.
    """
    from omnibench.datasets.responsenet import ResponseNetFolder

    if not (folder / MANIFEST_NAME).is_file():
        raise MissingError(
            f"{folder}: the data set {name} is not in this installation. Install from a complete source, or rebuild it "
            f"with `omnibench data build {name} --out DIR` and use `--data DIR`."
        )
    return ResponseNetFolder(folder, about=folder.parent)
