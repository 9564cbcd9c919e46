"""Addresses that a stranger gives: of the web, and of a person. Shown as links, and fetched by whoever re-scores."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from leaderboard.entry.naming import in_latin, mixed_word

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+\.?")
_ESCAPED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|%(?:0[0-9A-Fa-f]|1[0-9A-Fa-f]|7[Ff])")
_MAIL: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?P<host>[A-Za-z0-9.-]{1,190})")
_NOT_PUBLIC: Final = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "arpa",
    "onion",
)
"""Last labels of hosts that no stranger reaches (RFC 6761, RFC 6762, RFC 8375, ICANN's reserved names)."""


def web_fault(text: str) -> str | None:
    """Why a text is no address of a page that anybody can open, or None.

    Example:
        >>> web_fault("https://example.org/a.zip") is None
        True
        >>> web_fault("https://us:secret@example.org/a.zip")
        "holds a user's name or password; everything here is published"
    """
    if not re.match(r"https?://", text):
        return "is no web address; expected https://…"
    if not text.isascii() or not text.isprintable() or any(character in text for character in " \"'<>\\`{}|^"):
        return "holds a character that a web address has to escape"
    if _ESCAPED.search(text):
        return "escapes a control character, or nothing, with %"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"is no web address ({error}); expected https://host/path"
    if "@" in parts.netloc:
        return "holds a user's name or password; everything here is published"
    return host_fault(host)


def host_fault(host: str) -> str | None:
    """Why a host's name is none that everybody reaches under it, or None."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _name_fault(host)
    return None if address.is_global else f'names the host "{host}", which only its own network reaches'


def _name_fault(host: str) -> str | None:
    labels = host.rstrip(".").split(".")
    if labels[-1].lower() in _NOT_PUBLIC:
        return f'names the host "{host}", which only its own network reaches'
    if not _HOST.fullmatch(host) or labels[-1].isdigit() or labels[-1].lower().startswith("0x"):
        return f'names the host "{host}"; expected one like example.org'
    for label in labels:
        if label.lower().startswith("xn--"):
            try:
                shown = label.encode().decode("idna")
            except UnicodeError:
                return f'names the host "{host}", whose part "{label}" is no internationalised name'
            if in_latin(shown).isascii() or mixed_word(shown):
                return f'names the host "{host}", which reads like "{in_latin(shown)}" and is another'
    return None


def contact_fault(text: str) -> str | None:
    """Why a text is neither an e-mail address nor a web address, or None.

    Example:
        >>> contact_fault("lab@example.org") is None
        True
        >>> contact_fault("mailto:lab@example.org?bcc=them@example.org")
        'is neither an e-mail address, like lab@example.org, nor a web address, like https://example.org/lab'
    """
    if re.match(r"https?://", text):
        return web_fault(text)
    found = _MAIL.fullmatch(text)
    if found is None or text.startswith(".") or ".." in text or ".@" in text:
        return "is neither an e-mail address, like lab@example.org, nor a web address, like https://example.org/lab"
    return _name_fault(found["host"])


def _web_address(text: str) -> str:
    fault = web_fault(text)
    if fault:
        raise ValueError(fault)
    return text


Url = Annotated[str, Field(max_length=500), AfterValidator(_web_address)]
