"""Other answers than the one that was given: replies to the same turn by people who did not hear it.

They are answers, so they never reach a model, and are not given out where listeners are withheld.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from omnibench.files.alternative_records import Alternatives, AnsweredTurn

ALTERNATIVES: Final = "alternatives"


def alternatives_path(split: Path, dialogue: str) -> Path:
    """Where the other answers of a dialogue lie."""
    return split / ALTERNATIVES / f"{dialogue}.json"


def read_alternatives(split: Path, dialogue: str) -> tuple[AnsweredTurn, ...]:
    """The answered turns of a dialogue that has others' answers; none where there is no such file.

    Raises:
        InputError: a damaged file; the message names file and field.
    """
    path = alternatives_path(split, dialogue)
    return tuple(Alternatives.read(path, "Build or copy the data set again.").answers) if path.is_file() else ()
