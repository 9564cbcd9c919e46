"""What the routes share: one object on the application, and whose token a request carries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Final, cast

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from leaderboard.server.database import Database
from leaderboard.server.home import Home
from leaderboard.server.measures import Measures
from leaderboard.server.settings import Intake
from leaderboard.server.shelf import Shelf
from leaderboard.server.tokens import Login, find_login

_BEARER: Final = HTTPBearer(auto_error=False, description="The team's upload token.")
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="omnibench leaderboard"'}


@dataclass(slots=True)
class Service:
    """``arriving`` counts the uploads in progress, by team."""

    home: Home
    database: Database
    board: Shelf
    intake: Intake
    measures: Measures
    arriving: Counter[int] = field(default_factory=Counter)


async def service_of(request: Request) -> Service:
    """The application's one; asked for without a thread, which may all be waiting for the database."""
    return _service(request)


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def optional_login(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Login | None:
    """Whose token it is; None without one.

    Raises:
        HTTPException: 401 for a token that nobody was given, 403 for a revoked one.
    """
    if credentials is None:
        if "authorization" in request.headers:
            raise _refused(request, 401, "expected Authorization: Bearer <token>", _CHALLENGE)
        return None
    with _service(request).database.reading() as session:
        login = find_login(session, credentials.credentials)
    if login is None:
        raise _refused(request, 401, "no such token; ask the server's hosts for one", _CHALLENGE)
    if login.revoked:
        raise _refused(request, 403, "the token was revoked; ask the server's hosts for another")
    request.state.token_id = login.token_id
    return login


def login_of(request: Request, login: Annotated[Login | None, Depends(optional_login)]) -> Login:
    """Whose token it is. Raises HTTPException 401 without one, else as `optional_login`."""
    if login is None:
        raise _refused(request, 401, "no token; send Authorization: Bearer <token>", _CHALLENGE)
    return login


def _refused(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> HTTPException:
    _service(request).measures.refused_logins.inc()
    return HTTPException(status, detail, headers)


MaybeTeam = Annotated[Login | None, Depends(optional_login)]
Team = Annotated[Login, Depends(login_of)]
Shared = Annotated[Service, Depends(service_of)]
