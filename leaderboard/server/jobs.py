"""The queue of submissions: which worker has which, for how long, and how it ended.

A worker takes a job on lease and renews it while it lives. A lease that runs out frees the job for the next worker, and
every later word of the old one is refused (`LeaseLost`): what is written about a job is written by whoever has it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from leaderboard.server.database import Database
from leaderboard.server.settings import ATTEMPTS
from leaderboard.server.tables import WAITING, State, Submission, Team

Ended = Literal["published", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A submission that this worker has; ``team`` is whose token sent it."""

    id: str
    team: str
    sha256: str
    attempt: int
    owner: str

    @property
    def room(self) -> str:
        """The name of its working folder: another for each attempt, so that two never share one."""
        return f"{self.id}.{self.attempt}"


class LeaseLost(Exception):
    """Another worker has the job by now."""


def claim(database: Database, owner: str, lease: float) -> Job | None:
    """Take the oldest submission that nobody has, for ``lease`` seconds; None where there is nothing to do.

    One that its last `ATTEMPTS` workers did not survive is called failed instead.
    """
    while True:
        with database.writing() as session:
            now = time.time()
            found = session.execute(_free(now)).first()
            if found is None:
                return None
            submission, team = found
            if submission.attempts >= ATTEMPTS:
                _end(submission, "failed", [f"{ATTEMPTS} workers ended while they had it; the hosts look into it"])
                continue
            submission.state, submission.owner, submission.leased_until = "validating", owner, now + lease
            submission.attempts += 1
            submission.done = submission.total = 0
            submission.entry_id = None
            return Job(submission.id, team, submission.sha256, submission.attempts, owner)


def _free(now: float) -> Select[Submission, str]:
    return (
        select(Submission, Team.name)
        .join(Team)
        .where(Submission.state.in_(WAITING), or_(Submission.owner.is_(None), Submission.leased_until < now))
        .order_by(Submission.received_at, Submission.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Submission)
    )


def renew(database: Database, job: Job, lease: float) -> None:
    """Keep the job for another ``lease`` seconds. Raises LeaseLost."""
    _set(database, job, leased_until=time.time() + lease)


def advance(database: Database, job: Job, state: State, done: int, total: int) -> None:
    """Note how far it is. Raises LeaseLost."""
    _set(database, job, state=state, done=done, total=total)


def reserve(database: Database, job: Job, entry_id: str) -> bool:
    """Keep an entry's name for this submission; False where another one has it. Raises LeaseLost."""
    try:
        _set(database, job, entry_id=entry_id)
    except IntegrityError:
        return False
    return True


def give_back(database: Database, job: Job) -> None:
    """Leave the job to the next worker, as if it had not been taken. Raises LeaseLost."""
    _set(database, job, state="received", owner=None, leased_until=0.0, attempts=job.attempt - 1, entry_id=None)


def postpone(database: Database, job: Job, seconds: float) -> None:
    """Leave the job alone for a while after a fault of ours; the attempt counts. Raises LeaseLost."""
    _set(database, job, state="received", leased_until=time.time() + seconds, entry_id=None)


def finish(database: Database, job: Job, state: Ended, reasons: Sequence[str] = ()) -> None:
    """The end of it. Raises LeaseLost."""
    with database.writing() as session:
        _end(_mine(session, job), state, reasons)


def _mine(session: Session, job: Job) -> Submission:
    own = select(Submission).where(Submission.id == job.id, *_held(job)).with_for_update()
    found = session.scalar(own)
    if found is None:
        raise LeaseLost(job.id)
    return found


def _end(submission: Submission, state: State, reasons: Sequence[str]) -> None:
    submission.state, submission.reasons, submission.finished_at = state, list(reasons), time.time()
    submission.owner, submission.leased_until = None, 0.0
    if state != "published":
        submission.entry_id = None


def _set(database: Database, job: Job, **values: object) -> None:
    with database.writing() as session:
        own = update(Submission).where(Submission.id == job.id, *_held(job)).values(**values)
        if session.scalar(own.returning(Submission.id)) is None:
            raise LeaseLost(job.id)


def _held(job: Job) -> tuple[ColumnElement[bool], ...]:
    return Submission.owner == job.owner, Submission.attempts == job.attempt
