"""The routes of what is published: entries as JSON, and the pages."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from leaderboard.entry.schema import Entry
from leaderboard.server.answers import BAD_PATH, FAULTS, NOT_MODIFIED, EntryList, Fault
from leaderboard.server.caching import cacheable
from leaderboard.server.drawing import ENTRIES
from leaderboard.server.service import Service, Shared

router = APIRouter()


@router.get(
    "/api/v1/entries", response_model=EntryList, responses={**FAULTS, **NOT_MODIFIED}, summary="All published entries."
)
async def entries(request: Request, service: Shared) -> Response:
    """In short; one entry's own address has all of it."""
    return page(request, service, ENTRIES)


@router.get(
    "/api/v1/entries/{entry}",
    response_model=Entry,
    responses={**FAULTS, **NOT_MODIFIED, **BAD_PATH, 404: {"model": Fault, "description": "No such entry."}},
    summary="One entry.",
)
async def one_entry(request: Request, service: Shared, entry: str) -> Response:
    """Its ``entry.json``."""
    return page(request, service, f"{ENTRIES}/{entry}", "no such entry; /api/v1/entries lists them")


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def front(request: Request, service: Shared) -> Response:
    """The table of all entries."""
    return page(request, service, "index.html")


@router.api_route("/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
async def any_page(request: Request, service: Shared, name: str) -> Response:
    """A page or an asset of the site: there is nothing else to be had by a path."""
    return page(request, service, name)


def page(request: Request, service: Service, name: str, missing: str = "no such page") -> Response:
    """What was drawn under that name. Raises HTTPException 404 where nothing was."""
    found = service.board.page(name)
    if found is None:
        raise HTTPException(404, missing)
    return cacheable(request, found)
