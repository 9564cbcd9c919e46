"""The application: routes, answers to faults, and what is wrapped around them."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from leaderboard.server import health, published, submissions
from leaderboard.server.answers import Fault
from leaderboard.server.service import Service
from leaderboard.server.wrapping import Admitted, Drained, Guarded, Logged
from omnibench import __version__

_LOG: Final = logging.getLogger(__name__)
_RETRY_SECONDS: Final = "5"


def build_app(service: Service, per_address: int) -> ASGIApp:
    """The server's application as uvicorn runs it; ``per_address`` requests of one address may be under way."""
    app = FastAPI(
        title="omnibench leaderboard",
        version=__version__,
        description="Send predictions, see how they are re-scored, read what is published.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.add_exception_handler(HTTPException, _http_fault)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(ClientDisconnect, _sender_gone)
    for absent in (OperationalError, InterfaceError, TimeoutError):
        app.add_exception_handler(absent, _database_away)
    app.add_exception_handler(Exception, _own_fault)
    for router in (health.router, submissions.router, published.router):
        app.include_router(router)
    return Logged(Guarded(Admitted(Drained(app), per_address)), service.measures)


def _http_fault(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    content = Fault(detail=error.detail).model_dump()
    return JSONResponse(content, error.status_code, dict(error.headers or {}))


def _wrong_request(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    reasons = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    return JSONResponse(Fault(detail=reasons).model_dump(), 422)


def _sender_gone(_: Request, __: Exception) -> JSONResponse:
    """Nobody reads it, but the log and the numbers say what it was."""
    return JSONResponse(Fault(detail="the request broke off").model_dump(), 400)


def _database_away(_: Request, error: Exception) -> JSONResponse:
    """Locked, full, or switched off: the same request may do later."""
    _LOG.warning("the database does not answer: %s", getattr(error, "orig", None) or error)
    content = Fault(detail="the database does not answer just now; try again").model_dump()
    return JSONResponse(content, 503, {"Retry-After": _RETRY_SECONDS})


def _own_fault(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse(Fault(detail="a fault of the server's own; its log has it").model_dump(), 500)
