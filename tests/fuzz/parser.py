"""What the fuzzer reads: a parser of the project with its valid files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mutations import Kind

Read = Callable[[Path], object]
"""Reads a file at a path, or takes its content apart."""


@dataclass(frozen=True, slots=True)
class Parser:
    """What is read, as which kind of file, from where, starting from which valid contents. ``weight``: how many inputs
    it gets for each that a usual one gets; slow ones get fewer.
    """

    name: str
    kind: Kind
    path: Path
    read: Read
    more: tuple[bytes, ...] = field(default=())
    weight: float = 1.0

    def seeds(self) -> tuple[bytes, ...]:
        """The valid contents."""
        return (self.path.read_bytes(), *self.more) if self.path.exists() else self.more
