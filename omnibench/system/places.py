"""Where a user's own files go: home, and what is kept there to be faster next time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "OMNIBENCH_CACHE"
HOMELESS: Final = Path("/nonexistent")
"""The home of users who have none, as Debian calls it: containers run as a number that no name belongs to."""


def home() -> Path:
    """The user's folder; `HOMELESS` where neither ``$HOME`` nor the list of users names one."""
    try:
        return Path.home()
    except RuntimeError:
        return HOMELESS


def expanded(path: str | Path) -> Path:
    """A path with ``~`` as a user means it; as it is where nobody of that name, or no home, is known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def cache_folder(name: str) -> Path:
    """A folder for what can be made again: ``$OMNIBENCH_CACHE/NAME``, or ``~/.cache/omnibench/NAME``."""
    base = os.environ.get(CACHE_VARIABLE)
    return (Path(base) if base else home() / ".cache" / "omnibench") / name


def compiled_folders() -> list[Path]:
    """Where numba keeps what it compiled of ours: the first that can be written."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    beside = Path(__file__).parents[1] / "media" / "mesh" / "__pycache__"
    return [*([Path(named)] if named else []), beside, home() / ".cache" / "numba", cache_folder("numba")]


def temporary_folder() -> Path | None:
    """The folder for temporary files; None where Python finds none that can be written."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return None
