"""A file server on this machine that misbehaves on request: what a download can meet, over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 4096
"""One mebibyte: several blocks of a download."""


@dataclass
class AssetServer:
    """Its address, and the request headers and paths it has seen."""

    address: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    breaks: int = 0


@contextmanager
def serving() -> Iterator[AssetServer]:
    """A server whose paths are ``/good``, ``/wrong``, ``/short`` (another length stated), ``/truncated`` (fewer bytes
    than stated), ``/breaking`` (breaks off, then serves ranges), ``/restarting`` (breaks off, knows no ranges),
    ``/endless``, ``/hang``, ``/error``, ``/redirect``, ``/redirect-out``; anything else is 404.
    """
    state = AssetServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            state.requests.append((self.path, self.headers.get("Range", "")))
            answer = getattr(self, f"get_{self.path.strip('/').replace('-', '_').partition('.')[0]}", None)
            if answer is None:
                self.send_error(404)
            else:
                answer()

        def answer(self, body: bytes, length: int | None = None, code: int = 200, **headers: str) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def get_good(self) -> None:
            self.answer(CONTENT)

        def get_wrong(self) -> None:
            self.answer(bytes(len(CONTENT)))

        def get_short(self) -> None:
            self.answer(CONTENT[:-1])

        def get_truncated(self) -> None:
            self.answer(CONTENT[: len(CONTENT) // 2], length=len(CONTENT))

        def get_breaking(self) -> None:
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            stop = len(CONTENT) if state.breaks == 0 else start + 300_000
            state.breaks = max(0, state.breaks - 1)
            span = {"Content_Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"} if start else {}
            self.answer(
                CONTENT[start:stop], length=len(CONTENT) - start, code=206 if start else 200, ETag='"one"', **span
            )

        def get_restarting(self) -> None:
            stop = len(CONTENT) if state.breaks == 0 else 300_000
            state.breaks = max(0, state.breaks - 1)
            self.answer(CONTENT[:stop], length=len(CONTENT), ETag='"one"')

        def get_endless(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT * 2)

        def get_hang(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            time.sleep(1.5)

        def get_error(self) -> None:
            self.send_error(500)

        def get_redirect(self) -> None:
            self.answer(b"", code=302, Location="/good")

        def get_redirect_out(self) -> None:
            self.answer(b"", code=302, Location="http://example.invalid/good")

        def get_hub(self) -> None:
            self.answer(b"", code=302, Location="/wrong", X_Linked_ETag=f'"{"0" * 64}"')

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that leaves early is part of the tests."""

    server = Quiet(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
