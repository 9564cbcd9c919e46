"""The database's tables. Times are seconds since 1970 (UTC): the same number on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

State = Literal["received", "validating", "scoring", "published", "refused", "failed"]
WAITING: Final[tuple[State, ...]] = ("received", "validating", "scoring")
"""States in which there is still something to do."""


class Base(DeclarativeBase):
    """What all tables share: their metadata."""


class Team(Base):
    """Who may send. ``allowance`` is how many uploads it had left at ``allowance_at``; it grows back with time."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    allowance: Mapped[float] = mapped_column(Double)
    allowance_at: Mapped[float] = mapped_column(Double)


class Token(Base):
    """A token's public half and the hash of its secret half; the secret itself is stored nowhere."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[float] = mapped_column(Double)
    revoked_at: Mapped[float | None] = mapped_column(Double, default=None)


class Submission(Base):
    """An archive that was accepted, and what became of it.

    ``done`` of ``total`` dialogues are scored. ``entry_id`` is reserved while it is scored and kept when it is
    published. ``owner`` is the worker that has it, until ``leased_until``; ``attempts`` how many workers took it.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("team_id", "sha256"),
        Index("ix_submissions_state_received_at", "state", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[State] = mapped_column(String(16))
    received_at: Mapped[float] = mapped_column(Double)
    finished_at: Mapped[float | None] = mapped_column(Double, default=None)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    entry_id: Mapped[str | None] = mapped_column(String(80), unique=True, default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    owner: Mapped[str | None] = mapped_column(String(80), default=None)
    leased_until: Mapped[float] = mapped_column(Double, default=0.0)
