"""Where the files of a folder really lie: a data set may be links into other folders, on other disks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FEW: Final = 256


def targets(folder: Path) -> list[Path]:
    """What links in ``folder``, and below it, lead to outside it; of many files the folders that they lie in."""
    inside = Path(os.path.realpath(folder))
    found: dict[Path, None] = {}
    waiting = [inside]
    while waiting:
        for link in _links(waiting.pop()):
            target = Path(os.path.realpath(link))
            if target.exists() and not target.is_relative_to(inside) and target not in found:
                found[target] = None
                waiting.append(target)
    if len(found) <= _FEW:
        return list(found)
    return list(dict.fromkeys(path if path.is_dir() else path.parent for path in found))


def _links(folder: Path) -> Iterator[str]:
    # Not by `pathlib`: a cache holds a hundred thousand files, of which the folder's listing itself says the kind.
    waiting = [str(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                yield entry.path
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
