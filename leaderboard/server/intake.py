"""What the database says to an upload: whether a team may send now, and the row that accepts it."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from leaderboard.server.settings import Intake
from leaderboard.server.tables import WAITING, Submission, Team


@dataclass(frozen=True, slots=True)
class Accepted:
    """``fresh``: a row was made, or one that had failed waits again; else the archive is an old acquaintance."""

    id: str
    fresh: bool


class TooManyWaiting(Exception):
    """The team has as many unfinished submissions as it may."""


def new_id() -> str:
    """A submission's id: nobody guesses another's."""
    return f"s-{secrets.token_hex(12)}"


def spend_allowance(session: Session, team_id: int, intake: Intake, now: float) -> int:
    """Take one upload from the team's allowance, a bucket that fills up with time.

    Returns:
        0, or the whole seconds after which there is one again; then none is taken.
    """
    team = session.get_one(Team, team_id, with_for_update=True)
    rate = intake.per_hour / 3600
    # A clock that was set back takes nothing away.
    allowance = min(intake.burst, team.allowance + max(0.0, now - team.allowance_at) * rate)
    team.allowance_at = now
    team.allowance = allowance - 1 if allowance >= 1 else allowance
    return 0 if allowance >= 1 else max(1, math.ceil((1 - allowance) / rate))


def count_waiting(session: Session, team_id: int) -> int:
    """The team's unfinished submissions."""
    unfinished = select(func.count()).where(Submission.team_id == team_id, Submission.state.in_(WAITING))
    return session.scalar(unfinished) or 0


def find_same(session: Session, team_id: int, sha256: str) -> Submission | None:
    """The team's submission of that very archive."""
    return session.scalar(select(Submission).where(Submission.team_id == team_id, Submission.sha256 == sha256))


def accept(session: Session, fresh: Submission, intake: Intake) -> Accepted:
    """Accept an archive that lies on the disk.

    The same archive of the same team keeps its id; where the server had failed on it, it waits again.

    Args:
        session: writing.
        fresh: the row that it gets if it is new.
        intake: the limits.

    Raises:
        TooManyWaiting: another upload of the team took the last place in the meantime.
    """
    session.get_one(Team, fresh.team_id, with_for_update=True)
    same = find_same(session, fresh.team_id, fresh.sha256)
    if same is not None and same.state != "failed":
        return Accepted(same.id, fresh=False)
    if count_waiting(session, fresh.team_id) >= intake.waiting:
        raise TooManyWaiting
    if same is None:
        session.add(fresh)
        return Accepted(fresh.id, fresh=True)
    same.state, same.reasons, same.finished_at = "received", [], None
    same.attempts, same.done, same.total = 0, 0, 0
    return Accepted(same.id, fresh=True)
