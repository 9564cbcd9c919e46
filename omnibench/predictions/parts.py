"""Which files of a folder of answers are whose: the part's folder, or one below it that a data set's layout has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from omnibench.errors import InputError
from omnibench.files.faults import shown
from omnibench.files.listing import Listing, is_left_behind, list_folder, named

_ANSWERER: Final = "listener"
_OTHER: Final = "speaker"
_DEEPEST: Final = 2


def list_part(root: Path, part: str, suffixes: Sequence[str]) -> Listing:
    """The files of a part; where its folder holds none, but one folder, or the listener's, theirs.

    Raises:
        InputError: it is no folder, or cannot be looked into.
    """
    first = found = list_folder(root / part, suffixes)
    for _ in range(_DEEPEST):
        if found.files or found.faults:
            return found
        below = [name for name in found.others if (found.folder / name).is_dir() and name != _OTHER]
        if _ANSWERER in below:
            below = [_ANSWERER]
        if len(below) != 1:
            return first
        found = list_folder(found.folder / below[0], suffixes)
    return found if found.files or found.faults else first


def unread(root: Path, part: str, listing: Listing, others: Mapping[str, Iterable[str]]) -> str:
    """What lies in the place of a part of which nothing can be read, or ``""``.

    Args:
        root: the folder of answers.
        part: of it.
        listing: of that part.
        others: the names of every part, with the dialogues that it has.
    """
    what = listing.nothing_read()
    if what:
        return f"{listing.folder}: {what}."
    if listing.files:
        return ""
    known = {dialogue for dialogues in others.values() for dialogue in dialogues}
    for folder in _folders(root):
        if folder.name in others:
            continue
        if folder.name.lower() in (part, f"{part}s") or known & {*list_folder(folder, listing.suffixes).files}:
            return f"{root}: found the folder {shown(folder.name)}; expected {part}. Rename it."
    return ""


def require_parts(root: Path, parts: Iterable[str]) -> None:
    """Raises InputError for a folder without any of the parts, with what lies there instead."""
    known = list(parts)
    if any((root / part).is_dir() for part in known) or (root / "run.json").is_file():
        return
    expected = f"none of {', '.join(f'{part}/' for part in known)} in it; expected predictions"
    inner = root
    for _ in range(_DEEPEST):
        below = list(_folders(inner))
        if len(below) != 1:
            break
        inner = below[0]
        if any((inner / part).is_dir() for part in known):
            raise InputError(f"{root}: {expected}. All of it lies in {inner.name}/ below: name that folder, {inner}.")
    there = sorted(path.name for path in root.iterdir() if not is_left_behind(path.name))
    raise InputError(f"{root}: {expected}" + (f", found {named(map(shown, there))}." if there else "."))


def _folders(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.iterdir()) if not is_left_behind(path.name) and path.is_dir())
