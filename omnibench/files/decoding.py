"""The text of a stranger's file: UTF-8 with or without a byte order mark, UTF-16 and UTF-32 where they say so; TOML.

Windows' tools write marks: PowerShell's Set-Content and Notepad before UTF-8, PowerShell's ``>`` before UTF-16.
"""

from __future__ import annotations

import codecs
import json
import math
import tomllib
from collections.abc import Iterator
from typing import Any, Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARK: Final = "\ufeff"
INTEGER_BITS: Final = 64


class TextFault(ValueError):
    """What is wrong with a document, in words; ``cure`` is what to do about it, a sentence, or ``""``."""

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure


def decoded(content: bytes, code: str = "") -> str:
    """The text of a file, without a byte order mark.

    Args:
        content: of a file.
        code: what it is where no mark says it; UTF-8 by default.

    Raises:
        TextFault: it is none of these; the cure is how to convert it.
    """
    found = next((name for mark, name in _MARKS if content.startswith(mark)), code or "utf-8")
    try:
        return content.decode(found).lstrip(_MARK)
    except UnicodeDecodeError as error:
        if found not in ("utf-8", "utf-8-sig"):
            raise TextFault(f"not {found.upper()} text at byte {error.start}, as which it begins") from error
        guess = "UTF-16" if b"\0" in content[:4] else "WINDOWS-1252"
        raise TextFault(
            f"not UTF-8 text at byte {error.start}", f"Save it as UTF-8: iconv -f {guess} -t UTF-8 OLD > NEW."
        ) from error


def decoded_json(content: bytes) -> str:
    """`decoded`; a JSON document begins with an ASCII character, whose zero bytes tell UTF-16 and UTF-32 without a
    mark.
    """
    code = json.detect_encoding(content) if b"\0" in content[:4] else ""
    return decoded(content, code if code and content.strip(b"\0") else "")


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a JSONL document, each ending at its line feed, without byte order marks; the last is what stands
    behind the last line feed. Raises TextFault for UTF-16.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TextFault("UTF-16 text, expected UTF-8", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW.")
    return [line.removeprefix(codecs.BOM_UTF8) for line in content.split(b"\n")]


def parse_toml(content: bytes) -> dict[str, Any]:
    """A TOML document with finite numbers of 64 bits. Raises TextFault, also for one that is nested too deeply."""
    text = decoded(content)
    try:
        found = tomllib.loads(text)
        odd = next((fault for fault in _odd_numbers(found)), None)
    except RecursionError as error:
        raise TextFault("nested too deeply") from error
    except ValueError as error:
        raise TextFault(str(error)) from error
    if odd is not None:
        raise TextFault(odd)
    return found


def _odd_numbers(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _odd_numbers(item, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _odd_numbers(item, f"{where}[{number}]")
    elif isinstance(value, int) and value.bit_length() > INTEGER_BITS:
        yield f'field "{where}": the number is too large'
    elif isinstance(value, float) and not math.isfinite(value):
        yield f'field "{where}": {value}, expected a finite number'
