"""Sends an archive to a leaderboard's server: one request, its body streamed from the file.

    POST {server}/api/v1/submissions
    Authorization: Bearer <token>      Content-Type: application/zip
    Content-Length: <bytes>            Content-Digest: sha-256=:<base64>:      (RFC 9530)

Answer: 200, 201 or 202 with ``{"id", "status_url"}``; else ``{"detail": …}``, a text or a list of texts, is shown.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from leaderboard.entry.problems import Problem, SubmissionError
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.files.checked import parse_json
from omnibench.files.faults import shown

TOKEN_VARIABLE: Final = "OMNIBENCH_TOKEN"  # noqa: S105  (the variable's name)
ROUTE: Final = "/api/v1/submissions"
_TIMEOUT: Final = 300.0
_ANSWER_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server calls the submission, and where it says how it is getting on."""

    id: str
    status_url: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another address, and drop the body on the way."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post_archive(archive: Path, sha256: str, server: str, token: str) -> Receipt:
    """Post an archive.

    Args:
        archive: the file.
        sha256: its hex digest.
        server: like ``https://board.example.org``; plain http only to this machine.
        token: of the team.

    Raises:
        UsageError: no token, an address that is none, or a token that the server does not take.
        SubmissionError: the server refuses the archive, with its reasons.
        MissingError: the server cannot be reached, is out of order, or asks to wait.
    """
    address = _address(server)
    if not token:
        raise UsageError(f"No token: set {TOKEN_VARIABLE} to the one that the server's hosts gave your team.")
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    with archive.open("rb") as body:
        request = urllib.request.Request(  # noqa: S310  (https, or http to this machine: checked above)
            address,
            data=body,
            method="POST",
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/zip",
                "Content-Length": str(archive.stat().st_size),
                "Content-Digest": f"sha-256=:{digest}:",
                "Accept": "application/json",
            },
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
                return _receipt(address, answer.read(_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            raise _refusal(archive, address, error) from error
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise MissingError(f"{address}: not reachable ({reason}). The archive is kept; try again later.") from error


def _address(server: str) -> str:
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageError(f"--to {shown(server)}: expected an address like https://board.example.org.")
    if parts.scheme == "http" and not _this_machine(parts.hostname):
        raise UsageError(f"--to {shown(server)}: a token is sent over https alone, or to this machine.")
    return f"{server.rstrip('/')}{ROUTE}"


def _this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _receipt(address: str, content: bytes) -> Receipt:
    try:
        answer = parse_json(content)
        return Receipt(str(answer["id"]), urljoin(address, str(answer["status_url"])))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{address}: its answer is no {{id, status_url}} ({error}); is it a leaderboard?") from error


def _refusal(archive: Path, address: str, error: urllib.error.HTTPError) -> Exception:
    reasons = _reasons(error.read(_ANSWER_BYTES)) or [str(error.reason)]
    text = shown("; ".join(reasons), 600)
    if error.code in (401, 403):
        return UsageError(f"{address}: the token in {TOKEN_VARIABLE} is not accepted ({error.code}: {text}).")
    if error.code == 429 or error.code >= 500:
        wait = error.headers.get("Retry-After")
        later = f" in {shown(wait)} s" if wait and wait.isdigit() else " later"
        return MissingError(f"{address}: {error.code} {text}. The archive is kept; try again{later}.")
    if 300 <= error.code < 400:
        where = shown(error.headers.get("Location", "elsewhere"), 200)
        return UsageError(f"{address}: moved to {where}; tokens are not sent on. Name that server with --to.")
    return SubmissionError(str(archive), [Problem("", reason) for reason in reasons])


def _reasons(content: bytes) -> list[str]:
    try:
        detail = parse_json(content)["detail"]
    except (ValueError, KeyError, TypeError):
        return []
    return [str(item) for item in detail] if isinstance(detail, list) else [str(detail)]
