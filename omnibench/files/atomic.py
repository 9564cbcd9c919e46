"""Atomic files: a reader sees the whole new file or the old one, never half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from omnibench.files.names import too_long


@contextmanager
def atomic_path(path: Path, writer: str = "", keep_first: bool = False) -> Iterator[Path]:
    """A temporary path in ``path``'s folder that replaces ``path`` when the block ends without an error.

    The folder is made if needed. The temporary name is fixed (``.NAME.tmp``), so that what a killed process left behind
    is overwritten by the next attempt rather than piling up; where several processes write the same file, each names
    itself (``.NAME.WRITER.tmp``) and the last one stands, or the first with ``keep_first``. After an error ``path`` is
    as it was. Raises OSError as the file system does (no space, read-only).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f".{path.name}.{writer}.tmp" if writer else f".{path.name}.tmp"
    temporary = path.with_name(
        f".{sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}.tmp" if too_long(name) else name
    )
    try:
        yield temporary
        sync(temporary)
        if keep_first:
            with suppress(FileExistsError):
                os.link(temporary, path)
        else:
            temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 ``content`` to ``path`` atomically, with line ends as they are."""
    write_bytes(path, content.encode("utf-8"))


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
