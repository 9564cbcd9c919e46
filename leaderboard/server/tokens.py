"""Upload tokens: ``omb_<id>_<secret>``. The database has the id and the secret's hash; the token is shown once.

The secret is 32 random bytes, so a plain SHA-256 of it cannot be guessed back, and checking it costs no one time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from leaderboard.entry.plain_text import LINE_LENGTH, text_fault
from leaderboard.server.tables import Team, Token
from omnibench.errors import UsageError, unknown_name

_TOKEN: Final = re.compile(r"omb_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Login:
    """Whose token it is. A revoked one is known, and lets nobody in."""

    team_id: int
    team: str
    token_id: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A token as its owner's host sees it."""

    id: str
    team: str
    created_at: float
    revoked_at: float | None


def add_token(session: Session, team: str, allowance: float) -> str:
    """A new token of a team, which is made if it is new. Returns the token: nobody can ever read it again.

    Args:
        session: writing.
        team: its name, as its submissions have to state it.
        allowance: uploads that a new team may make at once.

    Raises:
        UsageError: the name is none that a page could show.
    """
    fault = text_fault(team) or ("is empty" if not team.strip() else None)
    if fault or team != team.strip() or len(team) > LINE_LENGTH:
        raise UsageError(f"The team's name {fault or 'is too long, or starts or ends with a space'}.")
    owner = session.scalar(select(Team).where(Team.name == team))
    if owner is None:
        owner = Team(name=team, allowance=allowance, allowance_at=time.time())
        session.add(owner)
        session.flush()
    public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(Token(id=public, team_id=owner.id, sha256=_digest(secret), created_at=time.time()))
    return f"omb_{public}_{secret}"


def revoke_token(session: Session, token_id: str) -> None:
    """End a token. Raises UsageError where there is none of that id."""
    token = session.get(Token, token_id)
    if token is None:
        known = session.scalars(select(Token.id))
        raise unknown_name("token", token_id, known, "omnibench leaderboard token list")
    token.revoked_at = token.revoked_at or time.time()


def list_tokens(session: Session) -> list[Listed]:
    """All tokens, by team and age."""
    rows = session.execute(select(Token, Team).join(Team).order_by(Team.name, Token.created_at))
    return [Listed(token.id, team.name, token.created_at, token.revoked_at) for token, team in rows]


def find_login(session: Session, text: str) -> Login | None:
    """Whose token a request carries; None for one that nobody was given."""
    match = _TOKEN.fullmatch(text)
    if match is None:
        return None
    found = session.execute(select(Token, Team).join(Team).where(Token.id == match.group(1))).first()
    same = hmac.compare_digest(_digest(match.group(2)), found[0].sha256 if found else _NOBODY)
    if found is None or not same:
        return None
    token, team = found
    return Login(team.id, team.name, token.id, token.revoked_at is not None)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
