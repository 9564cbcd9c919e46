"""``studio``: val and test of 48 people who are in no other data set. See ``DATA.md`` for how it was made.

Text, vectors and audio; pictures are drawn when asked for. There is no train split: mini's is one, and
`omnibench data build chat` makes hours of another.
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
    return embedded("studio", DATA)
