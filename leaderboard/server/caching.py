"""Answers that a reader may keep, as long as they ask whether they still hold."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def cacheable(request: Request, content: bytes, media_type: str) -> Response:
    """The content with its ETag, or 304 where the reader has it already."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
