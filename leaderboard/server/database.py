"""Opens the database and keeps its layout in step: SQLite by default, PostgreSQL by URL.

A new database is laid out at once. One of an earlier release is left as it is until its owner asks for
``omnibench leaderboard migrate``, which keeps a copy of an SQLite file first.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from leaderboard.server.home import Home, private_file
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.files.locking import locked

PATIENCE: Final = 30.0
"""Seconds that a worker or a command waits for a lock; whoever answers a request waits less."""
_LAYOUT_LOCK: Final = 0x6F6D6E69


class Database:
    """An engine and its two kinds of transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only looks."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, and undone after an error.

        On SQLite it takes the one write lock at its beginning: two of them wait for each other instead of failing.
        """
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session


def open_database(home: Home, url: str | None, patience: float = PATIENCE) -> Database:
    """Connect.

    Args:
        home: holds the SQLite file, where no other database is named.
        url: of another.
        patience: seconds to wait for a lock, or for a server that does not answer.

    Raises:
        UsageError: an address that is none.
        MissingError: its driver is not installed.
    """
    if url is None:
        return Database(_sqlite(f"sqlite:///{home.database}", patience))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError("--database: expected an address like postgresql://user@host/name.") from error
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite(url, patience))
    if parsed.get_backend_name() != "postgresql":
        raise UsageError(f"--database {parsed.drivername}://…: expected postgresql:// or sqlite://.")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        return Database(_postgresql(parsed, patience))
    except (ImportError, NoSuchModuleError) as error:
        raise MissingError(f'--database: {error}. Get the driver with: pip install "omnibench[server]"') from error


def _postgresql(url: URL, patience: float) -> Engine:
    # libpq counts a host that is switched off as one that may still answer, unless it is told how long.
    reaching = {"connect_timeout": max(2, math.ceil(patience)), "tcp_user_timeout": int(1000 * max(2.0, patience))}
    given = {name: value for name, value in reaching.items() if name not in url.query}
    engine = create_engine(url, pool_pre_ping=True, pool_size=8, pool_timeout=patience, connect_args=given)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.execute(f"SET lock_timeout = {int(1000 * patience)}")
        connection.commit()

    return engine


def _sqlite(url: str, patience: float) -> Engine:
    engine = create_engine(url)
    name = engine.url.database or ":memory:"
    if not name.startswith((":", "file:")) and Path(name).parent.is_dir():
        private_file(Path(name))

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        # Python's sqlite3 begins transactions by itself, too late and not for all statements; here we say when.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {int(1000 * patience)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def prepare(home: Home, database: Database) -> None:
    """Lay out a new database; check one that is there.

    Raises:
        MissingError: the database does not answer.
        InputError: it is of another release; the message names the command.
    """
    with _laying_out(home, database) as (connection, config):
        found, newest = _revisions(connection, config)
        if found is None and not inspect(connection).get_table_names():
            command.upgrade(config, "head")
        elif found != newest:
            raise InputError(_stale(home, found, newest, config))


def migrate(home: Home, database: Database) -> tuple[str | None, str, Path | None]:
    """Bring the layout up to date.

    Returns:
        The revision it had, the one it has, and the copy that was made of an SQLite file that had to change.

    Raises:
        MissingError: the database does not answer.
        InputError: it is of a later release than this one.
    """
    with _laying_out(home, database) as (connection, config):
        found, newest = _revisions(connection, config)
        if found == newest:
            return found, newest, None
        if found is not None and not _known(found, config):
            raise InputError(_stale(home, found, newest, config))
        copy = _copy(database, found) if found is not None else None
        command.upgrade(config, "head")
        return found, newest, copy


@contextmanager
def _laying_out(home: Home, database: Database) -> Iterator[tuple[Connection, Config]]:
    """A transaction for the layout, of one process at a time."""
    with as_file(files("leaderboard.server") / "migrations") as scripts, locked(home.root / "layout.lock"):
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        try:
            with database.engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LAYOUT_LOCK})")
                config.attributes["connection"] = connection
                yield connection, config
        except OperationalError as error:
            where = database.engine.url.render_as_string(hide_password=True)
            reason = str(error.orig).strip().partition("\n")[0]
            raise MissingError(f"{where}: the database does not answer ({reason}). Start it, or correct --database.") \
                from error  # fmt: skip


def _revisions(connection: Connection, config: Config) -> tuple[str | None, str]:
    newest = ScriptDirectory.from_config(config).get_current_head()
    if newest is None:
        raise RuntimeError("no steps among the package's files")
    return MigrationContext.configure(connection).get_current_revision(), newest


def _known(revision: str, config: Config) -> bool:
    return revision in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _stale(home: Home, found: str | None, newest: str, config: Config) -> str:
    if found is None:
        return f"{home.root}: the database holds tables that are not the leaderboard's. Name another with --database."
    if not _known(found, config):
        return f"{home.root}: the database has revision {found}, of a later release than this one ({newest}). Update."
    return (
        f"{home.root}: the database has revision {found}, this release expects {newest}. Stop the server and its "
        f"workers, then run: omnibench leaderboard migrate --home {home.root}"
    )


def _copy(database: Database, revision: str) -> Path | None:
    """A copy of an SQLite file beside it, as of now."""
    name = database.engine.url.database
    if database.engine.dialect.name != "sqlite" or not name:
        return None
    target = Path(f"{name}.{revision}.backup")
    private_file(target)
    with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target
