"""The routes of what is published: entries as JSON, and the pages."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response

from leaderboard.entry.entries import to_json
from leaderboard.entry.schema import Entry
from leaderboard.server.answers import BAD_PATH, FAULTS, NOT_MODIFIED, EntryList, EntrySummary, Fault
from leaderboard.server.caching import cacheable
from leaderboard.server.service import Shared
from leaderboard.site.rows import slug_of

router = APIRouter()
_TYPES: Final = {"html": "text/html; charset=utf-8", "css": "text/css", "js": "text/javascript"}


@router.get(
    "/api/v1/entries", response_model=EntryList, responses={**FAULTS, **NOT_MODIFIED}, summary="All published entries."
)
def entries(request: Request, service: Shared) -> Response:
    """In short; one entry's own address has all of it."""
    found = EntryList(entries=[_summary(entry) for entry in service.board.snapshot().entries.values()])
    return cacheable(request, found.model_dump_json().encode(), "application/json")


@router.get(
    "/api/v1/entries/{entry}",
    response_model=Entry,
    responses={**FAULTS, **NOT_MODIFIED, **BAD_PATH, 404: {"model": Fault, "description": "No such entry."}},
    summary="One entry.",
)
def one_entry(request: Request, service: Shared, entry: str) -> Response:
    """Its ``entry.json``."""
    found = service.board.snapshot().entries.get(entry)
    if found is None:
        raise HTTPException(404, "no such entry; /api/v1/entries lists them")
    return cacheable(request, json.dumps(json.loads(to_json(found))).encode(), "application/json")


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
def front(request: Request, service: Shared) -> Response:
    """The table of all entries."""
    return page(request, service, "index.html")


@router.api_route("/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
def page(request: Request, service: Shared, name: str) -> Response:
    """A page or an asset of the site: there is nothing else to be had by a path."""
    content = service.board.snapshot().page(name)
    if content is None:
        raise HTTPException(404, "no such page")
    return cacheable(request, content, _TYPES[name.rpartition(".")[2]])


def _summary(entry: Entry) -> EntrySummary:
    return EntrySummary(
        id=entry.id,
        name=entry.model.name,
        team=entry.submission.team,
        date=entry.submission.date,
        badge=entry.badge,
        protocols=list(entry.scores),
        flags=sum(flag.cleared is None for flag in entry.flags),
        withdrawn=entry.withdrawn is not None,
        page=f"/entries/{slug_of(entry.id)}.html",
    )
