"""Archives that a team would send, servers that take them, and a PostgreSQL where there is one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hosted import TEAM, Hosted
from postgres import cluster, fresh_database
from submission_factory import write_run

from leaderboard.archive.packing import collect, pack

Packer = Callable[..., bytes]


@pytest.fixture(scope="session")
def packed(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> Packer:
    """Packs words alone, to three dialogues: all that these tests need to be scored, in little time. Arguments are the
    entry's name and fields of its submission.
    """
    run = write_run(tmp_path_factory.mktemp("run") / "run", synthetic)
    for part in ("audio", "video", "vector", "timing"):
        shutil.rmtree(run / part)
    content = json.loads((run / "run.json").read_text())
    content["model"]["outputs"] = ["words"]
    (run / "run.json").write_text(json.dumps(content))

    def make(name: str = "chorus", **fields: str) -> bytes:
        sent = {"team": TEAM, "contact": "lab@example.org", "date": "2026-11-22", **fields}
        metadata = {"schema_version": 1, "name": name, "submission": sent, "omnibench": "0.1.0"}
        target = tmp_path_factory.mktemp("packed") / "sent.zip"
        pack(collect(run).files, {**metadata, "model": content["model"], "data": content["data"]}, target)
        return target.read_bytes()

    return make


@pytest.fixture(scope="session")
def archive(packed: Packer) -> bytes:
    return packed()


@pytest.fixture(scope="session")
def scoring(synthetic: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options of workers that score with two metrics of words, and whose jobs are free a second after their end."""
    entries = tmp_path_factory.mktemp("entries")
    options = ["--entries", str(entries), "--data", str(synthetic), "--protocol", "strict"]
    return [*options, "--metrics", "rouge_l,distinct_2", "--lease", "1"]


@pytest.fixture
def hosted(scoring: list[str], tmp_path: Path) -> Iterator[Hosted]:
    """A server on SQLite; not started."""
    made = Hosted(tmp_path / "home", scoring)
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL: OMNIBENCH_TEST_POSTGRES, or one of our own where its programs are installed."""
    with ExitStack() as stack:
        given = os.environ.get("OMNIBENCH_TEST_POSTGRES") or stack.enter_context(cluster())
        if given is None:
            pytest.skip("no PostgreSQL: set OMNIBENCH_TEST_POSTGRES, or install its initdb and postgres")
        yield given


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for SQLite, or the address of an empty database."""
    if request.param == "sqlite":
        yield None
    else:
        with fresh_database(request.getfixturevalue("postgres")) as url:
            yield url
