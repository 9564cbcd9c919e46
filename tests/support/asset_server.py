"""A file server on this machine that misbehaves on request: what a download can meet, over a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loopback import Handler, listening

CONTENT = bytes(range(256)) * 4096
"""One mebibyte: several blocks of a download."""


@dataclass
class AssetServer:
    """Its address, and the request headers and paths it has seen."""

    address: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    breaks: int = 0


class _Assets(Handler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self.server.state.requests.append((self.path, self.headers.get("Range", "")))
        answer = getattr(self, f"get_{self.path.strip('/').replace('-', '_').partition('.')[0]}", None)
        if answer is None:
            self.send_error(404)
        else:
            answer()

    def get_good(self) -> None:
        self.send(200, CONTENT)

    def get_wrong(self) -> None:
        self.send(200, bytes(len(CONTENT)))

    def get_short(self) -> None:
        self.send(200, CONTENT[:-1])

    def get_truncated(self) -> None:
        self.send(200, CONTENT[: len(CONTENT) // 2], length=len(CONTENT))

    def get_breaking(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        stop = len(CONTENT) if self.server.state.breaks == 0 else start + 300_000
        self.server.state.breaks = max(0, self.server.state.breaks - 1)
        span = {"Content_Range": f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"} if start else {}
        self.send(206 if start else 200, CONTENT[start:stop], len(CONTENT) - start, ETag='"one"', **span)

    def get_restarting(self) -> None:
        stop = len(CONTENT) if self.server.state.breaks == 0 else 300_000
        self.server.state.breaks = max(0, self.server.state.breaks - 1)
        self.send(200, CONTENT[:stop], length=len(CONTENT), ETag='"one"')

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
        self.send(302, b"", Location="/good")

    def get_redirect_out(self) -> None:
        self.send(302, b"", Location="http://example.invalid/good")

    def get_hub(self) -> None:
        self.send(302, b"", Location="/wrong", X_Linked_ETag=f'"{"0" * 64}"')


@contextmanager
def serving() -> Iterator[AssetServer]:
    """A server whose paths are ``/good``, ``/wrong``, ``/short`` (another length stated), ``/truncated`` (fewer bytes
    than stated), ``/breaking`` (breaks off, then serves ranges), ``/restarting`` (breaks off, knows no ranges),
    ``/endless``, ``/hang``, ``/error``, ``/redirect``, ``/redirect-out``; anything else is 404.
    """
    state = AssetServer("")
    with listening(_Assets, state) as state.address:
        yield state
