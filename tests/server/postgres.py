"""A PostgreSQL of the tests' own: a cluster in a temporary folder, reached through a socket in it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


def _user() -> str | None:
    """PostgreSQL refuses to run as the superuser; then it runs as another."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def cluster() -> Iterator[str | None]:
    """Start one; the address of its database ``postgres``, or None where it is not installed."""
    programs = [shutil.which(name) for name in ("initdb", "postgres")]
    if not all(programs):
        yield None
        return
    initdb, server = map(str, programs)
    folder, user = Path(tempfile.mkdtemp(prefix="omnibench-pg-")), _user()
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    quick = ["-c", "fsync=off", "-c", "listen_addresses="]
    subprocess.run(
        [initdb, "-D", str(data), "-U", "tester", "-A", "trust", "--no-sync"],
        check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "-D", str(data), "-k", str(folder), *quick], user=user, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        url = f"postgresql://tester@/postgres?host={quote(str(folder), safe='')}"
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """An empty database beside the one of the address."""
    import psycopg

    name = f"omnibench_{secrets.token_hex(6)}"
    head, _, options = url.partition("?")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{head.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(url: str) -> None:
    import psycopg
    from hosted import wait_for

    def answers() -> bool:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_for(answers)
