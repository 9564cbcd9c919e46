"""``events``: situations with known answers, speakers alone. ``docs/events.md`` says what is asked and how it was made.

Text, vectors and audio; pictures are drawn when asked for.
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
    return embedded("events", DATA)
