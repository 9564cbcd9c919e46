"""Connections that wait for their clients in vain, and clients that hold too many.

uvicorn ends a connection that is idle between two requests; it has no deadline for the head of a request nor for a
client that does not read its answer, and its limit counts connections that never asked for anything. `Connection` is
its protocol for h11 with these deadlines, and `Gate` decides who comes in: where there is no room, the connection that
has waited longest for its client goes, so that half requests keep nobody out.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from leaderboard.server.settings import Admission

SPARE: Final = 32
"""Connections beyond the limit, each for one request: the server's health is told even then, all else is 503."""
BUSY: Final = "omnibench.busy"
_LOOK_SECONDS: Final = 0.5
_QUIET_SECONDS: Final = 5.0
_LEAVING_SECONDS: Final = 2.0
_REASONS: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    503: "Service Unavailable",
}


def origin(host: str) -> str:
    """Whom an address counts for: itself, or of IPv6 the /64 network that it is in, which one subscriber has.

    Example:
        >>> origin("2001:db8::1"), origin("::ffff:192.0.2.7"), origin("somewhere")
        ('2001:db8::/64', '192.0.2.7', 'somewhere')
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))


class Gate:
    """The connections of one server: how many there may be, and which one goes where another comes."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self._proxies = [ipaddress.ip_network(text) for text in admission.proxies]
        self._open: dict[Connection, str | None] = {}
        self._looking: asyncio.TimerHandle | None = None

    def enter(self, connection: Connection, host: str) -> bool | None:
        """Take a connection in. Returns False where it is one too many but may ask for one thing, None where it may
        not even that.
        """
        whose = None if self._is_proxy(host) else origin(host)
        own = [other for other, who in self._open.items() if who == whose] if whose is not None else []
        regular = (len(own) < self.admission.per_address or self._make_room(own)) and (
            len(self._open) < self.admission.most or self._make_room(self._open)
        )
        if not regular and len(self._open) >= self.admission.most + SPARE:
            return None
        self._open[connection] = whose
        if self._looking is None:
            self._looking = connection.loop.call_later(_LOOK_SECONDS, self._look, connection.loop)
        return regular

    def leave(self, connection: Connection) -> None:
        """It is gone, or as good as that."""
        self._open.pop(connection, None)

    def _is_proxy(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    def _make_room(self, among: Iterable[Connection]) -> bool:
        waiting = ((since, other) for other in among if (since := other.waiting_since()) is not None)
        longest = min(waiting, key=lambda pair: pair[0], default=None)
        if longest is None:
            return False
        self.leave(longest[1])
        longest[1].transport.abort()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        for connection in list(self._open):
            connection.look()
        self._looking = loop.call_later(_LOOK_SECONDS, self._look, loop) if self._open else None


class Connection(H11Protocol):
    """One connection, with deadlines for its client."""

    def __init__(
        self,
        gate: Gate,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._gate = gate
        self._asked = False
        # When the request that is expected began to be waited for; None between two requests.
        self._began: float | None = None
        # When it was refused; what still comes is thrown away.
        self._leaving: float | None = None
        self._heard = self._flowed = self._answered = 0.0
        self._unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As asyncio has it."""
        super().connection_made(transport)
        self._began = self._heard = self.loop.time()
        host, port = self.client or ("", 0)
        if host.startswith("::ffff:"):
            # An IPv4 address as a socket for both kinds tells it.
            host = origin(host)
            self.client = (host, port)
        regular = self._gate.enter(self, host)
        if regular is None:
            self._refuse(503, "too many connections")
        elif not regular:
            self.app_state = {**self.app_state, BUSY: True}

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio has it."""
        self._gate.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As asyncio has it."""
        if self.transport.is_closing() or self._leaving is not None:
            return
        self._heard = self.loop.time()
        if self._began is None and not self._at_work():
            self._began = self._heard
        self._asked = True
        super().data_received(data)
        if self._at_work():
            self._began = None

    def on_response_complete(self) -> None:
        """As uvicorn has it."""
        # What still arrives of a request that is answered already must not last for ever.
        over = self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)
        self._heard = self.loop.time()
        self._began = None if over else self._heard
        super().on_response_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """As asyncio has it. A client that has sent all that it will may still read its answer."""
        if self._leaving is not None or not self._at_work():
            return None
        if self.cycle.more_body:
            self.send_400_response("the request broke off")
            return None
        self.cycle.keep_alive = False
        return self.scheme == "http"

    def send_400_response(self, msg: str) -> None:
        """As uvicorn has it, with the status that h11 found right."""
        error = sys.exception()
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        started = self._at_work() and self.cycle.response_started
        if self._at_work():
            # The application, which is waiting for the body, has nobody to answer any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if started:
            # A broken body of a request that is being answered: no second answer can follow.
            self.transport.abort()
        else:
            self._refuse(status if status in _REASONS else 400, str(error) if error is not None else msg)

    def waiting_since(self) -> float | None:
        """Since when it has waited for its client; None while the server is at work for it."""
        if self._leaving is not None:
            return self._leaving
        if self._unsent and self.loop.time() - self._flowed > _QUIET_SECONDS:
            return self._flowed
        if not self._at_work():
            return self._heard if self._began is None else self._began
        quiet = self.cycle.more_body and self.loop.time() - self._heard > _QUIET_SECONDS
        return self._heard if quiet else None

    def look(self) -> None:
        """End what has taken too long. A body that does not arrive is its route's affair."""
        now, limits = self.loop.time(), self._gate.admission
        unsent = self.transport.get_write_buffer_size()
        if unsent and not self._unsent:
            self._flowed = self._answered = now
        elif unsent < self._unsent:
            self._flowed = now
        self._unsent = unsent
        if self._leaving is not None:
            if now - self._leaving > _LEAVING_SECONDS:
                self.transport.abort()
        elif unsent:
            if now - self._flowed > limits.unread or now - self._answered > limits.answer:
                self.transport.abort()
        elif self._began is not None and not self._at_work() and now - self._began > limits.head:
            if self._asked and (self.cycle is None or self.conn.our_state is h11.IDLE):
                self._refuse(408, f"no whole request within {limits.head:g} s")
            else:
                self.transport.abort()

    def _at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, status: int, reason: str) -> None:
        """Answer without having understood a request, and leave once the client has had time to read it: closed at
        once, with bytes still unread, the connection would be reset and the answer lost.
        """
        body = json.dumps({"detail": reason}).encode()
        retry = "Retry-After: 5\r\n" if status == 503 else ""
        self.transport.write(
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n{retry}"
            f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        if self.transport.can_write_eof():
            self._leaving = self.loop.time()
            self.transport.write_eof()
        else:
            self.transport.close()


class PatientLoop(asyncio.SelectorEventLoop):
    """An event loop whose TLS handshakes have the deadline that the head of a request has."""

    async def create_server(self, *args: Any, **more: Any) -> asyncio.Server:
        """As asyncio has it."""
        deadline = {"ssl_handshake_timeout": Admission().head} if more.get("ssl") else {}
        return await super().create_server(*args, **{**more, **deadline})


def protocol_of(gate: Gate) -> Callable[..., asyncio.Protocol]:
    """What uvicorn makes for each connection."""

    def made(**given: Any) -> asyncio.Protocol:
        return Connection(gate, **given)

    return made
