"""What a stranger's client may send: each gets an answer of HTTP's own, never 500, and the log stays clean."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hosted import ROUTE, Hosted, wait_for

pytestmark = pytest.mark.server
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = f"POST {ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\n".encode()
END = b"\r\n"


@pytest.fixture(scope="module")
def server(scoring: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    made = Hosted(tmp_path_factory.mktemp("bad") / "home", scoring)
    made.token()
    yield made.start()
    made.close()


def exchange(server: Hosted, content: bytes, last: bool = True) -> list[tuple[int, bytes]]:
    """Everything that comes back, as statuses and what stands up to the next one."""
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), 60) as connection:
        connection.sendall(content)
        if last:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while True:
            try:
                part = connection.recv(1 << 16)
            except ConnectionError:
                break
            if not part:
                break
            found += part
    parts = re.split(rb"HTTP/1\.[01] (\d{3})", found)[1:]
    return [(int(parts[n]), parts[n + 1]) for n in range(0, len(parts), 2)]


CASES: dict[str, tuple[bytes, set[int]]] = {
    "a very long address": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414, 431}),
    "a long address": (b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {404, 414}),
    "a huge header": (GET + b"X: " + b"a" * 200_000 + END + END, {431}),
    "ten thousand headers": (GET + b"X: y\r\n" * 10_000 + END, {431}),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", {400}),
    "two hosts": (GET + b"Host: y\r\n\r\n", {400}),
    "a host that is none": (b"GET / HTTP/1.1\r\nHost: a b\x01/<>\r\n\r\n", {200, 400}),
    "a host with a path": (b"GET /x HTTP/1.1\r\nHost: a/healthz?\r\n\r\n", {400, 404}),
    "another site's absolute form": (
        b"GET http://example.org/ HTTP/1.1\r\nHost: example.org\r\n\r\n",
        {200, 400, 404, 421},
    ),
    "the absolute form": (b"GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n", {200, 400, 404}),
    "the authority form": (b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", {400, 404, 405, 501}),
    "the asterisk form": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {200, 204, 400, 404, 405}),
    "OPTIONS": (b"OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", {200, 204, 405}),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", {405, 501}),
    "a method of its own": (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", {405, 501}),
    "a method that is none": (b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", {200}),
    "HTTP/0.9": (b"GET /\r\n\r\n", {400}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "HTTP/9.9": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n", {400}),
    "nothing but line ends": (b"\r\n" * 2000, {400}),
    "a NUL in the address": (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "an encoded NUL": (b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "half an escape": (b"GET /%zz%2 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}),
    "bytes that are no text": (b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "raw bytes that are no text": (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}),
    "upwards": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404}),
    "upwards, encoded": (b"GET /%2e%2e/%2e%2e%2fetc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "upwards, encoded twice": (b"GET /%252e%252e/server.sqlite3 HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "upwards, below a folder": (b"GET /entries/..%5c..%5cserver.sqlite3 HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "a lone surrogate": (b"GET /%ed%a0%80 HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "line ends in the address": (b"GET /a%0d%0aX:%20y HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "an escape sequence in the address": (b"GET /%1b[2J%1b]0;x%07 HTTP/1.1\r\nHost: x\r\n\r\n", {404}),
    "a folded header": (GET + b"X: a\r\n b\r\n\r\n", {200, 400}),
    "a header without a colon": (GET + b"nonsense\r\n\r\n", {400}),
    "a header with a space in its name": (GET + b"Con tent: x\r\n\r\n", {400}),
    "a NUL in a header": (GET + b"X: a\x00b\r\n\r\n", {400}),
    "bytes in a tag": (GET + b"If-None-Match: \xff\xfe\r\n\r\n", {200}),
    "many tags": (GET + b"If-None-Match: " + b'"a",' * 3000 + END + END, {200, 431}),
    "ranges": (GET + b"Range: bytes=0-0," + b"1-2," * 2000 + END + END, {200, 416}),
    "a range": (GET + b"Range: bytes=-1\r\n\r\n", {200, 206}),
    "encodings": (GET + b"Accept-Encoding: " + b"gzip;q=0.0001, " * 500 + b"\xff\r\n\r\n", {200}),
    "a web socket": (
        GET + b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
        {200, 400, 426},
    ),
    "h2c": (GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", {200}),
    "an expectation of its own": (GET + b"Expect: a miracle\r\n\r\n", {200, 417}),
    "a bare line feed": (b"GET / HTTP/1.1\nHost: x\n\n", {200, 400}),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", {400}),
    "a length in words": (POST + b"Content-Length: many\r\n\r\n", {400}),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nhello", {400}),
    "a length of 5000 digits": (POST + b"Content-Length: " + b"9" * 5000 + END + END, {400, 401, 413}),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", {400}),
    "less than the length": (POST + b"Content-Length: 500\r\n\r\nhello", {400, 401}),
    "a length and chunks": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 401}),
    "a transfer of another kind": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", {400, 501}),
    "a chunk that lies": (POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n", {400, 401}),
    "a chunk without a size": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", {400, 401}),
    "a chunk of many digits": (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhello", {400, 401}),
    "a chunk with a long extension": (POST + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 30_000, {400, 401, 431}),
    "a long trailer": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 30_000, {400, 401, 431}),
    "a login of bytes": (POST + b"Authorization: Bearer \xff\xfe\x80\r\nContent-Length: 0\r\n\r\n", {400, 401}),
    "a login of another kind": (POST + b"Authorization: Basic Og==\r\nContent-Length: 0\r\n\r\n", {401}),
    "a login that is long": (
        POST + b"Authorization: Bearer " + b"a" * 15_000 + b"\r\nContent-Length: 0\r\n\r\n",
        {401, 431},
    ),
    "a query of bytes": (b"GET /?%ff&a=%00&" + b"x" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {200}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_gets_a_proper_answer(server: Hosted, name: str) -> None:
    content, allowed = CASES[name]
    answers = exchange(server, content)
    assert answers, "no answer"
    assert answers[0][0] in allowed, answers[0]
    assert all(status < 500 or status in (501, 505) for status, _ in answers)


def test_nothing_in_the_log_moves_a_terminal(server: Hosted) -> None:
    for content, _ in CASES.values():
        exchange(server, content)
    server.get("/the-last-one")
    wait_for(lambda: "the-last-one" in server.log())
    log = server.log()
    assert all(line[:2] == "20" for line in log.splitlines())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", log)
    assert "Traceback" not in log
    assert "a fault of the server's own" not in log
    assert all(len(line) < 1000 for line in log.splitlines())


def test_requests_in_a_row_are_answered_in_order(server: Hosted) -> None:
    paths = ("/healthz", "/nothing", "/assets/site.css", "/healthz")
    content = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in paths)
    assert [status for status, _ in exchange(server, content, last=False)] == [200, 404, 200, 200]


def test_head_is_get_without_a_body(server: Hosted) -> None:
    ((status, rest),) = exchange(server, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    assert (status, body) == (200, b"")
    assert int(re.search(rb"content-length: (\d+)", head)[1]) > 1000  # type: ignore[index]


def test_who_waits_to_continue_is_told_to(server: Hosted) -> None:
    token = server.token("Patient Lab").encode()
    head = POST + b"Authorization: Bearer " + token + b"\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
    head += b"Content-Digest: sha-256=:" + b"A" * 43 + b"=:\r\n"
    answers = exchange(server, head + b"\r\nhello", last=False)
    assert [status for status, _ in answers][-1] == 400
