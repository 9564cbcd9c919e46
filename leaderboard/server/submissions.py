"""The routes of submissions: send one, ask how it is getting on."""

from __future__ import annotations

import datetime
import logging
import re
import time
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from leaderboard.archive.posting import ROUTE
from leaderboard.server import intake
from leaderboard.server.answers import BAD_PATH, FAULTS, TOKEN_FAULTS, UPLOAD_FAULTS, Fault, Progress, Receipt, Status
from leaderboard.server.service import MaybeTeam, Service, Shared, Team
from leaderboard.server.tables import Submission
from leaderboard.server.tokens import Login
from leaderboard.server.uploads import check_headers, receive, stated_digest
from leaderboard.site.rows import slug_of

router = APIRouter()
_LOG: Final = logging.getLogger(__name__)
_ID: Final = re.compile(r"s-[0-9a-f]{24}")
_WAITING_SECONDS: Final = "60"
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "name": "Content-Digest",
            "in": "header",
            "required": True,
            "description": "The archive's SHA-256 (RFC 9530), like sha-256=:<base64>:",
            "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
        }
    ],
}


@router.post(
    ROUTE,
    status_code=202,
    response_model=Receipt,
    responses={**FAULTS, **TOKEN_FAULTS, **UPLOAD_FAULTS},
    openapi_extra=_BODY,
    summary="Send an archive.",
)
async def submit(request: Request, response: Response, service: Shared, team: Team) -> Receipt:
    """Accept an archive as ``omnibench submit`` packs it; answered with 202, it is stored for good and gets scored.

    The same archive of the same team keeps its id. Validation and scoring happen later; ask ``status_url``.
    """
    sha256 = stated_digest(request.headers.get("content-digest"))
    check_headers(request, service.intake)
    await run_in_threadpool(_admit, service, team, sha256)
    service.arriving[team.team_id] += 1
    try:
        accepted = await _store(request, service, team, sha256)
    finally:
        service.arriving[team.team_id] -= 1
    url = f"{ROUTE}/{accepted.id}"
    response.headers["Location"] = url
    return Receipt(id=accepted.id, status_url=url)


@router.get(
    ROUTE + "/{submission}",
    response_model=Status,
    responses={
        **FAULTS,
        **TOKEN_FAULTS,
        **BAD_PATH,
        404: {"model": Fault, "description": "The team has no such submission."},
    },
    summary="How a submission is getting on.",
)
def status(submission: str, response: Response, service: Shared, team: MaybeTeam) -> Status:
    """For the team's own tokens; for everybody once it is published."""
    response.headers["Cache-Control"] = "no-store"
    found = None
    if _ID.fullmatch(submission):
        with service.database.reading() as session:
            found = session.get(Submission, submission)
    if found is not None and (found.state == "published" or (team and found.team_id == team.team_id)):
        return _status(found)
    if team is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="omnibench leaderboard"'}
        raise HTTPException(401, "not published; send the team's token: Authorization: Bearer <token>", challenge)
    raise HTTPException(404, "the team has no such submission")


def _admit(service: Service, team: Login, sha256: str) -> None:
    """Whether the team may send this now. Raises HTTPException 429."""
    with service.database.writing() as session:
        seconds = intake.spend_allowance(session, team.team_id, service.intake, time.time())
        known = intake.find_same(session, team.team_id, sha256)
        waiting = intake.count_waiting(session, team.team_id)
    if seconds:
        service.measures.refused_rates.inc()
        limit = f"{service.intake.per_hour:g} uploads an hour"
        raise HTTPException(429, f"too many uploads: {limit}", {"Retry-After": str(seconds)})
    # An archive that is waiting already takes no place of another.
    if known is None and waiting + service.arriving[team.team_id] >= service.intake.waiting:
        raise _too_many(service)


async def _store(request: Request, service: Service, team: Login, sha256: str) -> intake.Accepted:
    name = intake.new_id()
    part, final = service.home.incoming / f"{name}.part", service.home.upload(name)
    size = await receive(request, part, final, sha256, service.intake)
    service.measures.stored_bytes.inc(size)
    row = Submission(
        id=name,
        team_id=team.team_id,
        token_id=team.token_id,
        sha256=sha256,
        bytes=size,
        state="received",
        received_at=time.time(),
    )
    accepted = await run_in_threadpool(_accept, service, row)
    _LOG.info("submission %s: %d bytes, %s", accepted.id, size, "accepted" if accepted.fresh else "known already")
    return accepted


def _accept(service: Service, row: Submission) -> intake.Accepted:
    """The row, after its archive; an archive that needs no place of its own goes."""
    own = service.home.upload(row.id)
    try:
        with service.database.writing() as session:
            accepted = intake.accept(session, row, service.intake)
            if accepted.fresh and accepted.id != row.id:
                own.replace(service.home.upload(accepted.id))
        if not accepted.fresh:
            own.unlink(missing_ok=True)
    except intake.TooManyWaiting:
        own.unlink(missing_ok=True)
        raise _too_many(service) from None
    return accepted


def _too_many(service: Service) -> HTTPException:
    service.measures.refused_rates.inc()
    detail = f"{service.intake.waiting} submissions of the team are unfinished; wait for one of them"
    return HTTPException(429, detail, {"Retry-After": _WAITING_SECONDS})


def _status(found: Submission) -> Status:
    published = found.state == "published" and found.entry_id is not None
    return Status(
        id=found.id,
        state=found.state,
        progress=Progress(done=found.done, total=found.total),
        reasons=found.reasons,
        received=_time(found.received_at),
        finished=None if found.finished_at is None else _time(found.finished_at),
        sha256=found.sha256,
        bytes=found.bytes,
        entry=found.entry_id if published else None,
        page=f"/entries/{slug_of(found.entry_id)}.html" if published and found.entry_id else None,
    )


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)
