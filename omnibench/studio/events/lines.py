"""The lines of the situations: ``lines/<name>.txt``, one a line, its parts separated by ``|``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

LINES: Final = Path(__file__).parent / "lines"


@cache
def read_lines(name: str) -> tuple[tuple[str, ...], ...]:
    """The parts of each line of a file.

    Example:
        >>> read_lines("repair")[0]
        ('Sorry, what?',)
    """
    text = (LINES / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(tuple(part.strip() for part in line.split("|")) for line in text.splitlines() if line.strip())


def all_lines() -> dict[str, tuple[str, ...]]:
    """Every text that anybody may say, by file."""
    return {
        path.stem: tuple(part for parts in read_lines(path.stem) for part in parts)
        for path in sorted(LINES.glob("*.txt"))
    }
