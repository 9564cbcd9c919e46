"""Where the files of a folder really lie: a data set may be links into other folders, on other disks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_FEW: Final = 256


def targets(folder: Path) -> list[Path]:
    """What links in ``folder``, and below it, lead to outside it; of many files the folders that they lie in."""
    inside = Path(os.path.realpath(folder))
    found: dict[Path, None] = {}
    waiting, seen = [inside], {inside}
    while waiting:
        for parent, folders, files in os.walk(waiting.pop()):
            for name in (*folders, *files):
                path = Path(parent, name)
                if not path.is_symlink():
                    continue
                target = Path(os.path.realpath(path))
                if target.exists() and not target.is_relative_to(inside) and target not in seen:
                    seen.add(target)
                    found[target] = None
                    if target.is_dir():
                        waiting.append(target)
    if len(found) <= _FEW:
        return list(found)
    return list(dict.fromkeys(path if path.is_dir() else path.parent for path in found))
