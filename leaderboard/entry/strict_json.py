"""JSON of a stranger: UTF-8, no key twice, no NaN or infinity, not too deep, not too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from leaderboard.entry.plain_text import text_fault
from omnibench.files import checked
from omnibench.files.checked import JsonFault

_DEPTH: Final = 24


def read_json_file(path: Path, most_bytes: int) -> Any:
    """Parse a file. Raises JsonFault for anything that is not plain JSON within the limits."""
    size = path.stat().st_size
    if size > most_bytes:
        raise JsonFault(f"{size} bytes, expected at most {most_bytes}")
    return parse_json(path.read_bytes())


def parse_json(content: bytes) -> Any:
    """Parse a document whose size was checked. Raises JsonFault."""
    return checked.parse_json(content, _DEPTH)


def markup_fault(value: Any, where: str = "") -> str | None:
    """The first string of a document, key or value, that is not plain text: where, and why; or None."""
    if isinstance(value, str):
        fault = text_fault(value, breaks=True)
        return f'field "{where}" {fault}' if fault else None
    items: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        for key in value:
            if text_fault(key):
                return f'the key "{key}" {text_fault(key)}'
        items = list(value.items())
    elif isinstance(value, list):
        items = [(str(number), item) for number, item in enumerate(value)]
    for key, item in items:
        fault = markup_fault(item, f"{where}.{key}" if where else key)
        if fault:
            return fault
    return None
