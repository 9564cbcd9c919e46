"""Answers that a reader may keep, as long as they ask whether they still hold."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from leaderboard.server.shelf import Page


def cacheable(request: Request, page: Page) -> Response:
    """The page with its ETag, packed where the reader can unpack it, or 304 where they have it already."""
    packed = _takes_gzip(request.headers.get("accept-encoding", ""))
    etag = f'"{page.tag}-gzip"' if packed else f'"{page.tag}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Type"] = page.kind
    return Response(page.packed if packed else page.content, headers=headers)


def _takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding names gzip, and not as something that is not wanted (``gzip;q=0``)."""
    for item in header.lower().split(","):
        name, _, quality = item.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality) is None
    return False
