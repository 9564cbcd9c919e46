"""The database is locked, or its server is switched off: requests that need it are told when to come again, and
whatever does not need it goes on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hosted import ROUTE, Hosted, wait_for
from postgres import cluster

pytestmark = pytest.mark.server
BODY = b"what is in it matters to the worker alone"


@contextlib.contextmanager
def locked(hosted: Hosted) -> Iterator[None]:
    """SQLite's one lock for writing, held by somebody else."""
    other = sqlite3.connect(hosted.home / "server.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("UPDATE teams SET allowance = allowance")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def goes_on(hosted: Hosted) -> None:
    for path in ("/healthz", "/", "/api/v1/entries"):
        begun = time.monotonic()
        assert hosted.get(path).status == 200
        assert time.monotonic() - begun < 5


def test_a_lock_is_answered_in_time(hosted: Hosted) -> None:
    token = hosted.token()
    hosted.start()
    with locked(hosted):
        begun = time.monotonic()
        answer = hosted.post(BODY, token)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert answer.json["detail"] == "the database does not answer just now; try again"
        assert time.monotonic() - begun < 20
        goes_on(hosted)
        assert hosted.get("/readyz").status == 200
        assert list((hosted.home / "incoming").iterdir()) == []
    assert hosted.post(BODY, token).status == 202


def test_a_postgresql_that_is_switched_off(hosted: Hosted) -> None:
    with cluster() as url:
        if url is None:
            pytest.skip("no PostgreSQL: install its initdb and postgres")
        hosted.database = url
        token = hosted.token()
        hosted.start()
        assert hosted.get(f"{ROUTE}/s-{'0' * 24}", token).status == 404
        folder = parse_qs(urlsplit(url).query)["host"][0]
        os.kill(int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        wait_for(lambda: hosted.get("/readyz").status == 503)
        for answer in (hosted.get(f"{ROUTE}/s-{'0' * 24}", token), hosted.post(BODY, token)):
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        goes_on(hosted)
