"""What lies in a folder in which files of some kinds are expected, one for each dialogue: what can be read, and what
stands in its place.

A suffix counts in small letters and in large ones. What systems and editors leave behind is passed over. All else is
said by name where a file is missing: it was meant as one, perhaps.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Final

from omnibench.errors import InputError
from omnibench.files.faults import shown

_LEFT_BEHIND: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "lost+found"})
_BACKUPS: Final = ("~", ".bak", ".orig", ".swp", ".swo")
_UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".incomplete", ".filepart", ".aria2", ".tmp")
_NAMED: Final = 3
_HINTS: Final[Mapping[str, str]] = {
    **dict.fromkeys((".mp3", ".m4a", ".opus", ".aac", ".aiff", ".aif", ".wma", ".oga"), "ffmpeg -i {name} {id}.wav"),
    **dict.fromkeys((".avi", ".mov", ".webm", ".mkv", ".m4v", ".mpg", ".mpeg", ".gif"), "ffmpeg -i {name} {id}.mp4"),
    **dict.fromkeys((".pt", ".pth", ".pkl", ".pickle"), "save the array with numpy.save; nothing is unpickled"),
    **dict.fromkeys((".csv", ".mat", ".h5", ".parquet"), "save the array with numpy.save"),
    **dict.fromkeys((".txt", ".srt", ".vtt", ".jsonl"), '{{"text": …, "words": [{{"text", "start", "end"}}, …]}}'),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in ``folder``.

    ``files`` are what has one of the suffixes and is a file, by dialogue, most wanted suffix first. ``faults`` says of
    a dialogue without such a file what stands in its place. ``others`` are the names of all that is neither.
    """

    folder: Path
    suffixes: tuple[str, ...]
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def names(self) -> Iterator[str]:
        """Every name that stands for a dialogue."""
        return chain(self.files, self.faults)

    def called(self, ids: Mapping[str, str]) -> Listing:
        """The same with dialogues instead of names; two names may be of one."""
        files: dict[str, tuple[Path, ...]] = {}
        for name, paths in self.files.items():
            files[ids[name]] = (*files.get(ids[name], ()), *paths)
        faults = {ids[name]: fault for name, fault in self.faults.items() if ids[name] not in files}
        return replace(self, files=files, faults=faults)

    def fault(self, dialogue: str) -> str:
        """Why a dialogue has no file, as far as something lies there that may be meant, or has more than one; else
        ``""``.
        """
        found = self.files.get(dialogue, ())
        if len(found) > 1:
            return f"{' and '.join(shown(p.name) for p in found)} are both there; expected one of them"
        if found or dialogue in self.faults:
            return self.faults.get(dialogue, "")
        near = (f"{dialogue}.", f"{dialogue}_")
        there = (*self.others, *(path.name for paths in self.files.values() for path in paths))
        meant = next((name for name in there if name.startswith(near) or f"_{dialogue}." in name), None)
        return "" if meant is None else self._instead(meant, dialogue)

    def nothing_read(self) -> str:
        """What lies there instead of files that can be read, or ``""`` where there are some, or there is nothing."""
        if self.files or not (self.faults or self.others):
            return ""
        if self.faults:
            dialogue = next(iter(self.faults))
            more = f"; {len(self.faults) - 1} more like it" if len(self.faults) > 1 else ""
            return f"{self.faults[dialogue]}{more}"
        name = self.others[0]
        return self._instead(name, "<id>" if (self.folder / name).is_dir() else Path(name).stem)

    def _instead(self, name: str, dialogue: str) -> str:
        there = named([shown(other) for other in self.others]) if dialogue == "<id>" else shown(name)
        ending = Path(name).suffix.lower()
        if ending in _UNFINISHED:
            return f"found {there}, a download that was not finished; get it again"
        hint = _HINTS.get(ending, "").format(name=shown(name), id=shown(dialogue))
        expected = f"expected {' or '.join(shown(dialogue) + suffix for suffix in self.suffixes)}"
        return f"found {there}; {expected}" + (f" ({hint})" if hint else "")


def list_folder(folder: Path, suffixes: Sequence[str]) -> Listing:
    """List a folder; an empty listing where there is none.

    Args:
        folder: whose files are named ``<id><suffix>``.
        suffixes: that can be read, the most wanted first.

    Raises:
        InputError: it is no folder, or cannot be looked into.
    """
    files: dict[str, list[Path]] = {}
    faults: dict[str, str] = {}
    others: list[str] = []
    for path in _entries(folder):
        if is_left_behind(path.name):
            continue
        if path.suffix.lower() not in suffixes:
            others.append(path.name)
        elif fault := _no_file(path):
            faults[path.stem] = f"{shown(path.name)} {fault}"
        else:
            files.setdefault(path.stem, []).append(path)
    ordered = {
        dialogue: tuple(sorted(paths, key=lambda path: (suffixes.index(path.suffix.lower()), path.name)))
        for dialogue, paths in files.items()
    }
    return Listing(folder, tuple(suffixes), ordered, {i: f for i, f in faults.items() if i not in files}, tuple(others))


def is_left_behind(name: str) -> bool:
    """Whether a file is none of anybody's data: hidden, an editor's backup, or what Windows and macOS leave."""
    return (
        name.startswith(".")
        or name.casefold() in _LEFT_BEHIND
        or name.lower().endswith(_BACKUPS)
        or (name.startswith("#") and name.endswith("#"))
    )


def named(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    found = list(names)
    more = len(found) - _NAMED
    return ", ".join(found) if more <= 1 else f"{', '.join(found[:_NAMED])} and {more} more"


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda path: path.name)
    except FileNotFoundError:
        if folder.is_symlink():
            raise InputError(f"{folder}: {_dangling(folder)}") from None
        return []
    except NotADirectoryError as error:
        raise InputError(f"{folder}: a file; expected a folder.") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be looked into ({error.strerror}).") from error


def _no_file(path: Path) -> str:
    """What stands there under a file's name, or ``""`` for a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "is a link that leads back to itself"
        if path.is_symlink() and error.errno in (errno.ENOENT, errno.ENOTDIR):
            return _dangling(path)
        return f"cannot be looked at ({error.strerror})"
    if stat.S_ISDIR(mode):
        return "is a folder; expected a file"
    if not stat.S_ISREG(mode):
        return "is a pipe, socket or device; expected a file"
    return "" if os.access(path, os.R_OK) else "may not be read by this user (Permission denied)"


def _dangling(path: Path) -> str:
    target = shown(str(path.readlink()))
    tool = "git annex get" if "annex/objects" in target else "git annex get, dvc pull or a new download"
    return f"is a link to {target}, which is not there: its content was not fetched ({tool} gets it)"
