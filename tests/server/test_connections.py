"""Clients that connect and do not ask, ask by halves, or do not read: they are ended, and keep nobody else out."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hosted import ROUTE, Hosted

pytestmark = pytest.mark.server
HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
HEAD_SECONDS = 10


@pytest.fixture(scope="module")
def server(scoring: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    made = Hosted(tmp_path_factory.mktemp("connections") / "home", scoring)
    made.token()
    yield made.start("--connections", "40", "--per-address", "30")
    made.close()


def connect(server: Hosted, source: str = "127.0.0.1") -> socket.socket:
    """A connection from one of the addresses that are all this machine's."""
    address = urlsplit(server.url)
    return socket.create_connection((str(address.hostname), address.port or 0), 60, (source, 0))


def ask(connection: socket.socket, path: str) -> http.client.HTTPResponse:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1000) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.settimeout(60)


def test_half_requests_keep_nobody_out(server: Hosted) -> None:
    with ExitStack() as stack:
        halves = [stack.enter_context(connect(server)) for _ in range(256)]
        for half in halves:
            half.sendall(HALF) if is_open(half) else None
        for path in ("/healthz", "/", "/api/v1/entries"):
            begun = time.monotonic()
            assert server.get(path).status == 200
            assert time.monotonic() - begun < 5
        assert sum(map(is_open, halves)) <= 30
        other = stack.enter_context(connect(server, "127.0.0.2"))
        assert ask(other, "/").status == 200


@pytest.mark.parametrize(
    "begin",
    [b"", HALF, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ch"],
    ids=["nothing", "a header", "a chunked one"],
)
def test_a_head_has_a_deadline_however_slowly_it_comes(server: Hosted, begin: bytes) -> None:
    begun, said = time.monotonic(), b""
    with connect(server) as connection:
        connection.sendall(begin)
        connection.settimeout(0.5)
        while time.monotonic() - begun < 4 * HEAD_SECONDS:
            try:
                said = connection.recv(1000)
                break
            except TimeoutError:
                connection.sendall(b"x" if begin else b"")
            except ConnectionError:
                break
    assert HEAD_SECONDS - 1 < time.monotonic() - begun < 2.5 * HEAD_SECONDS
    assert said.startswith(b"HTTP/1.1 408 ") if begin else said == b""


def test_a_body_that_nobody_reads_does_not_hold_the_connection(server: Hosted) -> None:
    begun = time.monotonic()
    with connect(server) as connection:
        connection.sendall(f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        connection.settimeout(0.5)
        said = b""
        while time.monotonic() - begun < 60:
            try:
                part = connection.recv(1000)
                said += part
                if not part:
                    break
            except TimeoutError:
                connection.sendall(b"1\r\nx\r\n")
            except ConnectionError:
                break
    assert said.startswith(b"HTTP/1.1 401 ")
    assert time.monotonic() - begun < 50


def test_who_asks_before_sending_is_answered_at_once(server: Hosted) -> None:
    with connect(server) as connection:
        connection.sendall(
            f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        begun = time.monotonic()
        assert connection.recv(1000).startswith(b"HTTP/1.1 401 ")
        assert time.monotonic() - begun < 5


def test_busy_addresses_wait_and_health_is_told(server: Hosted) -> None:
    """Thirty requests that the server is at work for, from one address, then ten more of another."""
    sending = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode()
    with ExitStack() as stack:
        for source, count in (("127.0.0.1", 30), ("127.0.0.3", 10)):
            for _ in range(count):
                stack.enter_context(connect(server, source)).sendall(sending)
        time.sleep(1)
        for source in ("127.0.0.1", "127.0.0.3", "127.0.0.4"):
            with connect(server, source) as connection:
                answer = ask(connection, "/")
                assert (answer.status, answer.getheader("Retry-After")) == (503, "5")
                assert json.loads(answer.read())["detail"] == "the server is busy; try again"
            with connect(server, source) as connection:
                assert ask(connection, "/healthz").status == 200


def test_who_reads_nothing_is_given_up(server: Hosted) -> None:
    with connect(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(400):
            connection.sendall(b"GET /assets/site.js HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            time.sleep(1)
            try:
                connection.sendall(b"G")
            except ConnectionError:
                return
    raise AssertionError("still open")


def test_a_proxys_clients_are_told_apart(scoring: list[str], tmp_path: Path) -> None:
    """Only a proxy that is named is believed; its own connections are not counted as one client's."""
    made = Hosted(tmp_path / "home", scoring)
    made.token()
    made.start("--per-address", "3", "--proxy", "127.0.0.2/32")
    sending = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Forwarded-For: %s\r\n\r\n"

    def asked_by(source: str, client: str) -> int:
        with connect(made, source) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status

    try:
        with ExitStack() as stack:
            for _ in range(3):
                for client in ("192.0.2.1", "2001:db8::1"):
                    stack.enter_context(connect(made, "127.0.0.2")).sendall((sending % client).encode())
            time.sleep(1)
            assert asked_by("127.0.0.2", "192.0.2.1") == 503
            assert asked_by("127.0.0.2", "2001:db8::2") == 503
            assert asked_by("127.0.0.2", "192.0.2.2") == 200
            assert asked_by("127.0.0.2", "spoofed, 192.0.2.1") == 503
            assert asked_by("127.0.0.2", "nonsense\x80") == 200
            assert asked_by("127.0.0.3", "192.0.2.1") == 200
    finally:
        made.close()
    assert "--proxy: " in made.command("serve", "--proxy", "somewhere").stderr
