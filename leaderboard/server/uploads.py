"""A request's body onto the disk: counted, hashed, complete, or nothing.

The body lies in ``incoming/`` until it is whole and the right one, is forced to the disk, and then gets its name in
``uploads/`` in one step. Only after that is a row written, so a row always has its archive; an archive without a row is
swept at the next start.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import errno
import hashlib
import os
import re
import time
from pathlib import Path
from typing import BinaryIO, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from leaderboard.server.settings import Intake
from omnibench.files.atomic import sync

_BLOCK: Final = 1 << 20
_DIGEST: Final = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/]{43}=):\s*(?:;[^,]*)?(?=,|$)")
_WANTED: Final = {"Want-Content-Digest": "sha-256=10"}
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def stated_digest(header: str | None) -> str:
    """The hex sha256 of ``Content-Digest: sha-256=:<base64>:`` (RFC 9530), whatever other digests stand beside it.

    Raises:
        HTTPException: 400, there is none.
    """
    match = _DIGEST.search(header or "")
    try:
        digest = base64.b64decode(match.group(1), validate=True) if match else b""
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise HTTPException(400, "Content-Digest: expected sha-256=:<base64>: of the archive", _WANTED)
    return digest.hex()


def check_headers(request: Request, intake: Intake) -> None:
    """Refuse by its headers what need not be read.

    Raises:
        HTTPException: 413 too large, 415 no zip archive, 400 empty.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/zip" or "content-encoding" in request.headers:
        expected = "expected Content-Type: application/zip, and no Content-Encoding"
        raise HTTPException(415, expected, {"Accept": "application/zip"})
    length = request.headers.get("content-length")
    if length is not None and int(length) > intake.archive_bytes:
        raise _too_large(intake)
    if length is not None and int(length) == 0:
        raise HTTPException(400, "the request has no body; expected the archive")


async def receive(request: Request, part: Path, final: Path, sha256: str, intake: Intake) -> int:
    """Store the body as ``final``.

    Args:
        request: its body has not been read.
        part: where it lies meanwhile; gone afterwards, whatever happens.
        final: in a folder of the same file system.
        sha256: hex, what it has to be.
        intake: the limits.

    Returns:
        Its size in bytes.

    Raises:
        HTTPException: 400 another body than the digest says, 408 nothing arrives, 413 too large, 503 the disk is full.
        ClientDisconnect: the sender has gone.
    """
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            size, found = await _copy(request, output, intake)
        if found != sha256:
            message = f"Content-Digest: says sha256 {sha256[:12]}…, what arrived ({size} bytes) has {found[:12]}…"
            raise HTTPException(400, message, _WANTED)
        await run_in_threadpool(_settle, part, final)
        return size
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise HTTPException(503, "the server's disk is full; its hosts have to make room", {"Retry-After": "3600"}) \
            from error  # fmt: skip
    finally:
        part.unlink(missing_ok=True)


async def _copy(request: Request, output: BinaryIO, intake: Intake) -> tuple[int, str]:
    digest, size, pending = hashlib.sha256(), 0, bytearray()
    begun = time.monotonic()

    def flush() -> None:
        digest.update(pending)
        output.write(pending)
        pending.clear()

    body = request.stream()
    while True:
        try:
            pending += await asyncio.wait_for(anext(body), intake.patience)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            raise HTTPException(408, f"nothing arrived for {intake.patience:g} s") from error
        if size + len(pending) > intake.archive_bytes:
            raise _too_large(intake)
        late = time.monotonic() - begun - intake.patience
        if size + len(pending) < late * intake.least_rate:
            raise HTTPException(408, f"less than {intake.least_rate} bytes a second arrived")
        if len(pending) >= _BLOCK:
            size += len(pending)
            await run_in_threadpool(flush)
    size += len(pending)
    await run_in_threadpool(flush)
    return size, digest.hexdigest()


def _settle(part: Path, final: Path) -> None:
    sync(part)
    part.replace(final)
    sync(final.parent)


def _too_large(intake: Intake) -> HTTPException:
    return HTTPException(413, f"the archive is too large; expected at most {intake.archive_bytes} bytes")
