"""Around every request: a line in the log, headers against what browsers might do, bodies read to their end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard.server.connections import BUSY, origin
from leaderboard.server.measures import Measures
from omnibench.report.pages import SITE_POLICY

_LOG: Final = logging.getLogger("leaderboard.server.http")
HEALTH: Final = "/healthz"
_PATH_LENGTH: Final = 200
_ADDRESS_BYTES, _HEAD_BYTES = 8192, 32768
_DRAINED_BYTES: Final = 64 << 20
_DRAINED_SECONDS: Final = 20.0
_HEADERS: Final = [
    (b"content-security-policy", f"{SITE_POLICY}; frame-ancestors 'none'".encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]


class Logged:
    """Logs and counts requests. What fails inside was answered there; here it is written down, in one line."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, begun = 0, time.monotonic()
        scope["state"] = dict(scope.get("state") or {})

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            _LOG.exception("a fault of the server's own")
        seconds = time.monotonic() - begun
        route = str(getattr(scope.get("route"), "path", "none"))
        self._measures.answered(scope["method"], route, status, seconds)
        path = quote(scope["path"], safe="/:")[:_PATH_LENGTH]
        token = scope["state"].get("token_id", "-")
        _LOG.info("%s %s %d %.0f ms token %s", scope["method"], path, status, 1000 * seconds, token)


class Guarded:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self._app(scope, receive, adding)


class Admitted:
    """Requests that are too large are refused. 503 where there are too many connections, or where one address has too
    many requests under way, which only a proxy's connections allow it; the server's health is told all the same.
    """

    def __init__(self, app: ASGIApp, per_address: int) -> None:
        self._app, self._most = app, per_address
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http" or scope["path"] == HEALTH:
            await self._app(scope, receive, send)
            return
        who = origin((scope.get("client") or ("",))[0])
        fault = _fault(scope)
        if scope["state"].get(BUSY) or self._under_way[who] >= self._most:
            fault = 503, "the server is busy; try again"
        if fault is not None:
            status, reason = fault
            headers = {"Connection": "close"} | ({"Retry-After": "5"} if status == 503 else {})
            await JSONResponse({"detail": reason}, status, headers)(scope, receive, send)
            return
        self._under_way[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]


def _fault(scope: Scope) -> tuple[int, str] | None:
    """What is wrong with the head of a request that h11 took: it counts only what has not arrived as a whole."""
    if scope["http_version"] not in ("1.0", "1.1"):
        return 505, "expected HTTP/1.1"
    if len(scope["raw_path"]) + len(scope["query_string"]) > _ADDRESS_BYTES:
        return 414, f"expected an address of at most {_ADDRESS_BYTES} bytes"
    if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > _HEAD_BYTES:
        return 431, f"expected headers of at most {_HEAD_BYTES} bytes"
    return None


class Drained:
    """Reads what is left of a body before it answers.

    A client that is still sending when the connection closes sees a broken pipe instead of the reason for which it was
    refused. What goes beyond 64 MiB or 20 s is cut off all the same. One that asks first whether it may send
    (``Expect: 100-continue``) gets its answer without.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        unread = scope["type"] == "http"
        asking = unread and any(name == b"expect" for name, _ in scope["headers"])

        async def reading() -> Message:
            nonlocal unread, asking
            asking = False
            message = await receive()
            unread = unread and message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start" and asking:
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            elif message["type"] == "http.response.start" and unread:
                await _drain(reading, lambda: unread)
            await send(message)

        await self._app(scope, reading, answering)


async def _drain(receive: Receive, unread: Callable[[], bool]) -> None:
    left = _DRAINED_BYTES
    try:
        async with asyncio.timeout(_DRAINED_SECONDS):
            while left > 0 and unread():
                left -= len((await receive()).get("body", b""))
    except TimeoutError:
        return
