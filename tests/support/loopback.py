"""A web server on this machine, on a free port, for as long as a test wants it: downloads and answers over a real
socket.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Holds what its handlers have seen, in ``state``."""

    daemon_threads = True
    state: Any

    def handle_error(self, *_: object) -> None:
        """A client that leaves early is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """Quiet, and sends a whole answer at once."""

    server: Server

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def send(self, status: int, content: bytes, length: int | None = None, **headers: str) -> None:
        """An answer; ``length`` is stated instead of the content's. Of a header's name, ``_`` stands for ``-``."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def listening(handler: type[Handler], state: Any) -> Iterator[str]:
    """The address of a server whose handlers find ``state`` at ``self.server.state``."""
    server = Server(("127.0.0.1", 0), handler)
    server.state = state
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
