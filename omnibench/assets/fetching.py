"""Getting an asset onto this machine: from its servers, from a mirror, or from a file that somebody carried over.

Whatever happens, the assets folder then holds the whole file with the pinned sha256 or nothing at all. A broken
connection is taken up where it broke, a few times; what a killed process left behind is removed by the next attempt.

``$OMNIBENCH_MIRROR`` names a server that is asked for ``<mirror>/<file>`` instead of the publishers.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from ssl import SSLError
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

from omnibench.assets.finding import (
    FOLDER_VARIABLE,
    Asset,
    Url,
    assets_folder,
    check,
    how_to_get,
    locate,
    write_stamp,
)
from omnibench.errors import InputError, MissingError
from omnibench.files.atomic import atomic_path
from omnibench.files.hashing import file_sha256
from omnibench.files.locking import locked
from omnibench.system.loopback import is_loopback

MIRROR_VARIABLE: Final = "OMNIBENCH_MIRROR"
TIMEOUT: Final = 30.0
ATTEMPTS: Final = 4
LARGEST: Final = 4 << 30
"""Bytes that a file of unstated size may have."""

_BLOCK: Final = 1 << 18
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

OnBytes = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Line:
    """How the network is used: seconds without a byte before a connection counts as dead, attempts for one address, and
    seconds before the second attempt (doubled each time).
    """

    timeout: float = TIMEOUT
    attempts: int = ATTEMPTS
    pause: float = 1.0


def fetch(asset: Asset, on_bytes: OnBytes = lambda count: None, line: Line | None = None) -> Path:
    """The asset's file, downloaded unless it is there already.

    Args:
        asset: what to get.
        on_bytes: hears how many bytes more are there; negative when a download starts over.
        line: how the network is used.

    Returns:
        The verified file.

    Raises:
        MissingError: it cannot be had: no network, not on the server, the connection breaks again and again, or it
            comes with a package, whose install line is in the message.
        InputError: what came is not the pinned file, or the folder cannot be written.
    """
    present = locate(asset)
    if present is not None:
        check(asset, present)
        return present
    addresses = _addresses(asset)
    if not addresses:
        raise MissingError(f"{asset.name} comes with a package. Get it with: {how_to_get(asset)}")
    failures: list[OSError | MissingError | InputError] = []
    for address in addresses:
        try:
            with _arriving(asset) as file:
                digest = _download(asset, address, file, on_bytes, line or Line())
            return _arrived(asset, digest)
        except (MissingError, InputError) as error:
            failures.append(error)
    reasons = "; ".join(str(failure) for failure in failures)
    message = f"{asset.name}: {reasons}. {_by_hand(asset, addresses[0])}"
    if any(isinstance(failure, InputError) for failure in failures):
        raise InputError(message)
    raise MissingError(message)


def adopt(asset: Asset, source: Path) -> Path:
    """Copy a file that was fetched by other means into the assets folder.

    Raises:
        InputError: it is not there, is not the pinned file, or the folder cannot be written.
    """
    if not source.is_file():
        raise InputError(f"{source}: no such file; expected {asset.file} for {asset.name}.")
    found = file_sha256(source)
    if asset.sha256 and found != asset.sha256:
        raise InputError(
            f"{source}: sha256 {found} ({source.stat().st_size:,} bytes), expected {asset.sha256} "
            f"({asset.size:,} bytes) for {asset.name}. Fetch that file again, whole: {_first_url(asset)}"
        )
    with _arriving(asset) as file, source.open("rb") as content:
        shutil.copyfileobj(content, file)
    return _arrived(asset, found)


def allowed(address: str) -> bool:
    """Whether an address may be asked: https, or http on this machine itself.

    Example:
        >>> allowed("https://example.org/a"), allowed("http://127.0.0.1:8000/a"), allowed("http://example.org/a")
        (True, True, False)
    """
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def _addresses(asset: Asset) -> list[str]:
    published = [source.url for source in asset.sources if isinstance(source, Url)]
    mirror = os.environ.get(MIRROR_VARIABLE)
    return [f"{mirror.rstrip('/')}/{asset.file}"] if mirror and published else published


def _first_url(asset: Asset) -> str:
    return next(iter(_addresses(asset)), how_to_get(asset))


def _by_hand(asset: Asset, address: str) -> str:
    return (
        f"By hand: get {address} on any machine, then `omnibench assets fetch {asset.name} --from FILE`, "
        f"or put it at {assets_folder() / asset.file}"
    )


@contextmanager
def _arriving(asset: Asset) -> Iterator[IO[bytes]]:
    """A temporary file in the assets folder that becomes the asset's file when the block ends, and else is gone."""
    target = assets_folder() / asset.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        free = shutil.disk_usage(target.parent).free
        if free < asset.size:
            raise InputError(
                f"{target.parent}: {free:,} bytes free, {asset.size:,} are needed. Free some space, or set "
                f"{FOLDER_VARIABLE} to a folder on another disk"
            )
        # Locked until it has its name: others sweep away what nobody holds.
        with ExitStack() as held, atomic_path(target, writer=uuid4().hex) as temporary:
            held.enter_context(locked(temporary, wait=False))
            file = held.enter_context(temporary.open("w+b"))
            yield file
            file.flush()
    except OSError as error:
        raise InputError(
            f"{target.parent}: cannot be written ({error.strerror or error}). Free some space or set {FOLDER_VARIABLE} "
            f"to another folder"
        ) from error


def _sweep(target: Path) -> None:
    """Remove what killed attempts at this file left behind; one that is under way holds a lock and is left alone."""
    for part in target.parent.glob(f".{target.name}.*.tmp"):
        with locked(part, wait=False) as left:
            if left:
                part.unlink(missing_ok=True)


def _arrived(asset: Asset, digest: str) -> Path:
    path = assets_folder() / asset.file
    write_stamp(path, digest)
    return path


def _download(asset: Asset, address: str, file: IO[bytes], on_bytes: OnBytes, line: Line) -> str:
    """Fill ``file`` from one address. Returns its sha256.

    Raises:
        MissingError, InputError: as `fetch`, for this address; OSError where the file cannot be written.
    """
    transfer = _Transfer(asset, address, file, on_bytes, line.timeout)
    reason = ""
    for attempt in range(line.attempts):
        if attempt:
            time.sleep(line.pause * 2 ** (attempt - 1))
        try:
            if transfer.go_on():
                return transfer.verified()
            reason = f"the connection ended after {transfer.received:,} of {transfer.expected:,} bytes"
        except HTTPError as error:
            reason = f"the server says {error.code} {error.reason}"
            if error.code < 500 and error.code not in (408, 429):
                break
        except (URLError, HTTPException, SSLError, TimeoutError, ConnectionError) as error:
            reason = f"no connection ({getattr(error, 'reason', None) or error or type(error).__name__})"
    raise MissingError(f"{address}: {reason}")


class _Transfer:
    """One file on its way from one address, over as many connections as it takes."""

    def __init__(self, asset: Asset, address: str, file: IO[bytes], on_bytes: OnBytes, timeout: float) -> None:
        self._asset, self._address, self._file = asset, address, file
        self._on_bytes, self._timeout = on_bytes, timeout
        self._digest = hashlib.sha256()
        self._tag = ""
        self._stated_sha256 = ""
        self.received, self.expected = 0, asset.size

    def go_on(self) -> bool:
        """Take up the transfer where it stands. Returns whether the file is whole.

        Raises:
            InputError: an address that may not be asked, or more bytes than the file has.
            OSError, HTTPException: whatever the network does.
        """
        if not allowed(self._address):
            raise InputError(f"{self._address}: only https is fetched, and http from this machine itself")
        headers = {"User-Agent": "omnibench", "Accept-Encoding": "identity"}
        if self.received and self._tag:
            headers |= {"Range": f"bytes={self.received}-", "If-Range": self._tag}
        request = Request(self._address, headers=headers)  # noqa: S310
        with build_opener(_CheckedRedirects(self)).open(request, timeout=self._timeout) as response:
            self._begin(response)
            while block := response.read(_BLOCK):
                self._take(block)
        return self.received >= self.expected > 0 or self.expected == 0

    def note_headers(self, headers: Any) -> None:
        """Remember what the publisher says of the file: its sha256, where the hub that stores it states one."""
        tag = str(headers.get("X-Linked-ETag", "")).strip('"')
        if _SHA256.fullmatch(tag):
            self._stated_sha256 = tag

    def verified(self) -> str:
        """The sha256 of the whole file. Raises InputError where it is not the pinned or stated one."""
        found = self._digest.hexdigest()
        expected = self._asset.sha256 or self._stated_sha256
        if expected and found != expected:
            raise InputError(
                f"{self._address}: sha256 {found} ({self.received:,} bytes), expected {expected} "
                f"({self.expected:,} bytes); nothing was kept"
            )
        return found

    def _begin(self, response: HTTPResponse) -> None:
        self.note_headers(response.headers)
        self._tag = response.headers.get("ETag", "")
        resumed = response.headers.get("Content-Range", "").startswith(f"bytes {self.received}-")
        if self.received and not (response.status == 206 and resumed):
            self._on_bytes(-self.received)
            self._file.seek(0)
            self._file.truncate()
            self._digest, self.received = hashlib.sha256(), 0
        length = response.headers.get("Content-Length", "")
        stated = self.received + int(length) if length.isdigit() else self._asset.size
        if self._asset.size and stated != self._asset.size:
            raise InputError(
                f"{self._address}: the server's file has {stated:,} bytes, {self._asset.name} has "
                f"{self._asset.size:,}; nothing was kept"
            )
        self.expected = stated

    def _take(self, block: bytes) -> None:
        self.received += len(block)
        if self.received > (self.expected or LARGEST):
            raise InputError(
                f"{self._address}: more than the {self.expected or LARGEST:,} bytes that {self._asset.name} has; "
                f"nothing was kept"
            )
        self._digest.update(block)
        self._file.write(block)
        self._on_bytes(len(block))


class _CheckedRedirects(HTTPRedirectHandler):
    """Follows redirects to addresses that may be asked, and never from https to plain http."""

    def __init__(self, transfer: _Transfer) -> None:
        self._transfer = transfer

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The request that follows a redirect. Raises InputError for an address that may not be asked."""
        downgraded = urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https"
        if downgraded or not allowed(newurl):
            raise InputError(f"{req.full_url}: redirects to {newurl}; only https is followed")
        self._transfer.note_headers(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
