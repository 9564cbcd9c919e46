"""Posting an archive to a server, over real HTTP on this machine: what arrives, and what its answers become."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from leaderboard.archive.posting import Receipt, post_archive
from leaderboard.entry.problems import SubmissionError
from omnibench.errors import InputError, MissingError, OmnibenchError, UsageError

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Board(BaseHTTPRequestHandler):
    """Answers as it is told to, and remembers what came."""

    answer: tuple[int, dict[str, str], bytes] = (201, {}, b"")
    seen: list[tuple[str, dict[str, str], bytes]] = []  # noqa: RUF012  (emptied by the fixture)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        status, headers, content = self.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    Board.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Board) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a.zip").write_bytes(CONTENT)
    return tmp_path / "a.zip"


def test_what_arrives_and_what_comes_back(server: str, archive: Path) -> None:
    Board.answer = (202, {}, json.dumps({"id": "s-1", "status_url": "/api/v1/submissions/s-1"}).encode())
    receipt = post_archive(archive, SHA256, f"{server}/", "secret")
    assert receipt == Receipt("s-1", f"{server}/api/v1/submissions/s-1")
    path, headers, body = Board.seen[0]
    assert (path, body) == ("/api/v1/submissions", CONTENT)
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Type"] == "application/zip"
    assert base64.b64decode(headers["Content-Digest"].removeprefix("sha-256=:").removesuffix(":")).hex() == SHA256


@pytest.mark.parametrize(
    ("status", "headers", "content", "error", "said"),
    [
        (422, {}, b'{"detail": ["text/a.json: no", "audio: \\u001b[2J"]}', SubmissionError, "text/a.json: no"),
        (413, {}, b'{"detail": "too large"}', SubmissionError, "too large"),
        (401, {}, b'{"detail": "unknown token"}', UsageError, "OMNIBENCH_TOKEN"),
        (429, {"Retry-After": "30"}, b"{}", MissingError, "in 30 s"),
        (503, {}, b"<html>", MissingError, "try again later"),
        (302, {"Location": "https://evil.example.org/"}, b"", UsageError, "tokens are not sent on"),
        (200, {}, b"<html>", InputError, "is it a leaderboard"),
    ],
)
def test_refusals(
    server: str, archive: Path, status: int, headers: dict[str, str], content: bytes, error: type, said: str
) -> None:
    Board.answer = (status, headers, content)
    with pytest.raises(OmnibenchError, match=said) as refusal:
        post_archive(archive, SHA256, server, "secret")
    assert type(refusal.value) is error
    assert "\x1b" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://board.example.org", "https alone"),
        ("ftp://127.0.0.1", "expected an address"),
        ("https://user:word@board.example.org", "expected an address"),
        ("board.example.org", "expected an address"),
    ],
)
def test_addresses_that_get_no_token(archive: Path, address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        post_archive(archive, SHA256, address, "secret")


def test_nobody_there(archive: Path, server: str) -> None:
    with pytest.raises(UsageError, match="OMNIBENCH_TOKEN"):
        post_archive(archive, SHA256, server, "")
    with pytest.raises(MissingError, match="not reachable"):
        post_archive(archive, SHA256, "http://127.0.0.1:9", "secret")
