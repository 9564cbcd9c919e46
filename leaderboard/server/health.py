"""The routes for whoever watches the server."""

from __future__ import annotations

import os
from typing import Final

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from leaderboard.server.answers import FAULTS, Health
from leaderboard.server.drawing import PROBLEM
from leaderboard.server.service import Service, Shared
from leaderboard.server.wrapping import HEALTH

router = APIRouter()
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}


@router.get(HEALTH, response_model=Health, responses=FAULTS, summary="Whether the process answers.")
async def alive() -> Health:
    """Asks nothing of anybody else, and waits for none of the threads that do."""
    return Health(status="ok")


@router.get(
    "/readyz",
    response_model=Health,
    responses={**FAULTS, 503: {"model": Health, "description": "Something that it needs is missing."}},
    summary="Whether the server can do its work.",
)
def ready(response: Response, service: Shared) -> Health:
    """Whether the database answers, uploads can be written, and the entries are in order."""
    problems = _problems(service)
    response.status_code = 503 if problems else 200
    return Health(status="not ready" if problems else "ok", problems=problems)


@router.get(
    "/metrics",
    response_class=Response,
    responses={**FAULTS, 200: {"content": _TEXT, "description": "Prometheus' text format."}},
    summary="Numbers for Prometheus.",
)
def metrics(service: Shared) -> Response:
    """Requests, uploads, submissions by state, entries."""
    return Response(service.measures.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _problems(service: Service) -> list[str]:
    found = []
    try:
        with service.database.reading() as session:
            session.execute(text("SELECT 1 FROM submissions LIMIT 1"))
    except SQLAlchemyError:
        found.append("the database does not answer")
    if not os.access(service.home.incoming, os.W_OK) or not os.access(service.home.uploads, os.W_OK):
        found.append("uploads cannot be written")
    if service.board.fact(PROBLEM):
        found.append("the entries are out of order; the log says which")
    return found
