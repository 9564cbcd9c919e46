"""The queue and the layout of the database, on SQLite and on PostgreSQL (see `test_whole_path` for which)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from leaderboard.server.database import Database
    from leaderboard.server.home import Home

pytestmark = pytest.mark.server
Opened = tuple["Home", "Database"]


@pytest.fixture
def opened(tmp_path: Path, database_url: str | None) -> Iterator[Opened]:
    from leaderboard.server.hosting import open_home

    home, database = open_home(tmp_path / "home", database_url)
    yield home, database
    database.engine.dispose()


def fill(database: Database, count: int) -> list[str]:
    """Accepted submissions of one team; their archives do not matter here."""
    from leaderboard.server import intake
    from leaderboard.server.settings import Intake
    from leaderboard.server.tables import Submission
    from leaderboard.server.tokens import add_token, find_login

    with database.writing() as session:
        login = find_login(session, add_token(session, "Team", 6.0))
    assert login is not None
    names = []
    for number in range(count):
        row = Submission(
            id=intake.new_id(), team_id=login.team_id, token_id=login.token_id, sha256=f"{number:064}",
            bytes=1, state="received", received_at=time.time() + number,
        )  # fmt: skip
        with database.writing() as session:
            names.append(intake.accept(session, row, Intake(waiting=count)).id)
    return names


def test_each_job_has_one_worker(opened: Opened) -> None:
    from leaderboard.server.jobs import claim

    home, database = opened
    names = fill(database, 12)

    def worker(owner: str) -> list[str]:
        taken = []
        while (job := claim(database, owner, 60)) is not None:
            taken.append(job.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(worker, ["a", "b", "c", "d"]))
    assert sorted(name for taken in found for name in taken) == sorted(names)
    assert home.root.is_dir()


def test_a_silent_worker_loses_its_job_and_its_say(opened: Opened) -> None:
    from leaderboard.server import jobs

    _, database = opened
    fill(database, 1)
    first = jobs.claim(database, "same name", 0.2)
    assert first is not None
    assert jobs.claim(database, "other", 60) is None
    time.sleep(0.3)
    second = jobs.claim(database, "same name", 60)
    assert second is not None
    assert (second.id, second.attempt, second.room) == (first.id, 2, f"{first.id}.2")
    for word in (
        lambda: jobs.renew(database, first, 60),
        lambda: jobs.advance(database, first, "scoring", 1, 2),
        lambda: jobs.reserve(database, first, "2026-11-22_chorus"),
        lambda: jobs.give_back(database, first),
        lambda: jobs.finish(database, first, "published"),
    ):
        with pytest.raises(jobs.LeaseLost):
            word()
    jobs.finish(database, second, "published")
    assert jobs.claim(database, "other", 60) is None


def test_what_three_workers_die_of_is_given_up(opened: Opened) -> None:
    from leaderboard.server import intake, jobs
    from leaderboard.server.settings import Intake
    from leaderboard.server.tables import Submission

    _, database = opened
    (name,) = fill(database, 1)
    for attempt in (1, 2, 3):
        job = jobs.claim(database, "dying", 0.0)
        assert job is not None
        assert job.attempt == attempt
        time.sleep(0.01)
    assert jobs.claim(database, "next", 60) is None
    with database.reading() as session:
        failed = session.get_one(Submission, name)
        assert (failed.state, failed.owner) == ("failed", None)
        assert "3 workers ended" in failed.reasons[0]
        fresh = Submission(
            id=intake.new_id(), team_id=failed.team_id, token_id=failed.token_id, sha256=failed.sha256,
            bytes=1, state="received", received_at=time.time(),
        )  # fmt: skip
    # Sent again, it waits again, under its old name.
    with database.writing() as session:
        assert intake.accept(session, fresh, Intake()) == intake.Accepted(name, fresh=True)
    again = jobs.claim(database, "next", 60)
    assert again is not None
    assert (again.id, again.attempt) == (name, 1)


def test_giving_back_costs_no_attempt_and_a_fault_does(opened: Opened) -> None:
    from leaderboard.server import jobs

    _, database = opened
    fill(database, 1)
    job = jobs.claim(database, "a", 60)
    assert job is not None
    jobs.give_back(database, job)
    job = jobs.claim(database, "a", 60)
    assert job is not None
    assert job.attempt == 1
    jobs.postpone(database, job, 0.2)
    assert jobs.claim(database, "b", 60) is None
    time.sleep(0.3)
    job = jobs.claim(database, "b", 60)
    assert job is not None
    assert job.attempt == 2


def test_an_entry_belongs_to_one_submission(opened: Opened) -> None:
    from leaderboard.server import jobs

    _, database = opened
    fill(database, 2)
    first, second = jobs.claim(database, "a", 60), jobs.claim(database, "b", 60)
    assert first is not None
    assert second is not None
    assert jobs.reserve(database, first, "2026-11-22_chorus")
    assert not jobs.reserve(database, second, "2026-11-22_chorus")
    jobs.finish(database, first, "refused", ["why"])
    assert jobs.reserve(database, second, "2026-11-22_chorus")


def test_an_allowance_grows_back(opened: Opened) -> None:
    from leaderboard.server.intake import spend_allowance
    from leaderboard.server.settings import Intake
    from leaderboard.server.tables import Team

    _, database = opened
    limits = Intake(per_hour=60, burst=2)
    with database.writing() as session:
        session.add(Team(id=1, name="Team", allowance=2.0, allowance_at=1000.0))
    moments = [
        (1000, 0),
        (1000, 0),
        (1000, 60),
        (1030, 30),
        (1060, 0),
        (1061, 59),
        (900, 59),
        (9000, 0),
        (9000, 0),
        (9000, 60),
    ]
    for now, wait in moments:
        with database.writing() as session:
            assert spend_allowance(session, 1, limits, float(now)) == wait


def test_the_steps_lead_to_the_tables(opened: Opened) -> None:
    """Alembic's own comparison of what its steps made with what the code expects."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from leaderboard.server.tables import Base

    _, database = opened
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_of_another_release_is_left_alone(opened: Opened) -> None:
    from sqlalchemy import text

    from leaderboard.server.database import migrate, prepare
    from omnibench.errors import InputError

    home, database = opened
    assert migrate(home, database) == ("0001", "0001", None)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (prepare, migrate):
        with pytest.raises(InputError, match="revision 9999, of a later release"):
            command(home, database)
