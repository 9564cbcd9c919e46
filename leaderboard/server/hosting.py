"""Opens a server's folder for a command: home, database, bench; and says what is missing."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from omnibench.errors import InputError, MissingError

if TYPE_CHECKING:
    from leaderboard.server.database import Database
    from leaderboard.server.home import Home

_LOG: Final = logging.getLogger(__name__)
REQUEST_SECONDS: Final = 2.0
"""How long whoever answers a request waits for the database, before it says that it is away."""
_NEEDED: Final = ("alembic", "fastapi", "prometheus_client", "sqlalchemy", "uvicorn")


def require_server() -> None:
    """Raises MissingError with the line that installs what is not there."""
    for name in _NEEDED:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise MissingError(
                f'The server needs {error.name}, which is not installed. Get it with: pip install "omnibench[server]"'
            ) from error


def open_home(folder: Path, url: str | None, patience: float | None = None) -> tuple[Home, Database]:
    """A server's folder, made if needed, and its database, laid out; ``patience`` as `open_database` has it.

    Raises:
        InputError: the database is of another release.
        MissingError: a package is not installed, or the database does not answer.
    """
    require_server()
    from leaderboard.server.database import PATIENCE, open_database, prepare
    from leaderboard.server.home import Home

    home = Home(folder)
    for line in home.prepare():
        _LOG.warning("%s", line)
    database = open_database(home, url, PATIENCE if patience is None else patience)
    prepare(home, database)
    return home, database


def board_roots(home: Home, entries: Path) -> list[Path]:
    """The server's own entries, and those beside them. Raises InputError where there is no such folder."""
    if not entries.is_dir():
        raise InputError(f"--entries {entries}: no such folder; expected one with submissions/ and controls/ in it.")
    return [home.board, entries]
