"""What the API answers, as types: they are its OpenAPI document as well."""

from __future__ import annotations

import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.entry.schema import Badge, EntryId, ProtocolName
from leaderboard.server.tables import State


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Answer):
    """Why not: a text, or several."""

    detail: str | list[str]


class Receipt(_Answer):
    """An archive was accepted; ``status_url`` is a path on this server."""

    id: str
    status_url: str


class Progress(_Answer):
    """Dialogues scored so far, each counted once a protocol; 0 of 0 before scoring begins."""

    done: int = Field(ge=0)
    total: int = Field(ge=0)


class Status(_Answer):
    """How a submission is getting on. ``reasons`` say why it was refused, or on what the server failed."""

    id: str
    state: State
    progress: Progress
    reasons: list[str]
    received: datetime.datetime
    finished: datetime.datetime | None
    sha256: str
    bytes: int
    entry: EntryId | None = Field(description="The entry's id, where it is published.")
    page: str | None = Field(description="Its page, a path on this server.")


class EntrySummary(_Answer):
    """One entry in short."""

    id: EntryId
    name: str
    team: str
    date: datetime.date
    badge: Badge
    protocols: list[ProtocolName]
    flags: int = Field(ge=0, description="Flags that no maintainer has cleared.")
    withdrawn: bool
    page: str


class EntryList(_Answer):
    """All published entries, by id."""

    entries: list[EntrySummary]


class Health(_Answer):
    """``problems`` is empty where all is well."""

    status: str
    problems: list[str] = []


Responses = dict[int | str, dict[str, Any]]
_WAIT: Final = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}, "required": True}
}
_LOGIN: Final = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}, "required": True}}

FAULTS: Final[Responses] = {
    500: {"model": Fault, "description": "A fault of the server's own."},
    503: {"model": Fault, "description": "The server has no room for it now.", "headers": _WAIT},
}
TOKEN_FAULTS: Final[Responses] = {
    401: {"model": Fault, "description": "No token, or one that nobody was given.", "headers": _LOGIN},
    403: {"model": Fault, "description": "The token was revoked."},
}
UPLOAD_FAULTS: Final[Responses] = {
    400: {"model": Fault, "description": "No body, no digest, or another body than the digest says."},
    408: {"model": Fault, "description": "The body stopped arriving."},
    413: {"model": Fault, "description": "The archive is too large."},
    415: {"model": Fault, "description": "Not sent as application/zip."},
    429: {"model": Fault, "description": "Too many uploads, or too many unfinished submissions.", "headers": _WAIT},
}
BAD_PATH: Final[Responses] = {422: {"model": Fault, "description": "The path does not fit the route."}}
NOT_MODIFIED: Final[Responses] = {304: {"description": "As the If-None-Match of the request says."}}
