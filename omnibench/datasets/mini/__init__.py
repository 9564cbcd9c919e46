"""``mini``: the data set that comes with the installation, in ResponseNet layout. See ``DATA.md`` for how it was made.

The test split is whole; train and val are text, vectors and audio, and their pictures are drawn when asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.datasets.embedded import embedded

if TYPE_CHECKING:
    from omnibench.datasets.base import DataSet

DATA: Final = Path(__file__).parent / "data"


def entry() -> DataSet:
    """The data set. Raises MissingError where the installation came without its data files."""
    return embedded("mini", DATA)
